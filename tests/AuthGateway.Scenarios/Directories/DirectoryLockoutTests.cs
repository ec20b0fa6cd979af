using AuthGateway.Core.Backends;
using AuthGateway.TestKit.Gateway;

namespace AuthGateway.Scenarios.Directories;

/// <summary>What real directories tell of their own lockout, and of when a password was set.</summary>
[Collection(DirectoryGroup.Name)]
public sealed class DirectoryLockoutTests(ChainGateway bed)
{
    private const string Policies = "ou=policies,dc=second,dc=test";
    private const string Strict = "CN=bed-strict,CN=Password Settings Container,CN=System,DC=samdom,DC=test";

    private static readonly DirectoryLockout s_domain = new(4, TimeSpan.FromMinutes(30));

    [Fact]
    public async Task A_domain_says_when_it_locks()
    {
        await using var directory = await BackendBed.SambaAsync();
        (await directory.FoundAsync("alice")).DirectoryLockout.ShouldBe(s_domain);
        (await TellAsync(directory)).ShouldBe(new DirectoryLockoutReport(s_domain, "DC=samdom,DC=test", null));
    }

    [Fact]
    public async Task A_fine_grained_policy_goes_before_the_domain_where_it_may_be_read_and_is_feared_where_not()
    {
        (await Samba.ModifyAsync($"dn: {Strict}\nchangetype: delete\n")).ExitCode.ShouldBeOneOf(0, 32);
        (await Samba.ModifyAsync(
            $"""
            dn: {Strict}
            changetype: add
            objectClass: msDS-PasswordSettings
            msDS-PasswordSettingsPrecedence: 3
            msDS-PasswordReversibleEncryptionEnabled: FALSE
            msDS-PasswordHistoryLength: 3
            msDS-PasswordComplexityEnabled: TRUE
            msDS-MinimumPasswordLength: 12
            msDS-MinimumPasswordAge: 0
            msDS-MaximumPasswordAge: -9223372036854775808
            msDS-LockoutThreshold: 6
            msDS-LockoutObservationWindow: -36000000000
            msDS-LockoutDuration: -36000000000
            msDS-PSOAppliesTo: CN=lock2,OU=People,DC=samdom,DC=test

            """)).ShouldSatisfyAllConditions(run => run.ExitCode.ShouldBe(0, run.Error));
        try
        {
            await using var administrator = await BackendBed.SambaAsync(options => (options.SearchUser, options.SearchPassword) = ("Administrator@samdom.test", "Passw0rd!23"));
            (await administrator.FoundAsync("lock2")).DirectoryLockout.ShouldBe(new DirectoryLockout(6, TimeSpan.FromHours(1)));
            (await administrator.FoundAsync("alice")).DirectoryLockout.ShouldBe(s_domain);

            // An ordinary account sees that there is a policy, and nothing of it.
            await using var ordinary = await BackendBed.SambaAsync(options => options.DirectoryLockout.UnreadableThreshold = 3);
            var found = await ordinary.FoundAsync("lock2");
            found.DirectoryLockout.ShouldBe(new DirectoryLockout(3, TimeSpan.FromMinutes(30)));
            (await TellAsync(ordinary, found)).Warning.ShouldNotBeNull().ShouldContain("bed-strict");
        }
        finally
        {
            await Samba.ModifyAsync($"dn: {Strict}\nchangetype: delete\n");
        }
    }

    [Fact]
    public async Task A_password_policy_of_OpenLDAP_says_when_it_locks()
    {
        var expected = new DirectoryLockout(4, TimeSpan.FromMinutes(5)) { Duration = TimeSpan.MaxValue };
        await using var directory = await BackendBed.SecondAsync(options => options.DirectoryLockout.PolicyDn = $"cn=default,{Policies}");
        (await directory.FoundAsync("henry")).DirectoryLockout.ShouldBe(expected);
        (await TellAsync(directory)).ShouldBe(new DirectoryLockoutReport(expected, $"cn=default,{Policies}", null));

        await using var unconfigured = await BackendBed.SecondAsync();
        (await unconfigured.FoundAsync("henry")).DirectoryLockout.ShouldBeNull();
        (await TellAsync(unconfigured)).Warning.ShouldNotBeNull().ShouldContain("DirectoryLockout:PolicyDn");
        var aged = await unconfigured.FoundAsync("aged");
        aged.DirectoryLockout.ShouldBe(expected);
        (await TellAsync(unconfigured, aged)).Source.ShouldBe($"cn=aged,{Policies}");
    }

    [Fact]
    public async Task The_mark_of_a_password_changes_when_an_administrator_sets_another()
    {
        await using var domain = await BackendBed.SambaAsync();
        await Samba.ResetAsync("lock3", Samba.Password, mustChange: false);
        var before = (await domain.FoundAsync("lock3")).PasswordMark.ShouldNotBeNull();
        (await domain.VerifyAsync("lock3", "not the password")).ShouldBeOfType<BackendAnswer.Rejected>();
        (await domain.FoundAsync("lock3")).PasswordMark.ShouldBe(before);
        await Samba.ResetAsync("lock3", $"N3w-{Guid.NewGuid():N}", mustChange: false);
        ((await domain.FoundAsync("lock3")).PasswordMark == before).ShouldBeFalse();
        await Samba.ResetAsync("lock3", Samba.Password, mustChange: false);

        await using var second = await BackendBed.SecondAsync();
        var unset = (await second.FoundAsync("lock3")).PasswordMark;
        var run = await ProgramRun.ExecuteAsync(
            "ldappasswd", ["-x", "-H", "ldap://127.0.0.1:3891", "-D", "cn=admin,dc=second,dc=test", "-w", "adminpw", "-s", "lock3-pw", "uid=lock3,ou=people,dc=second,dc=test"]);
        run.ExitCode.ShouldBe(0, run.Error);
        ((await second.FoundAsync("lock3")).PasswordMark.ShouldNotBeNull() == unset).ShouldBeFalse();
    }

    [Fact]
    public async Task Backend_test_shows_threshold_window_and_what_is_safe()
    {
        var run = await bed.Process.RunCliAsync(["backend", "test", "--user", "henry"]);
        run.Output.ShouldContain("after 4 wrong passwords within 00:30:00, says DC=samdom,DC=test; at most 2 of them pass the gateway");
        run.Output.ShouldContain("set DirectoryLockout:PolicyDn to its default policy");

        using var json = System.Text.Json.JsonDocument.Parse((await bed.Process.RunCliAsync(["backend", "test", "ad", "--user", "alice", "--json"])).Output);
        var lockout = json.RootElement[0].GetProperty("lockout");
        (lockout.GetProperty("threshold").GetInt32(), lockout.GetProperty("windowSeconds").GetInt64(), lockout.GetProperty("budget").GetInt32()).ShouldBe((4, 1800, 2));
    }

    private static ValueTask<DirectoryLockoutReport> TellAsync(BackendBed directory, BackendLookup.Found? user = null) =>
        ((IDirectoryLockoutTeller)directory.Backend).TellLockoutAsync(user, CancellationToken.None);
}
