using AuthGateway.TestKit;

namespace AuthGateway.Tests.TestKit;

public sealed class ManualTimeProviderTests
{
    [Fact]
    public void Advance_TimersOnTheWay_FireInOrderAtTheirOwnTime()
    {
        var time = new ManualTimeProvider();
        var start = time.GetUtcNow();
        var fired = new List<string>();
        using var second = time.CreateTimer(_ => fired.Add($"b{(time.GetUtcNow() - start).TotalSeconds}"), null, TimeSpan.FromSeconds(2), Timeout.InfiniteTimeSpan);
        using var periodic = time.CreateTimer(_ => fired.Add($"p{(time.GetUtcNow() - start).TotalSeconds}"), null, TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(3));

        time.Advance(TimeSpan.FromSeconds(7));

        fired.ShouldBe(["b2", "p3", "p6"]);
    }

    [Fact]
    public async Task Advance_DelayAndCancellation_HappenInManualTime()
    {
        var time = new ManualTimeProvider();
        var delay = Task.Delay(TimeSpan.FromMinutes(1), time);
        using var source = new CancellationTokenSource(TimeSpan.FromMinutes(1), time);
        var since = time.GetTimestamp();

        time.Advance(TimeSpan.FromSeconds(59));
        delay.IsCompleted.ShouldBeFalse();
        source.IsCancellationRequested.ShouldBeFalse();
        time.Advance(TimeSpan.FromSeconds(1));

        await delay;
        source.IsCancellationRequested.ShouldBeTrue();
        time.GetElapsedTime(since).TotalSeconds.ShouldBe(60, 0.001);
    }
}
