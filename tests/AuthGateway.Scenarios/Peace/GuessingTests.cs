using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using AuthGateway.Scenarios.Attacks;
using AuthGateway.Scenarios.Directories;
using AuthGateway.Scenarios.Support;
using AuthGateway.TestKit.Certificates;
using AuthGateway.TestKit.Gateway;

namespace AuthGateway.Scenarios.Peace;

/// <summary>Strangers who guess: neither the owner nor the directory's account suffers, and nobody learns which names exist.</summary>
[Collection(DirectoryGroup.Name)]
public sealed class GuessingTests
{
    private const int Addresses = 50;
    private const int GuessesOfEach = 20;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_thousand_guesses_from_fifty_addresses_leave_the_owner_s_phone_and_the_domain_s_account_alone(bool forwarded)
    {
        await Bed.EnsureServiceAsync("samba");
        await Samba.ResetAsync("lock6", Samba.Password, mustChange: false);
        // Nothing is cached: each sync is a login, as after the cache has run out.
        await using var gateway = await PeaceGateway.StartAsync(PeaceGateway.ActiveDirectory);
        using var phone = gateway.Phone("lock6");
        (await phone.SyncAsync(Samba.Password)).ShouldBe(200);

        var most = 0;
        await GuessAsync(gateway, "lock6", forwarded, async () =>
        {
            (await phone.SyncAsync(Samba.Password)).ShouldBe(200);
            most = Math.Max(most, await Samba.FailuresAsync("lock6"));
        });

        most.ShouldBeLessThanOrEqualTo(2);
        (await phone.SyncAsync(Samba.Password)).ShouldBe(200);
        (await Samba.FailuresAsync("lock6")).ShouldBeLessThanOrEqualTo(2);
        (await Samba.ReadAsync("lock6", "lockoutTime") ?? "0").ShouldBe("0");
    }

    /// <summary>The owner sleeps, so that nothing she does makes the domain forget: what it has counted in the end is all it was ever shown.</summary>
    [Fact]
    public async Task A_thousand_guesses_while_the_owner_sleeps_show_the_domain_two_below_its_limit_at_most()
    {
        await Bed.EnsureServiceAsync("samba");
        await Samba.ResetAsync("lock6", Samba.Password, mustChange: false);
        await using var gateway = await PeaceGateway.StartAsync(PeaceGateway.ActiveDirectory);
        using var phone = gateway.Phone("lock6");
        (await phone.SyncAsync(Samba.Password)).ShouldBe(200);
        (await Samba.FailuresAsync("lock6")).ShouldBe(0);

        await GuessAsync(gateway, "lock6", forwarded: false);

        (await Samba.FailuresAsync("lock6")).ShouldBeInRange(1, 2, "the domain locks after four");
        (await phone.SyncAsync(Samba.Password)).ShouldBe(200);
        (await Samba.FailuresAsync("lock6")).ShouldBe(0);
    }

    [Fact]
    public async Task LO_01_once_the_lock_is_over_the_right_password_is_accepted_again()
    {
        using var authority = TestAuthority.Create();
        await using var directory = PeaceGateway.Directory(authority, "anna");
        await using var gateway = await PeaceGateway.StartAsync(PeaceGateway.Backend(directory), """{ "Account": { "Duration": "10s" } }""", authority: authority);
        for (var i = 1; i <= 5; i++)
        {
            (await gateway.LoginAsync("anna", $"guess-{i}")).Status.ShouldBe(401);
        }

        (await gateway.LoginAsync("anna", "anna-pw")).Status.ShouldBe(401);
        (await Deadline.PollAsync(TimeSpan.FromSeconds(20), async () => (await gateway.LoginAsync("anna", "anna-pw")).Status == 200)).ShouldBeTrue("the lock lasts ten seconds");
        directory.BindsAs(PeaceGateway.DnOf("anna")).ShouldBe(6, "none while it was locked");
    }

