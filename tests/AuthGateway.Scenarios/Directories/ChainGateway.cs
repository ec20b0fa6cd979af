using System.Net;
using System.Text.Json;
using AuthGateway.Scenarios.SignIn;
using AuthGateway.Scenarios.Support;
using AuthGateway.TestKit.Certificates;
using AuthGateway.TestKit.Gateway;

namespace AuthGateway.Scenarios.Directories;

/// <summary>One gateway before the real Active Directory and the second OpenLDAP of the bed, with a door for each group.</summary>
public sealed class ChainGateway : IAsyncLifetime
{
    public const string Mail = "mail.gw.test";

    /// <summary>Active Directory as an administrator would write it down.</summary>
    public const string ActiveDirectory =
        """
        {
          "Name": "ad", "Type": "ldap", "Hosts": ["ldaps://127.0.0.1:636"], "TlsName": "dc1.samdom.test", "CaFile": "pki/ca.crt",
          "BaseDn": "OU=People,DC=samdom,DC=test", "SearchUser": "svc-gateway@samdom.test", "SearchPasswordFile": "secrets/samba-password",
          "LoginAttributes": ["sAMAccountName", "userPrincipalName", "mail"], "UserNameAttribute": "sAMAccountName", "IdAttribute": "objectGUID",
          "Domains": ["SAMDOM", "samdom.test"], "NestedGroups": true, "PrimaryGroup": true
        }
        """;

    /// <summary>The second OpenLDAP, with groups that must be climbed.</summary>
    public const string Second =
        """
        {
          "Name": "second", "Type": "ldap", "Hosts": ["ldap://127.0.0.1:3891"], "TlsName": "dir2.bed.test", "CaFile": "pki/ca.crt",
          "BaseDn": "dc=second,dc=test", "SearchUser": "cn=gateway,ou=services,dc=second,dc=test", "SearchPasswordFile": "secrets/ldap-password",
          "GroupMembership": "member", "GroupBaseDn": "ou=groups,dc=second,dc=test", "GroupFilter": "(objectClass=groupOfNames)", "NestedGroups": true
        }
        """;

    private const string Configuration =
        """
        {
          "AuthGateway": {
            "Listeners": {
              "public": { "Url": "https://127.0.0.1:@port:public@" },
              "staff":  { "Url": "https://127.0.0.1:@port:staff@", "Kind": "staff" }
            },
            "Hosts": { "mail.gw.test": { "CertificateFile": "pki/gw.crt", "KeyFile": "pki/gw.key" } },
            "Upstreams": { "echo": { "Destinations": ["@echo@"] } },
            "Services": {
              "webmail": {
                "Preset": "generic-web", "Hosts": ["mail.gw.test"], "Upstream": "echo", "Login": "both",
                "Rules": [
                  { "Path": "/inner", "Policy": "inner" }, { "Path": "/outer", "Policy": "outer" }, { "Path": "/ring", "Policy": "ring" },
                  { "Path": "/bobs", "Policy": "bobs" }, { "Path": "/tower", "Policy": "tower" }, { "Path": "/unix", "Policy": "unix" }, { "Policy": "password" }
                ]
              },
              "desk": { "Preset": "generic-web", "Hosts": ["mail.gw.test"], "Upstream": "echo", "Paths": ["/desk"], "Login": "both", "Rules": [{ "Policy": "password" }] }
            },
            "Policies": {
              "password": { "Factors": ["password"] },
              "inner": { "Factors": ["password"], "Groups": ["inner"] }, "outer": { "Factors": ["password"], "Groups": ["outer"] },
              "ring": { "Factors": ["password"], "Groups": ["ring"] }, "bobs": { "Factors": ["password"], "Groups": ["bobs"] },
              "tower": { "Factors": ["password"], "Groups": ["tower"] }, "unix": { "Factors": ["password"], "Groups": ["unix"] }
            },
            "Backends": [@backends@],
            "Login": { "CacheLifetime": "0s" },
            "Lockout": { "Account": { "Limit": 20 }, "Address": { "Limit": 10000 } },
            "Storage": { "Provider": "sqlite", "Path": "authgateway.db" }
          }
        }
        """;

    private readonly TestAuthority _authority = TestAuthority.Create();
    private GatewayProcess? _gateway;
    private int _addresses;

    /// <summary>The upstream of every service.</summary>
    public EchoUpstream Echo { get; } = new();

    /// <summary>The program.</summary>
    public GatewayProcess Process => _gateway ?? throw new InvalidOperationException("The gateway did not start.");

    public async Task InitializeAsync()
    {
        await Task.WhenAll(Bed.EnsureServiceAsync("samba"), Bed.EnsureServiceAsync("slapd2"));
        _gateway = await GatewayProcess.StartAsync(Setup($"{ActiveDirectory},{Second}"));
    }

    public async Task DisposeAsync()
    {
        if (_gateway is not null)
        {
            await _gateway.DisposeAsync();
        }

        await Echo.DisposeAsync();
        _authority.Dispose();
    }

    /// <summary>The same gateway with other backends, for a test that needs one of its own.</summary>
    public GatewaySetup Setup(string backends) => new()
    {
        Configuration = Configuration,
        Values = new Dictionary<string, string>(StringComparer.Ordinal) { ["echo"] = Echo.Url, ["backends"] = backends },
        Prepare = state =>
        {
            using var server = _authority.IssueServer(Mail);
            TestAuthority.WritePem(server, Path.Combine(state, "pki", "gw.crt"), Path.Combine(state, "pki", "gw.key"));
            Write(Path.Combine(state, "secrets", "samba-password"), Samba.SearchPassword);
        },
    };

    /// <summary>One request with name and password; its status and what the audit holds of it.</summary>
    public async Task<(int Status, JsonElement Record)> LoginAsync(string name, string password, string path = "/", GatewayProcess? gateway = null)
    {
        using var client = new GatewayClient(gateway ?? Process, Mail, null, $"{name}:{password}");
        var answer = await client.GetAsync(path);
        return (answer.Status, await (gateway ?? Process).AuditRecordAsync(_ => true, "--request", answer.RequestId!));
    }

    /// <summary>The identity a spelling leads to.</summary>
    public async Task<string?> IdentityAsync(string name, string password, GatewayProcess? gateway = null)
    {
        var (status, record) = await LoginAsync(name, password, gateway: gateway);
        return status == 200 ? record.GetProperty("identity").GetString() : null;
    }

    /// <summary>Somebody with a browser.</summary>
    internal Person Browser(GatewayProcess? gateway = null) =>
        new(gateway ?? Process, Mail, HttpVersion.Version11, IPAddress.Parse($"127.33.0.{Interlocked.Increment(ref _addresses)}"));

    private static void Write(string path, string secret)
    {
        File.WriteAllText(path, secret);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }
}

[CollectionDefinition(Name)]
public sealed class DirectoryGroup : ICollectionFixture<ChainGateway>
{
    public const string Name = "directories";
}
