using System.Diagnostics;
using AuthGateway.Scenarios.Support;

namespace AuthGateway.Scenarios.Groupware;

/// <summary>Requests that rest. A class, and so a collection, of its own: the minute runs beside everything else.</summary>
public sealed class PingTests(SogoGateway sogo) : IClassFixture<SogoGateway>
{
    [Fact]
    public async Task Ping_RestsAMinute_AndIsAnsweredBySogo()
    {
        var device = $"P{Guid.NewGuid():N}"[..24];
        using var phone = sogo.Phone();
        phone.Timeout = TimeSpan.FromSeconds(90);
        await phone.SendAsync(phone.Command("FolderSync", Wbxml.FolderSync(), device));
        var sync = await phone.SendAsync(phone.Command("Sync", Wbxml.Sync("0", "vcard/personal"), device));
        Wbxml.Find(sync.Body, WbxmlTag.SyncStatus).ShouldBe("1");
        await phone.SendAsync(phone.Command("Sync", Wbxml.Sync(Wbxml.Find(sync.Body, WbxmlTag.SyncKey)!, "vcard/personal"), device));

        var watch = Stopwatch.StartNew();
        var answer = await phone.SendAsync(phone.Command("Ping", Wbxml.Ping(60), device));

        answer.Status.ShouldBe(200, answer.ToString());
        watch.Elapsed.ShouldBeGreaterThan(TimeSpan.FromSeconds(55));
        // 1: the interval is over and nothing changed.
        Wbxml.Find(answer.Body, WbxmlTag.PingStatus).ShouldBe("1");
    }
}

/// <summary>A phone that goes away takes its request at the upstream with it.</summary>
public sealed class PingAbortTests
{
    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task Abort_EndsTheRequestAtTheUpstream(string version)
    {
        await using var hold = await HoldUpstream.StartAsync();
        await using var gateway = await SlowGateway.StartAsync(hold);
        using var gone = new CancellationTokenSource();
        using var phone = new GatewayClient(gateway, SlowGateway.PhoneHost, null, "alice", Version.Parse(version));
        var ping = phone.SendAsync(phone.Command("Ping", Wbxml.Ping(600), "ABORT0001"), gone.Token);
        await hold.WaitForCountAsync(1, TimeSpan.FromSeconds(10));

        await gone.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => ping);
        await hold.WaitForCountAsync(0, TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task PhoneThatVanishes_EndsTheRequestAtTheUpstream()
    {
        await using var hold = await HoldUpstream.StartAsync();
        await using var gateway = await SlowGateway.StartAsync(hold);
        var phone = new GatewayClient(gateway, SlowGateway.PhoneHost, null, "alice");
        var ping = phone.SendAsync(phone.Command("Ping", Wbxml.Ping(600), "ABORT0002"));
        await hold.WaitForCountAsync(1, TimeSpan.FromSeconds(10));

        phone.Dispose();

        await Should.ThrowAsync<Exception>(() => ping);
        await hold.WaitForCountAsync(0, TimeSpan.FromSeconds(5));
    }
}