    [Fact]
    public async Task LO_03_form_basic_and_phone_share_one_counter()
    {
        using var authority = TestAuthority.Create();
        await using var directory = PeaceGateway.Directory(authority, "anna");
        await using var gateway = await PeaceGateway.StartAsync(PeaceGateway.Backend(directory), authority: authority);
        using var browser = gateway.Browser(IPAddress.Parse("127.54.1.1"));
        using var phone = gateway.Phone("anna");
        await browser.SignInAsync("/", "anna", "guess-1");
        await browser.SignInAsync("/", "ANNA", "guess-2");
        (await gateway.LoginAsync("anna@bed.test", "guess-3")).Status.ShouldBe(401);
        (await gateway.LoginAsync("Anna", "guess-4", IPAddress.Parse("127.54.1.2"))).Status.ShouldBe(401);
        (await phone.SyncAsync("guess-5")).ShouldBe(401);

        (await browser.SignInAsync("/", "anna", "anna-pw")).Status.ShouldNotBeOneOf(302, 303);
        (await browser.IsSignedOutAsync("/")).ShouldBeTrue();
        (await gateway.LoginAsync("anna", "anna-pw", IPAddress.Parse("127.54.1.3"))).Status.ShouldBe(401);
        (await phone.SyncAsync("anna-pw")).ShouldBe(401);
        directory.BindsAs(PeaceGateway.DnOf("anna")).ShouldBe(5);
    }

