using System.Globalization;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using AuthGateway.TestKit.Certificates;
using AuthGateway.TestKit.Gateway;

namespace AuthGateway.Scenarios.Attacks;

/// <summary>One gateway for all attacks that leave it as it was, before an upstream that keeps every byte, and the real directory.</summary>
public sealed class AttackGateway : IAsyncLifetime
{
    public const string Mail = "mail.gw.test";
    public const string Eas = "eas.gw.test";
    public const string Dav = "dav.gw.test";
    public const string Mtls = "mtls.gw.test";
    public const string Int = "int.gw.test";

    /// <summary>The only peer whose X-Forwarded-For is believed.</summary>
    public static readonly IPAddress Forwarder = IPAddress.Parse("127.0.0.200");

    /// <summary>A peer the internal host lets in by its own address.</summary>
    public static readonly IPAddress Insider = IPAddress.Parse("127.0.0.9");

    public const string Configuration =
        """
        {
          "AuthGateway": {
            "Listeners": {
              "public": { "Url": "https://127.0.0.1:@port:public@" },
              "dual":   { "Url": "https://[::]:@port:dual@" },
              "plain":  { "Url": "http://127.0.0.1:@port:plain@" },
              "staff":  { "Url": "https://127.0.0.1:@port:staff@", "Kind": "staff" }
            },
            "TrustedForwarders": ["127.0.0.200"],
            "Networks": { "inside": ["10.0.0.0/8", "127.0.0.9"] },
            "Hosts": {
              "mail.gw.test": { "CertificateFile": "pki/gw.crt", "KeyFile": "pki/gw.key" },
              "eas.gw.test":  { "CertificateFile": "pki/gw.crt", "KeyFile": "pki/gw.key" },
              "dav.gw.test":  { "CertificateFile": "pki/gw.crt", "KeyFile": "pki/gw.key" },
              "int.gw.test":  { "CertificateFile": "pki/gw.crt", "KeyFile": "pki/gw.key" },
              "mtls.gw.test": { "CertificateFile": "pki/gw.crt", "KeyFile": "pki/gw.key", "ClientCertificate": "required" }
            },
            "Upstreams": { "echo": { "Destinations": ["@echo@"] } },
            "Services": {
              "webmail": {
                "Preset": "generic-web", "Hosts": ["mail.gw.test"], "Upstream": "echo", "MaxBodyBytes": 100000,
                "Rules": [{ "Path": "/public", "Policy": "open" }, { "Policy": "password" }]
              },
              "activesync": {
                "Preset": "generic-activesync", "Hosts": ["eas.gw.test"], "Upstream": "echo", "Rules": [{ "Policy": "password" }]
              },
              "dav": {
                "Preset": "sogo-dav", "Hosts": ["dav.gw.test"], "Upstream": "echo", "Paths": ["/dav"],
                "Rules": [{ "Path": "/dav/shared-admin", "Policy": "admins" }, { "Policy": "password" }]
              },
              "devices": {
                "Preset": "generic-web", "Hosts": ["mtls.gw.test"], "Upstream": "echo", "Rules": [{ "Policy": "phones" }]
              },
              "internal": {
                "Preset": "generic-web", "Hosts": ["int.gw.test"], "Upstream": "echo", "Identity": "none", "Rules": [{ "Policy": "inside" }]
              }
            },
            "Policies": {
              "open":     { "Anonymous": true },
              "inside":   { "Anonymous": true, "Networks": ["inside"] },
              "password": { "Factors": ["password"] },
              "admins":   { "Factors": ["password"], "Groups": ["admins"] },
              "phones":   { "Factors": ["device", "password"] }
            },
            "Devices": { "Authorities": { "devices": { "CaFile": "pki/devices.crt", "CrlFile": "pki/devices.crl", "Owner": "san-email" } } },
            "Backends": [@backends@],
            "Login": { "CacheLifetime": "2s" },
            "Lockout": {
              "Account": { "Limit": 5, "Window": "15m", "Duration": "15m" },
              "Address": { "Limit": @address-limit@, "Window": "10m", "Duration": "10m" }
            },
            "Storage": { "Provider": "sqlite", "Path": "authgateway.db" }
          }
        }
        """;

    /// <summary>The bed's directory, then the gateway's own accounts.</summary>
    public const string RealBackends =
        """
        {
          "Name": "directory", "Type": "ldap", "Hosts": ["ldaps://127.0.0.1:3636"], "CaFile": "pki/ca.crt",
          "BaseDn": "ou=people,dc=bed,dc=test",
          "SearchUser": "cn=gateway,ou=services,dc=bed,dc=test", "SearchPasswordFile": "secrets/ldap-password"
        },
        { "Name": "local", "Type": "local" }
        """;

    private GatewayProcess? _gateway;

    /// <summary>The upstream of every service.</summary>
    public EchoUpstream Echo { get; } = new();

    /// <summary>The authority of registered devices.</summary>
    public TestAuthority Authority { get; } = TestAuthority.Create();

