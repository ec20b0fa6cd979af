using System.Net;
using System.Security.Cryptography;
using AuthGateway.Scenarios.SignIn;
using AuthGateway.TestKit.Certificates;
using AuthGateway.TestKit.Gateway;

namespace AuthGateway.Scenarios.Accounts;

/// <summary>
/// A gateway before the bed's OpenLDAP that asks again every ten seconds, with roles by group. People, groups and password policy are this run's own, so
/// that nobody else's tests meet them.
/// </summary>
public sealed class AccountsGateway : IAsyncLifetime
{
    public const string Host = "mail.gw.test";
    public const string Password = "a first password";

    private const string Base = "dc=bed,dc=test";

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
              "files": { "Preset": "generic-web", "Hosts": ["mail.gw.test"], "Upstream": "echo", "Paths": ["/files"], "Login": "both", "Rules": [{ "Policy": "password" }] },
              "news":  { "Preset": "generic-web", "Hosts": ["mail.gw.test"], "Upstream": "echo", "Paths": ["/news"], "Login": "both", "Rules": [{ "Policy": "editors" }] }
            },
            "Policies": { "password": { "Factors": ["password"] }, "editors": { "Factors": ["password"], "Roles": ["Editor"] } },
            "Backends": [{
              "Name": "ad", "Type": "ldap", "Hosts": ["ldaps://127.0.0.1:3636"], "CaFile": "pki/ca.crt", "BaseDn": "ou=people,dc=bed,dc=test",
              "SearchUser": "cn=gateway,ou=services,dc=bed,dc=test", "SearchPasswordFile": "secrets/ldap-password", "GroupDn": "@served@",
              "RoleSync": {
                "Groups": { "@editors@": { "Editor": true } },
                "Attributes": { "employeeType": { "extern*": { "Editor": false } } } }
            }],
            "Login": { "RefreshInterval": "10s" },
            "Lockout": { "Account": { "Limit": 5 }, "Address": { "Limit": 1000 } },
            "Storage": { "Provider": "sqlite", "Path": "authgateway.db" }
          }
        }
        """;

    private readonly TestAuthority _authority = TestAuthority.Create();
    private readonly string _run = RandomNumberGenerator.GetHexString(6, lowercase: true);
    private readonly EchoUpstream _echo = new();
    private readonly List<string> _made = [];
    private GatewayProcess? _gateway;
    private int _people;

    /// <summary>Whoever is in it is served.</summary>
    public string Served => $"cn=served-{_run},ou=groups,{Base}";

    /// <summary>Whoever is in it is an editor.</summary>
    public string Editors => $"cn=editors-{_run},ou=groups,{Base}";

    public GatewayProcess Process => _gateway ?? throw new InvalidOperationException("The gateway did not start.");

    private string Policy => $"cn=change-{_run},ou=policies,{Base}";

    public async Task InitializeAsync()
    {
        await Bed.EnsureUpAsync();
        foreach (var group in new[] { Served, Editors })
        {
            await AddAsync(group, $"objectClass: groupOfNames\ncn: {group[3..group.IndexOf(',', StringComparison.Ordinal)]}\nmember: cn=gateway,ou=services,{Base}");
        }

        await AddAsync(Policy, $"objectClass: device\nobjectClass: pwdPolicy\ncn: change-{_run}\npwdAttribute: userPassword\npwdMustChange: TRUE\npwdMinLength: 12\npwdCheckQuality: 2");
        _gateway = await GatewayProcess.StartAsync(new GatewaySetup
        {
            Configuration = Configuration,
            Values = new Dictionary<string, string>(StringComparer.Ordinal) { ["echo"] = _echo.Url, ["served"] = Served, ["editors"] = Editors },
            Prepare = state =>
            {
                using var server = _authority.IssueServer(Host);
                TestAuthority.WritePem(server, Path.Combine(state, "pki", "gw.crt"), Path.Combine(state, "pki", "gw.key"));
            },
        });
    }

    public async Task DisposeAsync()
    {
        if (_gateway is not null)
        {
            await _gateway.DisposeAsync();
        }

        foreach (var dn in Enumerable.Reverse(_made))
        {
            await LdapAsync("ldapdelete", null, dn);
        }

        await _echo.DisposeAsync();
        _authority.Dispose();
    }

    /// <summary>Somebody new in the directory, served and an editor; returns the login.</summary>
    public async Task<string> NewPersonAsync(string more = "")
    {
        var login = $"{_run}-{Interlocked.Increment(ref _people)}";
        await AddAsync(
            Dn(login),
            $"objectClass: inetOrgPerson\nuid: {login}\ncn: Person {login}\nsn: Person\ndisplayName: Person Number {_people}\nmail: {login}@bed.test\ntelephoneNumber: +49 30 1234\nuserPassword: {Password}{more}");
        await ChangeAsync(Served, $"add: member\nmember: {Dn(login)}");
        await ChangeAsync(Editors, $"add: member\nmember: {Dn(login)}");
        return login;
    }

    /// <summary>A browser.</summary>
    internal Person Browser() => new(Process, Host, HttpVersion.Version11, IPAddress.Parse("127.10.0.1"));

    public static string Dn(string login) => $"uid={login},ou=people,{Base}";

    /// <summary>Changes an entry.</summary>
    public static async Task ChangeAsync(string dn, string change)
    {
        var run = await LdapAsync("ldapmodify", $"dn: {dn}\nchangetype: modify\n{change}\n");
        run.ExitCode.ShouldBe(0, run.Error);
    }

    /// <summary>Removes an entry.</summary>
    public static async Task DeleteAsync(string dn) => (await LdapAsync("ldapdelete", null, dn)).ExitCode.ShouldBe(0);

    /// <summary>From now on she must choose a new password, of twelve characters at least.</summary>
    public Task DemandNewPasswordAsync(string login) => ChangeAsync(Dn(login), $"replace: pwdPolicySubentry\npwdPolicySubentry: {Policy}\n-\nreplace: pwdReset\npwdReset: TRUE");

    /// <summary>True when the directory itself takes the password.</summary>
    public static async Task<bool> TakesAsync(string login, string password) =>
        (await ProgramRun.ExecuteAsync("ldapwhoami", ["-x", "-H", "ldap://127.0.0.1:3890", "-D", Dn(login), "-w", password])).ExitCode == 0;

    private async Task AddAsync(string dn, string attributes)
    {
        var run = await LdapAsync("ldapadd", $"dn: {dn}\n{attributes}\n");
        run.ExitCode.ShouldBe(0, run.Error);
        lock (_made)
        {
            _made.Add(dn);
        }
    }

    private static Task<ProgramRun> LdapAsync(string program, string? input, params string[] arguments) =>
        ProgramRun.ExecuteAsync(program, ["-x", "-H", "ldap://127.0.0.1:3890", "-D", $"cn=admin,{Base}", "-w", "adminpw", .. arguments], input);
}

[CollectionDefinition(Name)]
public sealed class AccountsGroup : ICollectionFixture<AccountsGateway>
{
    public const string Name = "accounts";
}
