using System.Net;
using System.Security.Cryptography.X509Certificates;
using AuthGateway.Scenarios.Attacks;
using AuthGateway.Scenarios.SignIn;
using AuthGateway.Scenarios.Support;
using AuthGateway.TestKit.Certificates;
using AuthGateway.TestKit.Gateway;
using HttpVersion = AuthGateway.Scenarios.Attacks.HttpVersion;

namespace AuthGateway.Scenarios.SignOn;

/// <summary>A gateway where people come in by ticket, certificate, forwarder or name, before the bed's directory and an upstream that keeps what reaches it.</summary>
public sealed class SignOnGateway : IAsyncLifetime
{
    public const string Mail = "mail.bed.test";
    public const string Dav = "dav.bed.test";
    public const string Eas = "eas.bed.test";

    private static int s_forwarders;
    private static int s_insiders;

    /// <summary>A forwarder whose header is believed; another one each time, so that equal refusals are not folded into one record.</summary>
    public static IPAddress Forwarder => IPAddress.Parse($"127.0.0.{193 + (Interlocked.Increment(ref s_forwarders) % 30)}");

    /// <summary>An address of the network inside; another one each time.</summary>
    public static string Insider => $"127.0.3.{1 + (Interlocked.Increment(ref s_insiders) % 250)}";

    public const string Configuration =
        """
        {
          "AuthGateway": {
            "Listeners": {
              "public": { "Url": "https://127.0.0.1:@port:public@" },
              "plain":  { "Url": "http://127.0.0.1:@port:plain@" },
              "staff":  { "Url": "https://127.0.0.1:@port:staff@", "Kind": "staff" }
            },
            "Networks": { "inside": ["127.0.0.0/9"], "outside": ["127.128.0.0/9"] },
            "Hosts": {
              "mail.bed.test": { "CertificateFile": "pki/server.crt", "KeyFile": "pki/server.key" },
              "dav.bed.test":  { "CertificateFile": "pki/server.crt", "KeyFile": "pki/server.key" },
              "eas.bed.test":  { "CertificateFile": "pki/eas.crt", "KeyFile": "pki/eas.key", "ClientCertificate": "optional" }
            },
            "Upstreams": { "echo": { "Destinations": ["@echo@"] } },
            "Services": {
              "web":   { "Preset": "generic-web", "Hosts": ["mail.bed.test"], "Upstream": "echo", "Paths": ["/mail"], "Rules": [{ "Policy": "ticket" }] },
              "two":   { "Preset": "generic-web", "Hosts": ["mail.bed.test"], "Upstream": "echo", "Paths": ["/two"], "Login": "form", "Rules": [{ "Policy": "ticket-and-code" }] },
              "basic": { "Preset": "generic-web", "Hosts": ["mail.bed.test"], "Upstream": "echo", "Paths": ["/basic"], "Identity": "basic", "Rules": [{ "Policy": "password" }] },
              "kiosk": { "Preset": "generic-web", "Hosts": ["mail.bed.test"], "Upstream": "echo", "Paths": ["/kiosk"], "Rules": [{ "Policy": "name" }],
                         "ValidUser": [{ "Users": ["bob", "lock\\d"], "From": ["inside"] }] },
              "kiosk-two": { "Preset": "generic-web", "Hosts": ["mail.bed.test"], "Upstream": "echo", "Paths": ["/kiosk-two"], "Login": "form", "Rules": [{ "Policy": "name-and-code" }],
                         "ValidUser": [{ "Users": ["bob"], "From": ["inside"] }] },
              "kix":   { "Preset": "generic-web", "Hosts": ["mail.bed.test"], "Upstream": "echo", "Paths": ["/kix"], "Rules": [{ "Policy": "forwarded" }] },
              "dav":   { "Preset": "generic-web", "Hosts": ["dav.bed.test"], "Upstream": "echo", "Login": "basic", "Methods": ["GET", "HEAD", "POST", "OPTIONS", "PROPFIND"], "Rules": [{ "Policy": "ticket" }] },
              "phones": { "Preset": "generic-activesync", "Hosts": ["eas.bed.test"], "Upstream": "echo", "Identity": "header", "Rules": [{ "Policy": "certificate" }] },
              "phone-web": { "Preset": "generic-web", "Hosts": ["eas.bed.test"], "Upstream": "echo", "Paths": ["/web"], "Rules": [{ "Policy": "certificate" }] },
              "phone-two": { "Preset": "generic-web", "Hosts": ["eas.bed.test"], "Upstream": "echo", "Paths": ["/both"], "Login": "form", "Rules": [{ "Policy": "certificate-and-code" }] }
            },
            "Policies": {
              "password": { "Factors": ["password"] },
              "ticket": { "Factors": ["password|kerberos"] },
              "ticket-and-code": { "Factors": ["password|kerberos", "totp"] },
              "name": { "Factors": ["network|password"] },
              "name-and-code": { "Factors": ["network|password", "totp"] },
              "forwarded": { "Factors": ["header|password"] },
              "certificate": { "Factors": ["device"] },
              "certificate-and-code": { "Factors": ["device|password", "totp"] }
            },
            "Kerberos": { "Realms": { "BED.TEST": { "KeytabFile": "pki/http.keytab", "Backend": "directory" } }, "From": ["inside"] },
            "TrustedHeader": { "Name": "X-KIX-User", "From": ["127.0.0.192/27"] },
            "Devices": { "Authorities": {
              "own":    { "CaFile": "pki/own.crt", "CrlFile": "pki/own.crl", "Domains": ["bed.test"] },
              "guests": { "CaFile": "pki/guests.crt", "CrlFile": "pki/guests.crl", "Domains": ["guests.test"] },
              "old":    { "CaFile": "pki/old.crt", "CrlFile": "pki/old.crl" }
            } },
            "Backends": [
              {
                "Name": "directory", "Type": "ldap", "Hosts": ["ldaps://127.0.0.1:3636"], "CaFile": "pki/ca.crt", "BaseDn": "ou=people,dc=bed,dc=test",
                "SearchUser": "cn=gateway,ou=services,dc=bed,dc=test", "SearchPasswordFile": "secrets/ldap-password"
              },
              { "Name": "local", "Type": "local" }
            ],
            "Factors": { "Totp": { "EnrolFrom": ["inside", "outside"] } },
            "Login": { "CacheLifetime": "2s" },
            "Lockout": { "Account": { "Limit": 5 }, "Address": { "Limit": 1000 } },
            "Storage": { "Provider": "sqlite", "Path": "authgateway.db" }
          }
        }
        """;

