using System.Net;
using AuthGateway.Scenarios.Attacks;
using AuthGateway.Scenarios.Directories;
using AuthGateway.TestKit.Gateway;

namespace AuthGateway.Scenarios.Peace;

/// <summary>Phones that go on with a password that serves no longer, before real directories.</summary>
[Collection(DirectoryGroup.Name)]
public sealed class StalePasswordTests
{
    // Not one the account ever had: the domain forgives those of its history, and would count nothing whatever we do.
    private static string Stale => $"Stale-{Guid.NewGuid():N}";

    [Fact]
    public async Task One_old_password_replayed_500_times_costs_the_directory_one_failure_while_its_owner_signs_in()
    {
        await ReadyAsync("lock4");
        await using var gateway = await PeaceGateway.StartAsync(PeaceGateway.ActiveDirectory);
        using var phone = gateway.Phone("lock4");
        (await phone.SyncAsync(Samba.Password)).ShouldBe(200);
        var stale = Stale;

        for (var i = 0; i < 100; i++)
        {
            (await phone.SyncAsync(stale)).ShouldBe(401);
        }

        // 400 more at once, and nobody signs in meanwhile, which would make the domain forget.
        await ReplayAsync(gateway, stale, 20);
        (await Samba.FailuresAsync("lock4")).ShouldBe(1);
        var forwarded = gateway.Echo.Count;
        var replay = ReplayAsync(gateway, stale, 10);
        for (var i = 1; i <= 3; i++)
        {
            using var browser = gateway.Browser(IPAddress.Parse($"127.50.{i}.1"));
            (await browser.SignInAsync("/", "lock4", Samba.Password)).Status.ShouldBeOneOf(302, 303);
            (await browser.GetAsync("/")).Status.ShouldBe(200);
        }

        await replay;
        (await Samba.FailuresAsync("lock4")).ShouldBeLessThanOrEqualTo(1);
        (await Samba.ReadAsync("lock4", "lockoutTime") ?? "0").ShouldBe("0");
        gateway.Echo.Count.ShouldBe(forwarded + 3, "no stale request may reach the upstream");
        (await phone.SyncAsync(Samba.Password)).ShouldBe(200);
        await gateway.Process.AuditRecordAsync(_ => true, "--reason", "repeated-password");
    }

    [Fact]
    public async Task A_phone_nobody_knows_yet_does_not_keep_its_owner_from_signing_in()
    {
        await ReadyAsync("lock4");
        await using var gateway = await PeaceGateway.StartAsync(PeaceGateway.ActiveDirectory);
        using var phone = gateway.Phone("lock4");
        var stale = Stale;
        for (var i = 0; i < 50; i++)
        {
            (await phone.SyncAsync(stale)).ShouldBe(401);
        }

        (await Samba.FailuresAsync("lock4")).ShouldBe(1);
        using var browser = gateway.Browser(IPAddress.Parse("127.50.9.1"));
        (await browser.SignInAsync("/", "lock4", Samba.Password)).Status.ShouldBeOneOf(302, 303);
        (await phone.SyncAsync(Samba.Password)).ShouldBe(200);
    }

    [Fact]
    public async Task The_new_password_ends_the_old_one_at_once_however_long_that_is_cached()
    {
        await Bed.EnsureUpAsync();
        await Slapd.ForgetAsync("lock7");
        await using var gateway = await PeaceGateway.StartAsync(PeaceGateway.MildLdap, cache: "10m");
        try
        {
            using var phone = gateway.Phone("lock7");
            (await phone.SyncAsync("lock7-pw")).ShouldBe(200);
            (await gateway.LoginAsync("lock7", "lock7-pw")).Status.ShouldBe(200);
            await Slapd.SetPasswordAsync("lock7", "changed-pw");
            (await phone.SyncAsync("lock7-pw")).ShouldBe(200, "cached, and nobody told the gateway");

            (await gateway.LoginAsync("lock7@bed.test", "changed-pw")).Status.ShouldBe(200);

            (await phone.SyncAsync("lock7-pw")).ShouldBe(401);
            (await gateway.LoginAsync("lock7", "lock7-pw")).Status.ShouldBe(401);
            (await phone.SyncAsync("changed-pw")).ShouldBe(200);
        }
        finally
        {
            await Slapd.SetPasswordAsync("lock7", "lock7-pw");
        }
    }

    [Fact]
    public async Task CA_01_unused_the_new_password_ends_the_old_one_within_the_life_of_the_cache()
    {
        await Bed.EnsureUpAsync();
        await Slapd.ForgetAsync("lock8");
        await using var gateway = await PeaceGateway.StartAsync(PeaceGateway.MildLdap, cache: "2s");
        try
        {
            using var phone = gateway.Phone("lock8");
            (await phone.SyncAsync("lock8-pw")).ShouldBe(200);
            await Slapd.SetPasswordAsync("lock8", "changed-pw");
            // A phone that keeps asking must not keep the old password alive.
            (await Deadline.PollAsync(TimeSpan.FromSeconds(6), async () => await phone.SyncAsync("lock8-pw") == 401)).ShouldBeTrue();
            (await Slapd.FailuresAsync("lock8")).ShouldBe(1);
            (await phone.SyncAsync("changed-pw")).ShouldBe(200);
        }
        finally
        {
            await Slapd.SetPasswordAsync("lock8", "lock8-pw");
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_phone_that_already_sends_what_an_administrator_sets_is_let_in_soon(bool isFamiliar)
    {
        await ReadyAsync("lock5");
        await using var gateway = await PeaceGateway.StartAsync(PeaceGateway.ActiveDirectory, """{ "RepeatLookInterval": "5s" }""");
        using var phone = gateway.Phone("lock5");
        if (isFamiliar)
        {
            (await phone.SyncAsync(Samba.Password)).ShouldBe(200);
        }

        var next = Stale;
        try
        {
            for (var i = 0; i < 5; i++)
            {
                (await phone.SyncAsync(next)).ShouldBe(401);
            }

            await Samba.ResetAsync("lock5", next, mustChange: false);

            (await Deadline.PollAsync(TimeSpan.FromSeconds(20), async () => await phone.SyncAsync(next) == 200)).ShouldBeTrue();
            (await Samba.FailuresAsync("lock5")).ShouldBe(0);
        }
        finally
        {
            await Samba.ResetAsync("lock5", Samba.Password, mustChange: false);
        }
    }

    private static Task ReplayAsync(PeaceGateway gateway, string stale, int times) => Task.WhenAll(Enumerable.Range(0, 20).Select(async _ =>
    {
        using var line = gateway.Phone("lock4");
        for (var i = 0; i < times; i++)
        {
            (await line.SyncAsync(stale)).ShouldBe(401);
        }
    }));

    private static async Task ReadyAsync(string user)
    {
        await Bed.EnsureServiceAsync("samba");
        await Samba.ResetAsync(user, Samba.Password, mustChange: false);
        (await Samba.FailuresAsync(user)).ShouldBe(0);
    }
}
