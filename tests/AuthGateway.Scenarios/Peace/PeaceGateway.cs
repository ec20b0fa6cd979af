using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using AuthGateway.Scenarios.Attacks;
using AuthGateway.Scenarios.Directories;
using AuthGateway.Scenarios.Groupware;
using AuthGateway.Scenarios.SignIn;
using AuthGateway.Scenarios.Support;
using AuthGateway.TestKit.Certificates;
using AuthGateway.TestKit.Directory;
using AuthGateway.TestKit.Gateway;

namespace AuthGateway.Scenarios.Peace;

/// <summary>A gateway of a test's own: phones with certificates on one host, people and programs on another, a forwarder that is believed.</summary>
internal sealed class PeaceGateway : IAsyncDisposable
{
    public const string Mail = "mail.gw.test";
    public const string Eas = "eas.gw.test";

    /// <summary>The Active Directory of the bed; it locks after four wrong passwords within half an hour, and says so.</summary>
    public const string ActiveDirectory =
        """
        {
          "Name": "ad", "Type": "ldap", "Hosts": ["ldaps://127.0.0.1:636"], "TlsName": "dc1.samdom.test", "CaFile": "pki/ca.crt",
          "BaseDn": "OU=People,DC=samdom,DC=test", "SearchUser": "svc-gateway@samdom.test", "SearchPasswordFile": "secrets/samba-password",
          "LoginAttributes": ["sAMAccountName", "mail"], "UserNameAttribute": "sAMAccountName", "IdAttribute": "objectGUID"
        }
        """;

    /// <summary>The OpenLDAP whose default policy locks after four wrong passwords within five minutes.</summary>
    public const string OpenLdap =
        """
        {
          "Name": "second", "Type": "ldap", "Hosts": ["ldap://127.0.0.1:3891"], "TlsName": "dir2.bed.test", "CaFile": "pki/ca.crt",
          "BaseDn": "dc=second,dc=test", "SearchUser": "cn=gateway,ou=services,dc=second,dc=test", "SearchPasswordFile": "secrets/ldap-password",
          "DirectoryLockout": { "PolicyDn": "cn=default,ou=policies,dc=second,dc=test" }
        }
        """;

    /// <summary>The OpenLDAP of the whole bed, which locks after ten.</summary>
    public const string MildLdap =
        """
        {
          "Name": "directory", "Type": "ldap", "Hosts": ["ldaps://127.0.0.1:3636"], "CaFile": "pki/ca.crt", "BaseDn": "ou=people,dc=bed,dc=test",
          "SearchUser": "cn=gateway,ou=services,dc=bed,dc=test", "SearchPasswordFile": "secrets/ldap-password",
          "DirectoryLockout": { "PolicyDn": "cn=default,ou=policies,dc=bed,dc=test" }
        }
        """;

    /// <summary>The only peer whose X-Forwarded-For is believed.</summary>
    public static readonly IPAddress Forwarder = IPAddress.Parse("127.0.0.200");

    private const string SearchDn = "cn=gateway,ou=services,dc=bed,dc=test";

    private const string Configuration =
        """
        {
          "AuthGateway": {
            "Listeners": {
              "public": { "Url": "https://127.0.0.1:@port:public@" },
              "staff":  { "Url": "https://127.0.0.1:@port:staff@", "Kind": "staff" }
            },
            "TrustedForwarders": ["127.0.0.200"],
            "Hosts": {
              "mail.gw.test": { "CertificateFile": "pki/gw.crt", "KeyFile": "pki/gw.key" },
              "eas.gw.test":  { "CertificateFile": "pki/gw.crt", "KeyFile": "pki/gw.key", "ClientCertificate": "required" }
            },
            "Upstreams": { "echo": { "Destinations": ["@echo@"] } },
            "Services": {
              "webmail": { "Preset": "generic-web", "Hosts": ["mail.gw.test"], "Upstream": "echo", "Login": "both", "Rules": [{ "Policy": "password" }] },
              "activesync": { "Preset": "generic-activesync", "Hosts": ["eas.gw.test"], "Upstream": "echo", "Rules": [{ "Policy": "phones" }] }
            },
            "Policies": { "password": { "Factors": ["password"] }, "phones": { "Factors": ["device", "password"] } },
            "Devices": { "Authorities": { "devices": { "CaFile": "pki/devices.crt", "CrlFile": "pki/devices.crl", "Owner": "san-email" } } },
            "Backends": [@backends@],
            "Login": { "CacheLifetime": "@cache@", "FailureFloor": "0s", "RefreshInterval": "@refresh@" },
            "Lockout": @lockout@,
            "Storage": { "Provider": "sqlite", "Path": "@state@authgateway.db", "KeyFile": "@state@authgateway.key" }
          }
        }
        """;

    private readonly TestAuthority _authority;
    private readonly bool _ownsAuthority;
    private readonly ConcurrentDictionary<string, X509Certificate2> _devices = new(StringComparer.Ordinal);
    private GatewayProcess? _gateway;

    private PeaceGateway(TestAuthority? authority) => (_authority, _ownsAuthority) = (authority ?? TestAuthority.Create(), authority is null);

    public GatewayProcess Process => _gateway ?? throw new InvalidOperationException("The gateway did not start.");

    public EchoUpstream Echo { get; } = new();