    private readonly TestAuthority _own = TestAuthority.Create("Own devices");
    private readonly TestAuthority _guests = TestAuthority.Create("Guests");
    private readonly TestAuthority _old = TestAuthority.Create("Old devices");
    private GatewayProcess? _gateway;
    private X509Certificate2? _revoked;

    /// <summary>The upstream of every service.</summary>
    public EchoUpstream Echo { get; } = new();

    /// <summary>The program.</summary>
    public GatewayProcess Process => _gateway ?? throw new InvalidOperationException("The gateway did not start.");

    public async Task InitializeAsync()
    {
        await Bed.EnsureServiceAsync("slapd");
        await Bed.EnsureServiceAsync("krb5");
        _revoked = AttackGateway.Usable(_own.IssueClient("alice@bed.test"));
        _gateway = await GatewayProcess.StartAsync(Setup());
        (await _gateway.RunCliAsync(["user", "add", "guest", "--mail", "guest@bed.test", "--password-stdin"], "correct horse battery\n")).ExitCode.ShouldBe(0);
    }

    public async Task DisposeAsync()
    {
        if (_gateway is not null)
        {
            await _gateway.DisposeAsync();
        }

        await Echo.DisposeAsync();
        _own.Dispose();
        _guests.Dispose();
        _old.Dispose();
        _revoked?.Dispose();
    }

