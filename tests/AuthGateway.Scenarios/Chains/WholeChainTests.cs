using System.Globalization;
using System.Text.Json.Nodes;
using AuthGateway.Scenarios.Outages;
using AuthGateway.Scenarios.Programs;
using AuthGateway.TestKit.Gateway;

namespace AuthGateway.Scenarios.Chains;

/// <summary>One chain over every kind of backend, each a real one: Active Directory, OpenLDAP, a helper, the operating system, the gateway's own accounts.</summary>
public sealed class WholeChainTests : IAsyncLifetime
{
    private const string LocalPassword = "a long and local password";

    private const string PamService = "auth required pam_unix.so\naccount required pam_unix.so\n";

    private static readonly (string Backend, string User, string Password)[] People =
    [
        ("ad", "anna", "Us3rPassw0rd!"), ("openldap", "ida", "ida-pw"), ("helper", "helga", "helga pw"), ("os", "agw-olga", "olga-pw"), ("local", "lokal", LocalPassword),
    ];

    private readonly TcpRelay _ad = new(636);
    private readonly TcpRelay _openLdap = new(3637);
    private readonly ProgramGateway _bed = new();
    private JsonObject[] _backends = [];

    public async Task InitializeAsync()
    {
        await Task.WhenAll(Bed.EnsureUpAsync(), Bed.EnsureServiceAsync("samba"), Bed.EnsureServiceAsync("slapd2"));
        await Bed.EnsureUsersAsync();
        var helper = _bed.CopySample("helper.py");
        var accounts = _bed.Write("accounts.json", """{ "helga": "helga pw" }""");
        _bed.Write("pam.d/mail", PamService);
        _backends =
        [
            Node(
                $$"""
                {
                  "Name": "ad", "Type": "ldap", "Hosts": ["ldaps://127.0.0.1:{{_ad.Port}}"], "TlsName": "dc1.samdom.test", "CaFile": "pki/ca.crt",
                  "BaseDn": "DC=samdom,DC=test", "SearchUser": "svc-gateway@samdom.test", "SearchPassword": "Gateway-pw1!",
                  "LoginAttributes": ["sAMAccountName"], "UserNameAttribute": "sAMAccountName", "IdAttribute": "objectGUID"
                }
                """),
            Node(
                $$"""
                {
                  "Name": "openldap", "Type": "ldap", "Hosts": ["ldaps://127.0.0.1:{{_openLdap.Port}}"], "TlsName": "dir2.bed.test", "CaFile": "pki/ca.crt",
                  "BaseDn": "dc=second,dc=test", "SearchUser": "cn=gateway,ou=services,dc=second,dc=test", "SearchPassword": "gatewaypw"
                }
                """),
            new JsonObject { ["Name"] = "helper", ["Type"] = "helper", ["Program"] = helper, ["Arguments"] = new JsonArray(accounts) },
            new JsonObject { ["Name"] = "os", ["Type"] = "pam", ["ServiceName"] = "mail", ["ConfigDirectory"] = _bed.PathOf("pam.d"), ["RunAs"] = "root" },
            new JsonObject { ["Name"] = "local", ["Type"] = "local" },
        ];
        await _bed.StartAsync(_backends);
        (await _bed.Process.RunCliAsync(["user", "add", "lokal", "--password-stdin"], LocalPassword + "\n")).ExitCode.ShouldBe(0);
    }

    public async Task DisposeAsync()
    {
        await _bed.DisposeAsync();
        await _ad.DisposeAsync();
        await _openLdap.DisposeAsync();
    }

    [Fact]
    public async Task Who_exists_in_one_backend_only_is_answered_by_that_one()
    {
        foreach (var (backend, user, password) in People)
        {
            (await _bed.LoginAsync(user, password)).Status.ShouldBe(200, $"{user}\n{_bed.Process.Errors}");
            var record = await _bed.Process.AuditRecordAsync(record => record.GetProperty("verdict").GetString() == "allow", "--user", user);
            record.GetProperty("identity").GetString().ShouldNotBeNull().ShouldStartWith($"{backend}:");
            (await _bed.LoginAsync(user, "not the password")).Status.ShouldBe(401, user);
        }

        (await _bed.LoginAsync("nobody-at-all", "x")).Status.ShouldBe(401);
    }

    [Fact]
    public async Task A_backend_that_dies_changes_nothing_for_the_users_of_the_others()
    {
        _ad.Stop();
        await OnlyOneIsAwayAsync("ad");
        _ad.Restore();
        await BackAsync("ad");

        _openLdap.Stop();
        await OnlyOneIsAwayAsync("openldap");
        _openLdap.Restore();
        await BackAsync("openldap");

        var sample = await File.ReadAllTextAsync(_bed.PathOf("helper.py"));
        _bed.Write("helper.py", "#!/usr/bin/python3\nraise SystemExit(1)\n");
        await KillChildrenAsync();
        await OnlyOneIsAwayAsync("helper");
        _bed.Write("helper.py", sample);
        await BackAsync("helper");

        _bed.Write("pam.d/mail", "auth required pam_that_is_not_there.so\naccount required pam_unix.so\n");
        await OnlyOneIsAwayAsync("os");
        _bed.Write("pam.d/mail", PamService);
        await BackAsync("os");

        await KillChildrenAsync();
        await BackAsync("os");
        await BackAsync("helper");

        // The gateway's own accounts lie in its store and are away only when somebody takes them out: then nobody there is anybody.
        await _bed.ReloadAsync(_backends[..^1]);
        foreach (var (backend, user, password) in People)
        {
            (await _bed.LoginAsync(user, password)).Status.ShouldBe(backend == "local" ? 401 : 200, $"{user} without local accounts\n{_bed.Process.Errors}");
        }

        await BackAsync("local");
    }

    /// <summary>Everybody but the users of one backend signs in; those are told 503, and nothing is counted.</summary>
    private async Task OnlyOneIsAwayAsync(string away)
    {
        // A reload forgets what was proven, so that every login asks the chain.
        await _bed.ReloadAsync(_backends);
        foreach (var (backend, user, password) in People)
        {
            (await _bed.LoginAsync(user, password)).Status.ShouldBe(backend == away ? 503 : 200, $"{user} while {away} is away\n{_bed.Process.Errors}");
        }

        // A program that was shown the password and did not judge it keeps the charge; nobody else's outage is a failure.
        (await _bed.FailuresAsync()).ShouldBeLessThanOrEqualTo(away == "os" ? 2 : 0);
    }

    private async Task BackAsync(string backend)
    {
        await _bed.ReloadAsync(_backends);
        var (_, user, password) = People.Single(person => person.Backend == backend);
        await _bed.RecoversAsync(user, password);
    }

    private async Task KillChildrenAsync()
    {
        foreach (var child in _bed.Children())
        {
            await ProgramRun.ExecuteAsync("kill", ["-9", child.ToString(CultureInfo.InvariantCulture)]);
        }
    }

    private static JsonObject Node(string json) => JsonNode.Parse(json)!.AsObject();
}