    /// <summary>Starts one.</summary>
    /// <param name="backends">The chain.</param>
    /// <param name="lockout">The section <c>Lockout</c>.</param>
    /// <param name="cache">How long a password is believed.</param>
    /// <param name="twin">Another gateway whose store and keys it shares.</param>
    /// <param name="authority">Issuer of its certificates; its own unless told.</param>
    /// <param name="refresh">How often who is let in is asked about again.</param>
    public static async Task<PeaceGateway> StartAsync(
        string backends, string lockout = "{}", string cache = "0s", PeaceGateway? twin = null, TestAuthority? authority = null, string refresh = "5m")
    {
        var gateway = new PeaceGateway(authority);
        try
        {
            gateway._gateway = await GatewayProcess.StartAsync(new GatewaySetup
            {
                Configuration = Configuration,
                Values = new Dictionary<string, string>(StringComparer.Ordinal)
                {
                    ["echo"] = gateway.Echo.Url,
                    ["backends"] = backends,
                    ["cache"] = cache,
                    ["lockout"] = lockout,
                    ["refresh"] = refresh,
                    ["state"] = twin is null ? "" : $"{twin.Process.State}/",
                },
                Prepare = gateway.Prepare,
            });
            return gateway;
        }
        catch
        {
            await gateway.DisposeAsync();
            throw;
        }
    }

    /// <summary>A backend that asks a directory of the test's own.</summary>
    public static string Backend(HostileDirectory directory, string lockout = """{ "Threshold": "none" }""") =>
        $$"""
        {
          "Name": "one", "Type": "ldap", "Hosts": ["{{directory.Address}}"], "CaFile": "pki/devices.crt", "BaseDn": "dc=bed,dc=test",
          "SearchUser": "{{SearchDn}}", "SearchPasswordFile": "secrets/ldap-password", "DirectoryLockout": {{lockout}}
        }
        """;

    /// <summary>A directory of the test's own, with its search user and one user more, and a certificate of the authority.</summary>
    public static HostileDirectory Directory(TestAuthority authority, string user) => new(AttackGateway.Usable(authority.IssueServer("127.0.0.1")), isLdaps: true)
    {
        Entries =
        {
            new FakeEntry(SearchDn, "gatewaypw"),
            new FakeEntry(DnOf(user), $"{user}-pw").With("uid", user).With("mail", $"{user}@bed.test").With("entryUUID", Guid.NewGuid().ToString()),
        },
    };

    /// <summary>Where such a directory has a user.</summary>
    public static string DnOf(string user) => $"uid={user},ou=people,dc=bed,dc=test";

    /// <summary>A phone with a certificate of its owner.</summary>
    public PeacePhone Phone(string user) => PhoneOf(user, $"{user}@bed.test");

    /// <summary>The same for an owner with another mail address.</summary>
    public PeacePhone PhoneOf(string user, string mail)
    {
        var device = _devices.GetOrAdd(mail, owner => AttackGateway.Usable(_authority.IssueClient(owner)));
        return new PeacePhone(this, user, device);
    }

    /// <summary>One login with Basic on the web host; the status.</summary>
    public async Task<Answer> LoginAsync(string name, string password, IPAddress? source = null, string? forwardedFor = null)
    {
        using var client = new GatewayClient(Process, Mail, null, $"{name}:{password}", source: forwardedFor is null ? source : Forwarder);
        return forwardedFor is null ? await client.GetAsync("/") : await client.GetAsync("/", ("X-Forwarded-For", forwardedFor));
    }

    /// <summary>Somebody with a browser.</summary>
    public Person Browser(IPAddress source) => new(Process, Mail, System.Net.HttpVersion.Version11, source);

    /// <summary>The counters whose key holds this.</summary>
    public async Task<List<JsonElement>> CountersAsync(string part = "")
    {
        var run = await Process.RunCliAsync(["lockout", "list", .. part.Length > 0 ? (string[])[part] : [], "--limit", "10000", "--json"]);
        return run.ExitCode == 0 && run.Output.Length > 0 ? JsonSerializer.Deserialize<List<JsonElement>>(run.Output)! : [];
    }

    public async ValueTask DisposeAsync()
    {
        if (_gateway is not null)
        {
            await _gateway.DisposeAsync();
        }

        await Echo.DisposeAsync();
        foreach (var device in _devices.Values)
        {
            device.Dispose();
        }

        if (_ownsAuthority)
        {
            _authority.Dispose();
        }
    }

    private void Prepare(string state)
    {
        using var server = _authority.IssueServer(Mail, Eas);
        var pki = Path.Combine(state, "pki");
        TestAuthority.WritePem(server, Path.Combine(pki, "gw.crt"), Path.Combine(pki, "gw.key"));
        _authority.WriteCa(Path.Combine(pki, "devices.crt"));
        TestAuthority.WriteCrl(Path.Combine(pki, "devices.crl"), _authority.RevocationList([]));
        var secret = Path.Combine(state, "secrets", "samba-password");
        File.WriteAllText(secret, Samba.SearchPassword);
        File.SetUnixFileMode(secret, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }
}

/// <summary>A phone that knows one password at a time.</summary>
internal sealed class PeacePhone(PeaceGateway gateway, string user, X509Certificate2 device) : IDisposable
{
    private readonly GatewayClient _client = new(gateway.Process, PeaceGateway.Eas, device: device);

    /// <summary>One Sync; the status.</summary>
    public async Task<int> SyncAsync(string password)
    {
        using var request = _client.Command("Sync", [], $"PHONE{user}".ToUpperInvariant(), user);
        request.Headers.Authorization = GatewayClient.Basic($"{user}:{password}");
        return (await _client.SendAsync(request)).Status;
    }

    public void Dispose() => _client.Dispose();
}
