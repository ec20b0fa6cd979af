using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using AuthGateway.Scenarios.SignIn;
using AuthGateway.Scenarios.Support;
using AuthGateway.TestKit.Certificates;
using AuthGateway.TestKit.Gateway;

namespace AuthGateway.Scenarios.AppPasswords;

/// <summary>
/// A gateway before the bed's SOGo in trust mode and OpenLDAP over a wire that is listened to; it asks again every ten seconds and believes for five. People are
/// this run's own.
/// </summary>
public sealed class AppPasswordGateway : IAsyncLifetime
{
    public const string Host = "mail.gw.test";
    public const string PhoneHost = "eas.gw.test";

    private const string Base = "dc=bed,dc=test";

    private const string Configuration =
        """
        {
          "AuthGateway": {
            "Listeners": {
              "public": { "Url": "https://127.0.0.1:@port:public@" },
              "staff":  { "Url": "https://127.0.0.1:@port:staff@", "Kind": "staff" }
            },
            "Networks": { "lan": ["127.50.0.0/16"] },
            "Hosts": {
              "mail.gw.test": { "CertificateFile": "pki/gw.crt", "KeyFile": "pki/gw.key" },
              "eas.gw.test":  { "CertificateFile": "pki/gw.crt", "KeyFile": "pki/gw.key" }
            },
            "Upstreams": {
              "sogo":   { "Destinations": ["http://127.0.0.1:20001"], "TrustsIdentityHeader": true },
              "echo":   { "Destinations": ["@echo@"] },
              "silent": { "Destinations": ["@silent@"] }
            },
            "Services": {
              "calendars": { "Preset": "sogo-dav", "Hosts": ["mail.gw.test"], "Upstream": "sogo", "Identity": "header", "Rules": [{ "Policy": "apps" }] },
              "files":  { "Preset": "generic-web", "Hosts": ["mail.gw.test"], "Upstream": "echo", "Paths": ["/files"], "Login": "both", "Rules": [{ "Policy": "either" }] },
              "own":    { "Preset": "generic-web", "Hosts": ["mail.gw.test"], "Upstream": "echo", "Paths": ["/own"], "Login": "both", "Rules": [{ "Policy": "password" }] },
              "slow":   { "Preset": "generic-web", "Hosts": ["mail.gw.test"], "Upstream": "silent", "Paths": ["/slow"], "Login": "basic", "Rules": [{ "Policy": "apps" }] },
              "phones": { "Preset": "generic-activesync", "Hosts": ["eas.gw.test"], "Upstream": "echo", "Identity": "header", "Rules": [{ "Policy": "apps" }] }
            },
            "Policies": {
              "apps": { "Factors": ["app-password"] }, "either": { "Factors": ["app-password|password"] }, "password": { "Factors": ["password"] }
            },
            "Backends": [{
              "Name": "directory", "Type": "ldap", "Hosts": ["ldap://127.0.0.1:@tap@"], "StartTls": false, "BaseDn": "ou=people,dc=bed,dc=test",
              "SearchUser": "cn=gateway,ou=services,dc=bed,dc=test", "SearchPasswordFile": "secrets/ldap-password", "LoginAttributes": ["uid", "mail"]
            }],
            "Login": { "RefreshInterval": "10s", "CacheLifetime": "5s" },
            "Lockout": { "Account": { "Limit": 50 }, "Address": { "Limit": 1000 } },
            "Storage": { "Provider": "sqlite", "Path": "authgateway.db" }
          }
        }
        """;

    private readonly TestAuthority _authority = TestAuthority.Create();
    private readonly string _run = RandomNumberGenerator.GetHexString(6, lowercase: true);
    private readonly List<string> _made = [];
    private GatewayProcess? _gateway;
    private int _people;

    internal EchoUpstream Echo { get; } = new();

    internal EchoUpstream Silent { get; } = new() { IsSilent = true };

    internal WireTap Directory { get; } = new(3890);

    public GatewayProcess Process => _gateway ?? throw new InvalidOperationException("The gateway did not start.");