    /// <summary>A device of alice that is not revoked.</summary>
    public X509Certificate2 AliceDevice { get; private set; } = null!;

    /// <summary>A device of alice that was revoked before the start.</summary>
    public X509Certificate2 RevokedDevice { get; private set; } = null!;

    /// <summary>The program.</summary>
    public GatewayProcess Process => _gateway ?? throw new InvalidOperationException("The gateway did not start.");

    public async Task InitializeAsync()
    {
        await Bed.EnsureUpAsync();
        AliceDevice = Usable(Authority.IssueClient("alice@bed.test"));
        RevokedDevice = Usable(Authority.IssueClient("alice@bed.test"));
        _gateway = await GatewayProcess.StartAsync(Setup());
    }

    public async Task DisposeAsync()
    {
        if (_gateway is not null)
        {
            await _gateway.DisposeAsync();
        }

        await Echo.DisposeAsync();
        Authority.Dispose();
    }

    /// <summary>A gateway of the same shape, for tests that must not share one.</summary>
    public GatewaySetup Setup(string backends = RealBackends, int addressLimit = 1000) => new()
    {
        Configuration = Configuration,
        Values = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["echo"] = Echo.Url,
            ["backends"] = backends,
            ["address-limit"] = addressLimit.ToString(CultureInfo.InvariantCulture),
        },
        Prepare = WriteCertificates,
    };

    /// <summary>Writes the revocation list of the device authority, as its administrator would.</summary>
    public void Revoke(string state, params X509Certificate2[] revoked)
    {
        var path = Path.Combine(state, "pki", "devices.crl");
        TestAuthority.WriteCrl(path + ".new", Authority.RevocationList(revoked));
        File.Move(path + ".new", path, overwrite: true);
    }

    /// <summary>A connection with this host in its handshake.</summary>
    public RawConnect Connect(string host, X509Certificate2? certificate = null, IPAddress? source = null, GatewayProcess? gateway = null) =>
        new((gateway ?? Process).EndPoint("public")) { Sni = host, Certificate = certificate, Source = source };

    /// <summary>Sends a request; null when the gateway closed or reset instead of answering.</summary>
    public Task<RawResponse?> SendAsync(
        HttpVersion version, AttackRequest request, X509Certificate2? certificate = null, IPAddress? source = null, GatewayProcess? gateway = null)
    {
        var connect = Connect(request.Sni ?? request.Host, certificate, source, gateway);
        return version == HttpVersion.Http1
            ? RawHttp1.ExchangeAsync(connect, request.ToHttp1(connect.EndPoint.Port))
            : RawHttp2.ExchangeAsync(connect, request.ToHttp2(connect.EndPoint.Port), request.Body);
    }

    /// <summary>Sends a request that must be refused with one of these, and must not reach the upstream.</summary>
    public async Task<RawResponse?> RefusedAsync(HttpVersion version, AttackRequest request, params int[] statuses)
    {
        var before = Echo.Count;
        var response = await SendAsync(version, request);
        Echo.Count.ShouldBe(before, $"the upstream must have received nothing of {request}");
        if (response is null)
        {
            // In HTTP/2 a malformed request may be answered by resetting its stream (RFC 9113, 8.1.1).
            version.ShouldBe(HttpVersion.Http2, $"no answer to {request}");
            statuses.ShouldContain(400, $"no answer to {request}");
        }
        else
        {
            statuses.ShouldContain(response.Status, $"{request} was answered:\n{response}");
        }

        return response;
    }

    /// <summary>Sends a request that must reach the upstream, once, and returns what it received.</summary>
    public async Task<(EchoRequest Received, RawResponse Answer)> ForwardedAsync(
        HttpVersion version, AttackRequest request, X509Certificate2? certificate = null, IPAddress? source = null)
    {
        var before = Echo.Count;
        var response = await SendAsync(version, request, certificate, source);
        response.ShouldNotBeNull($"no answer to {request}");
        response.Status.ShouldBe(200, $"{request} was answered:\n{response}");
        Echo.Count.ShouldBe(before + 1);
        return (Echo.Requests[^1], response);
    }

    /// <summary>A certificate whose key every TLS client of this platform can use.</summary>
    public static X509Certificate2 Usable(X509Certificate2 certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
    }

    private void WriteCertificates(string state)
    {
        using var server = Authority.IssueServer(Mail, Eas, Dav, Mtls, Int);
        var pki = Path.Combine(state, "pki");
        TestAuthority.WritePem(server, Path.Combine(pki, "gw.crt"), Path.Combine(pki, "gw.key"));
        Authority.WriteCa(Path.Combine(pki, "devices.crt"));
        Revoke(state, RevokedDevice is { } revoked ? [revoked] : []);
    }
}

/// <summary>Attacks share a gateway and a directory, so they run one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class AttackGroup : ICollectionFixture<AttackGateway>
{
    public const string Name = "attacks";
}
