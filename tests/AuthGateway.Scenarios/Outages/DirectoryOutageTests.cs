using System.Diagnostics;
using AuthGateway.Scenarios.Support;
using AuthGateway.TestKit.Gateway;

namespace AuthGateway.Scenarios.Outages;

/// <summary>The directory goes away in every way it can, and comes back.</summary>
public sealed class DirectoryOutageTests
{
    private const int Crowd = 40;

    // The chain's own limit is 8 s; the rest is this machine's. Forty waiting one behind the other would take minutes.
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(8) + TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Recovery = TimeSpan.FromSeconds(15);

    public enum Outage
    {
        /// <summary>Nobody listens.</summary>
        Stopped,

        /// <summary>Connections are taken and nobody answers.</summary>
        HalfOpen,
    }

    [Theory]
    [InlineData(Outage.Stopped)]
    [InlineData(Outage.HalfOpen)]
    public async Task Outage_IsSaidInTime_CountsNobody_AndPasses(Outage outage)
    {
        await using var bed = await DirectoryGateway.StartAsync();
        (await bed.LoginAsync("u0101:load-pw")).Answer.Status.ShouldBe(200);
        using var known = new GatewayClient(bed.Gateway, DirectoryGateway.Host, null, "u0102:load-pw");
        (await known.SendAsync("PROPFIND", "/SOGo/dav/x/", null, ("Depth", "0"))).Status.ShouldBe(200);

        if (outage == Outage.Stopped)
        {
            bed.Network.Stop();
        }
        else
        {
            bed.Network.Freeze();
        }

        // Everybody at once, the last as soon as the first; and what needs no directory is not held up by those who wait.
        var crowd = Enumerable.Range(0, Crowd).Select(number => bed.LoginAsync($"u0{200 + number}:load-pw")).ToList();
        for (var request = 0; request < 5; request++)
        {
            var (open, took) = await bed.OpenAsync();
            open.Status.ShouldBe(200);
            took.ShouldBeLessThan(TimeSpan.FromSeconds(2));
            (await known.SendAsync("PROPFIND", "/SOGo/dav/x/", null, ("Depth", "0"))).Status.ShouldBe(200, "who is known goes on");
        }

        foreach (var (answer, took) in await Task.WhenAll(crowd))
        {
            answer.Status.ShouldBe(503, answer.ToString());
            answer.Header("WWW-Authenticate").ShouldBeNull("a phone that is asked for a password asks its owner");
            answer.Header("Retry-After").ShouldNotBeNull();
            took.ShouldBeLessThan(Bound);
        }

        // A wrong password is nobody's failure while nobody can say that it is wrong.
        (await bed.LoginAsync("u0300:wrong")).Answer.Status.ShouldBe(503);
        var counters = await bed.CountersAsync();
        counters.GetArrayLength().ShouldBe(0, counters.ToString());

        bed.Network.Restore();
        var watch = Stopwatch.StartNew();
        (await Deadline.PollAsync(Recovery, async () => (await bed.LoginAsync("u0301:load-pw")).Answer.Status == 200)).ShouldBeTrue("The directory is back.");
        watch.Elapsed.ShouldBeLessThan(Recovery);
    }

    [Fact]
    public async Task KilledConnections_AreMadeAnew_WithoutAnybodyNoticing()
    {
        await using var bed = await DirectoryGateway.StartAsync();
        for (var round = 0; round < 5; round++)
        {
            var accepted = bed.Network.Accepted;
            (await bed.LoginAsync($"u04{10 + round}:load-pw")).Answer.Status.ShouldBe(200);
            bed.Network.Kill();
            var (answer, _) = await bed.LoginAsync($"u05{10 + round}:load-pw");
            answer.Status.ShouldBe(200, answer.ToString());
            bed.Network.Accepted.ShouldBeGreaterThan(accepted);
        }

        (await bed.CountersAsync()).GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task LocalAccounts_AreServed_WhileTheDirectoryIsAway()
    {
        await using var bed = await DirectoryGateway.StartAsync();
        (await bed.Gateway.RunCliAsync(["user", "add", "scanner", "--password-stdin"], "a-local-password\n")).ExitCode.ShouldBe(0);
        bed.Network.Stop();

        var (answer, took) = await bed.LoginAsync("scanner:a-local-password");
        answer.Status.ShouldBe(200, answer.ToString());
        took.ShouldBeLessThan(Bound);
        // The local backend knows him and said no: a refusal would be true, but the directory might have taken him.
        (await bed.LoginAsync("scanner:wrong-password")).Answer.Status.ShouldBe(503);
    }

    [Fact]
    public async Task OnUnavailableRefuse_AsksNobodyElse()
    {
        await using var bed = await DirectoryGateway.StartAsync(gateway => gateway.Directory()["OnUnavailable"] = "refuse");
        (await bed.Gateway.RunCliAsync(["user", "add", "scanner", "--password-stdin"], "a-local-password\n")).ExitCode.ShouldBe(0);
        (await bed.LoginAsync("scanner:a-local-password")).Answer.Status.ShouldBe(200, "the directory does not know him, so the next is asked");
        await bed.Gateway.ReloadAsync(await File.ReadAllTextAsync(bed.Gateway.ConfigurationFile) + "\n ");
        bed.Network.Stop();

        var (answer, _) = await bed.LoginAsync("scanner:a-local-password");
        answer.Status.ShouldBe(503, answer.ToString());
    }

    [Fact]
    public async Task SecondServer_TakesOver()
    {
        await using var second = new TcpRelay(3636);
        await using var bed = await DirectoryGateway.StartAsync(
            gateway => gateway.Directory()["Hosts"]!.AsArray().Add($"ldaps://127.0.0.1:{second.Port}"));
        (await bed.LoginAsync("u0601:load-pw")).Answer.Status.ShouldBe(200);
        bed.Network.Stop();

        var (answer, took) = await bed.LoginAsync("u0602:load-pw");
        answer.Status.ShouldBe(200, answer.ToString());
        took.ShouldBeLessThan(Bound);
    }

    [Fact]
    public async Task Outage_IsInTheAuditAsOne()
    {
        await using var bed = await DirectoryGateway.StartAsync();
        bed.Network.Stop();
        var (answer, _) = await bed.LoginAsync("u0701:load-pw");
        answer.Status.ShouldBe(503);
        var record = await bed.Gateway.AuditRecordAsync(_ => true, "--request", answer.RequestId);
        record.GetProperty("reason").GetString().ShouldBe("backend-unavailable");
        record.GetProperty("verdict").GetString().ShouldBe("unavailable");
        record.GetProperty("detail").GetString()!.ShouldContain("directory");
    }

    [Fact]
    public async Task RealDirectory_Frozen_IsAnOutageInTime_AndComesBack()
    {
        await using var bed = await DirectoryGateway.StartAsync(relayed: false);
        (await bed.LoginAsync("u0801:load-pw")).Answer.Status.ShouldBe(200);
        await Bed.FreezeAsync("slapd");
        try
        {
            var (answer, took) = await bed.LoginAsync("u0802:load-pw");
            answer.Status.ShouldBe(503, answer.ToString());
            took.ShouldBeLessThan(Bound);
        }
        finally
        {
            await Bed.ThawAsync("slapd");
        }

        (await Deadline.PollAsync(Recovery, async () => (await bed.LoginAsync("u0803:load-pw")).Answer.Status == 200)).ShouldBeTrue("The directory is back.");
        (await bed.CountersAsync()).GetArrayLength().ShouldBe(0);
    }
}