    public async Task InitializeAsync()
    {
        await Bed.EnsureUpAsync();
        _gateway = await GatewayProcess.StartAsync(new GatewaySetup
        {
            Configuration = Configuration,
            Values = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["echo"] = Echo.Url, ["silent"] = Silent.Url, ["tap"] = Directory.Port.ToString(System.Globalization.CultureInfo.InvariantCulture),
            },
            Prepare = state =>
            {
                using var server = _authority.IssueServer(Host, PhoneHost);
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

        foreach (var dn in _made)
        {
            await LdapAsync("ldapdelete", null, dn);
        }

        await Directory.DisposeAsync();
        await Echo.DisposeAsync();
        await Silent.DisposeAsync();
        _authority.Dispose();
    }

    /// <summary>Somebody new in the directory, with a password nobody else has; returns the login and that.</summary>
    internal async Task<(string Login, string Password)> NewPersonAsync()
    {
        var login = $"app{_run}{Interlocked.Increment(ref _people)}";
        var password = $"own password {RandomNumberGenerator.GetHexString(12)}";
        var run = await LdapAsync("ldapadd", $"dn: {Dn(login)}\nobjectClass: inetOrgPerson\nuid: {login}\ncn: Person {login}\nsn: Person\nmail: {login}@bed.test\nuserPassword: {password}\n");
        run.ExitCode.ShouldBe(0, run.Error);
        lock (_made)
        {
            _made.Add(Dn(login));
        }

        // SOGo serves members only; the directory takes her out by itself when she goes.
        run = await LdapAsync("ldapmodify", $"dn: cn=mailusers,ou=groups,{Base}\nchangetype: modify\nadd: member\nmember: {Dn(login)}\n");
        run.ExitCode.ShouldBe(0, run.Error);

        return (login, password);
    }

    /// <summary>Switches an account off, as an administrator of the directory does.</summary>
    public static async Task DisableAsync(string login)
    {
        var run = await LdapAsync("ldapmodify", $"dn: {Dn(login)}\nchangetype: modify\nreplace: pwdAccountLockedTime\npwdAccountLockedTime: 000001010000Z\n");
        run.ExitCode.ShouldBe(0, run.Error);
    }

    /// <summary>Makes an app password by the command line; returns it once the running gateway knows it.</summary>
    internal async Task<string> AddAsync(string login, string tag, params string[] more)
    {
        var run = await Process.RunCliAsync(["app-password", "add", login, "--tag", tag, "--json", .. more]);
        run.ExitCode.ShouldBe(0, run.Error);
        using var json = JsonDocument.Parse(run.Output);
        var secret = json.RootElement.GetProperty("password").GetString()!;

        // Under a tag, for then no directory is asked about the secret, known or not: the detail says when it is known. And under a name nobody has, or the
        // gateway would remember that this secret was wrong for the user's other tags.
        // Each time in another spelling: one that was refused a moment ago is refused again without a look.
        var tries = 0;
        (await Deadline.PollAsync(TimeSpan.FromSeconds(10), async () =>
        {
            using var client = Client($"{login}-nobody$nobodys", secret + new string(' ', tries++));
            var answer = await client.GetAsync("/files/");
            var record = await Process.AuditRecordAsync(_ => true, "--request", answer.RequestId);
            return record.GetProperty("detail").GetString()!.Contains($"app password \"{tag}\"", StringComparison.Ordinal);
        })).ShouldBeTrue();
        return secret;
    }

    /// <summary>A client that sends Basic.</summary>
    internal GatewayClient Client(string name, string secret, string host = Host, IPAddress? source = null) => new(Process, host, login: $"{name}:{secret}", source: source);

    /// <summary>A browser.</summary>
    internal Person Browser() => new(Process, Host, System.Net.HttpVersion.Version11, IPAddress.Parse("127.51.0.1"));

    /// <summary>The reason in the audit of this very refusal.</summary>
    internal async Task<string?> ReasonAsync(Answer answer) =>
        (await Process.AuditRecordAsync(_ => true, "--request", answer.RequestId)).GetProperty("reason").GetString();

    private static string Dn(string login) => $"uid={login},ou=people,{Base}";

    private static Task<ProgramRun> LdapAsync(string program, string? input, params string[] arguments) =>
        ProgramRun.ExecuteAsync(program, ["-x", "-H", "ldap://127.0.0.1:3890", "-D", $"cn=admin,{Base}", "-w", "adminpw", .. arguments], input);
}