    [Fact]
    public async Task A_thousand_guesses_leave_an_account_of_OpenLDAP_alone_too()
    {
        await Bed.EnsureServiceAsync("slapd2");
        await Second.ForgetAsync("lock6");
        await using var gateway = await PeaceGateway.StartAsync(PeaceGateway.OpenLdap);
        using var phone = gateway.PhoneOf("lock6", "lock6@second.test");
        (await phone.SyncAsync("lock6-pw")).ShouldBe(200);

        var most = 0;
        await GuessAsync(gateway, "lock6", forwarded: false, async () =>
        {
            (await phone.SyncAsync("lock6-pw")).ShouldBe(200);
            most = Math.Max(most, await Second.FailuresAsync("lock6"));
        });

        most.ShouldBeLessThanOrEqualTo(2);
        (await phone.SyncAsync("lock6-pw")).ShouldBe(200);
        (await Second.ReadAsync("lock6", "pwdAccountLockedTime")).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_cached_phone_goes_on_while_strangers_lock_its_account_and_after_the_cache_has_run_out()
    {
        using var authority = TestAuthority.Create();
        await using var directory = PeaceGateway.Directory(authority, "anna");
        await using var gateway = await PeaceGateway.StartAsync(PeaceGateway.Backend(directory, """{ "Threshold": "5" }"""), cache: "1s", authority: authority);
        using var phone = gateway.Phone("anna");
        (await phone.SyncAsync("anna-pw")).ShouldBe(200);
        await GuessAsync(gateway, "anna", forwarded: false, async () => (await phone.SyncAsync("anna-pw")).ShouldBe(200));

        (await gateway.CountersAsync("one:")).ShouldContain(counter => counter.GetProperty("key").GetString()!.StartsWith("user:", StringComparison.Ordinal)
            || counter.GetProperty("key").GetString()!.StartsWith("budget-strangers:", StringComparison.Ordinal));
        var binds = directory.BindsAs(PeaceGateway.DnOf("anna"));
        (await Deadline.PollAsync(TimeSpan.FromSeconds(5), async () =>
        {
            (await phone.SyncAsync("anna-pw")).ShouldBe(200);
            return directory.BindsAs(PeaceGateway.DnOf("anna")) > binds;
        })).ShouldBeTrue("the cache must run out, or this shows nothing");
        (await phone.SyncAsync("anna-pw")).ShouldBe(200);
    }

    [Fact]
    public async Task Names_nobody_has_are_counted_and_told_like_those_somebody_has()
    {
        using var authority = TestAuthority.Create();
        await using var directory = PeaceGateway.Directory(authority, "anna");
        await using var gateway = await PeaceGateway.StartAsync(PeaceGateway.Backend(directory), authority: authority);
        foreach (var name in new[] { "anna", "nobody" })
        {
            for (var i = 1; i <= 6; i++)
            {
                await gateway.LoginAsync(name, $"guess-{i}", IPAddress.Parse($"127.51.{i}.{name.Length}"));
            }
        }

        var anna = await gateway.LoginAsync("anna", "guess-7", IPAddress.Parse("127.51.7.1"));
        var nobody = await gateway.LoginAsync("nobody", "guess-7", IPAddress.Parse("127.51.7.2"));
        Comparable(nobody).ShouldBe(Comparable(anna));
        anna.Status.ShouldBe(401);
        directory.BindsAs(PeaceGateway.DnOf("anna")).ShouldBe(5);

        var counters = await gateway.CountersAsync();
        var known = counters.Single(counter => counter.GetProperty("key").GetString()!.StartsWith("user:", StringComparison.Ordinal));
        var unknown = counters.Single(counter => counter.GetProperty("key").GetString()!.StartsWith("name:", StringComparison.Ordinal));
        unknown.GetProperty("failures").GetInt32().ShouldBe(known.GetProperty("failures").GetInt32());
        await gateway.Process.AuditRecordAsync(_ => true, "--reason", "account-locked", "--user", "anna");
        await gateway.Process.AuditRecordAsync(record => !record.TryGetProperty("identity", out _) || record.GetProperty("identity").GetString() is null, "--reason", "account-locked");
    }

    [Theory]
    [InlineData("none", 40)]
    [InlineData("5", 3)]
    public async Task Log_only_refuses_nobody_for_our_counters_and_still_spares_the_directory(string threshold, int mostBinds)
    {
        using var authority = TestAuthority.Create();
        await using var directory = PeaceGateway.Directory(authority, "anna");
        await using var gateway = await PeaceGateway.StartAsync(
            PeaceGateway.Backend(directory, $$"""{ "Threshold": "{{threshold}}" }"""), """{ "Mode": "log-only" }""", authority: authority);
        using var phone = gateway.Phone("anna");
        (await phone.SyncAsync("anna-pw")).ShouldBe(200);
        var before = directory.BindsAs(PeaceGateway.DnOf("anna"));
        var source = IPAddress.Parse("127.52.1.1");

        for (var i = 0; i < 40; i++)
        {
            (await gateway.LoginAsync("anna", $"guess-{i}", source)).Status.ShouldBe(401, "never 429");
        }

        directory.BindsAs(PeaceGateway.DnOf("anna")).ShouldBeInRange(before + 1, before + mostBinds);
        (await phone.SyncAsync("anna-pw")).ShouldBe(200);
        if (threshold == "none")
        {
            (await gateway.LoginAsync("anna", "anna-pw", source)).Status.ShouldBe(200);
        }
    }

    [Fact]
    public async Task LO_04_a_customer_s_whole_network_is_shut_out_for_what_its_parts_did()
    {
        using var authority = TestAuthority.Create();
        await using var directory = PeaceGateway.Directory(authority, "anna");
        await using var gateway = await PeaceGateway.StartAsync(PeaceGateway.Backend(directory), """{ "Address": { "Limit": 4 } }""", authority: authority);
        var statuses = new List<int>();
        for (var i = 0; i < 24; i++)
        {
            statuses.Add((await gateway.LoginAsync($"user{i}", "Summer2026!", forwardedFor: string.Create(CultureInfo.InvariantCulture, $"2001:db8:1:{i + 1:x}::1"))).Status);
        }

        statuses.Take(20).ShouldAllBe(status => status == 401, "five times what one /64 may do");
        statuses.Skip(20).ShouldAllBe(status => status == 429);
        (await gateway.LoginAsync("anna", "anna-pw", forwardedFor: "2001:db8:1:ffff::1")).Status.ShouldBe(429);
        (await gateway.LoginAsync("anna", "anna-pw", forwardedFor: "2001:db8:2:1::1")).Status.ShouldBe(200);
    }

    [Fact]
    public async Task LO_04_the_addresses_of_one_subscriber_are_one()
    {
        using var authority = TestAuthority.Create();
        await using var directory = PeaceGateway.Directory(authority, "anna");
        await using var gateway = await PeaceGateway.StartAsync(PeaceGateway.Backend(directory), """{ "Address": { "Limit": 4 } }""", authority: authority);
        for (var i = 1; i <= 4; i++)
        {
            (await gateway.LoginAsync($"user{i}", "Summer2026!", forwardedFor: string.Create(CultureInfo.InvariantCulture, $"2001:db8:9:1::{i:x}"))).Status.ShouldBe(401);
        }

        (await gateway.LoginAsync("anna", "anna-pw", forwardedFor: "2001:db8:9:1:ffff::5")).Status.ShouldBe(429);
        (await gateway.LoginAsync("anna", "anna-pw", forwardedFor: "2001:db8:9:2::1")).Status.ShouldBe(200);
    }

    /// <summary>All the guesses, with something that is done again and again meanwhile, or nothing.</summary>
    private static async Task GuessAsync(PeaceGateway gateway, string user, bool forwarded, Func<Task>? meanwhile = null)
    {
        var statuses = new ConcurrentDictionary<int, int>();
        var guesses = Task.WhenAll(Enumerable.Range(1, Addresses).Select(async address =>
        {
            var source = IPAddress.Parse(string.Create(CultureInfo.InvariantCulture, $"127.53.{address}.9"));
            for (var i = 0; i < GuessesOfEach; i++)
            {
                var answer = forwarded
                    ? await gateway.LoginAsync(user, $"guess-{address}-{i}", forwardedFor: string.Create(CultureInfo.InvariantCulture, $"203.0.{address}.7"))
                    : await gateway.LoginAsync(user, $"guess-{address}-{i}", source);
                statuses.AddOrUpdate(answer.Status, 1, static (_, count) => count + 1);
            }
        }));
        while (meanwhile is not null && !guesses.IsCompleted)
        {
            await meanwhile();
        }

        await guesses;
        statuses.Keys.ShouldBeSubsetOf([401, 429, 503], string.Join(", ", statuses));
        statuses.Values.Sum().ShouldBe(Addresses * GuessesOfEach);
        statuses.GetValueOrDefault(401).ShouldBeGreaterThan(Addresses);
    }

    private static string Comparable(Answer answer) =>
        string.Join('\n', answer.ToString().Replace(answer.RequestId, "(id)", StringComparison.Ordinal).Split('\n').Where(line => !line.StartsWith("Date:", StringComparison.OrdinalIgnoreCase)));
}

/// <summary>The second OpenLDAP of the bed, as its administrator.</summary>
internal static class Second
{
    private static readonly string[] Administrator = ["-x", "-H", "ldap://127.0.0.1:3891", "-D", "cn=admin,dc=second,dc=test", "-w", "adminpw"];