    /// <summary>A gateway of the same shape, for tests that must not share one.</summary>
    public GatewaySetup Setup(Func<string, string>? change = null) => new()
    {
        Configuration = change is null ? Configuration : change(Configuration),
        Values = new Dictionary<string, string>(StringComparer.Ordinal) { ["echo"] = Echo.Url },
        Prepare = state =>
        {
            var pki = Path.Combine(state, "pki");
            foreach (var (name, authority) in (IEnumerable<(string, TestAuthority)>)[("own", _own), ("guests", _guests), ("old", _old)])
            {
                authority.WriteCa(Path.Combine(pki, name + ".crt"));
                TestAuthority.WriteCrl(Path.Combine(pki, name + ".crl"), authority.RevocationList(authority == _own && _revoked is { } revoked ? [revoked] : null));
            }

            var keytab = Path.Combine(pki, "http.keytab");
            File.Copy(Bed.Kerberos("http.keytab"), keytab);
            File.SetUnixFileMode(keytab, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        },
    };

    /// <summary>A device certificate by a word of the attack tables.</summary>
    public X509Certificate2? Device(string word)
    {
        var now = DateTimeOffset.UtcNow;
        return word switch
        {
            "none" => null,
            "alice" => Issue(_own, new() { Mails = ["alice@bed.test"] }),
            "bob" => Issue(_own, new() { Mails = ["bob@bed.test"] }),
            "nobody" => Issue(_own, new() { Mails = ["nobody@bed.test"] }),
            "guest" => Issue(_own, new() { Mails = ["guest@bed.test"] }),
            "other domain" => Issue(_own, new() { Mails = ["alice@guests.test"] }),
            "domain of another authority" => Issue(_guests, new() { Mails = ["alice@bed.test"] }),
            "authority without domains" => Issue(_old, new() { Mails = ["alice@bed.test"] }),
            "two owners" => Issue(_own, new() { Mails = ["alice@bed.test", "bob@bed.test"] }),
            "owner in the subject" => Issue(_own, new() { Subject = "CN=alice@bed.test" }),
            "expired" => Issue(_own, new() { Mails = ["alice@bed.test"], NotBefore = now.AddDays(-20), NotAfter = now.AddDays(-1) }),
            "server usage" => Issue(_own, new() { Mails = ["alice@bed.test"], Usages = [TestAuthority.ServerAuthentication] }),
            "filter" => Issue(_own, new() { Mails = ["*@bed.test"] }),
            "revoked" => AttackGateway.Usable(_revoked!),
            "rogue" => Issue(TestAuthority.Create("Own devices"), new() { Mails = ["alice@bed.test"] }),
            _ => throw new ArgumentOutOfRangeException(nameof(word), word, null),
        };
    }

    /// <summary>A certificate of the own authority with whatever is in it.</summary>
    public X509Certificate2 Device(ClientCertificateOptions options) => Issue(_own, options);

    /// <summary>A browser of somebody at this address.</summary>
    internal Person Person(string source, string host = Mail) => new(Process, host, HttpVersion11, IPAddress.Parse(source));

    /// <summary>A program on a host, at this address.</summary>
    internal GatewayClient Client(string host, string source) => new(Process, host, source: IPAddress.Parse(source));

    /// <summary>Sends and expects an answer.</summary>
    public async Task<RawResponse> SendAsync(HttpVersion version, AttackRequest request, X509Certificate2? certificate = null, string source = "127.0.0.77")
    {
        var connect = new RawConnect(Process.EndPoint("public")) { Sni = request.Host, Certificate = certificate, Source = IPAddress.Parse(source) };
        var response = version == HttpVersion.Http1
            ? await RawHttp1.ExchangeAsync(connect, request.ToHttp1(connect.EndPoint.Port))
            : await RawHttp2.ExchangeAsync(connect, request.ToHttp2(connect.EndPoint.Port), request.Body);
        return response.ShouldNotBeNull($"no answer to {request}");
    }

    private static readonly Version HttpVersion11 = System.Net.HttpVersion.Version11;

    private static X509Certificate2 Issue(TestAuthority authority, ClientCertificateOptions options) => AttackGateway.Usable(authority.IssueClient(options));
}

[CollectionDefinition(Name)]
public sealed class SignOnGroup : ICollectionFixture<SignOnGateway>
{
    public const string Name = "sign-on";
}