    /// <summary>Values of an attribute.</summary>
    public static async Task<IReadOnlyList<string>> ReadAsync(string user, string attribute)
    {
        var run = await ProgramRun.ExecuteAsync("ldapsearch", [.. Administrator, "-LLL", "-b", Dn(user), "-s", "base", attribute]);
        run.ExitCode.ShouldBe(0, run.Error);
        return [.. run.Output.Split('\n').Where(line => line.StartsWith($"{attribute}: ", StringComparison.Ordinal))];
    }

    /// <summary>How many wrong passwords it remembers of a user.</summary>
    public static async Task<int> FailuresAsync(string user) => (await ReadAsync(user, "pwdFailureTime")).Count;

    /// <summary>Makes it forget an earlier run's guesses.</summary>
    public static async Task ForgetAsync(string user)
    {
        _ = await ProgramRun.ExecuteAsync("ldapmodify", Administrator, $"dn: {Dn(user)}\nchangetype: modify\ndelete: pwdAccountLockedTime\n");
        var bind = await ProgramRun.ExecuteAsync("ldapwhoami", ["-x", "-H", "ldap://127.0.0.1:3891", "-D", Dn(user), "-w", $"{user}-pw"]);
        bind.ExitCode.ShouldBe(0, $"{user} must be able to bind: {bind.Error}");
        (await FailuresAsync(user)).ShouldBe(0);
    }

    private static string Dn(string user) => $"uid={user},ou=people,dc=second,dc=test";
}
