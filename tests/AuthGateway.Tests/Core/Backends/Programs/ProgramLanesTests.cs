using AuthGateway.Core.Backends.Programs;
using AuthGateway.TestKit;

namespace AuthGateway.Tests.Core.Backends.Programs;

public sealed class ProgramLanesTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public async Task Run_MoreThanLanes_WaitsAndGivesUpInTime()
    {
        var lanes = new ProgramLanes(2, TimeSpan.FromSeconds(5), _time);
        var gate = new TaskCompletionSource<string>();
        var running = new[] { lanes.RunAsync(() => gate.Task, default).AsTask(), lanes.RunAsync(() => gate.Task, default).AsTask() };
        var third = lanes.RunAsync(() => Task.FromResult("never"), default).AsTask();
        third.IsCompleted.ShouldBeFalse();

        _time.Advance(TimeSpan.FromSeconds(5));

        (await third).ShouldBeNull();
        gate.SetResult("done");
        (await Task.WhenAll(running)).ShouldBe(["done", "done"]);
        (await lanes.RunAsync(() => Task.FromResult("now"), default)).ShouldBe("now");
    }

    [Fact]
    public async Task Run_CallerGivesUp_TheLaneStaysTakenUntilTheWorkEnds()
    {
        var lanes = new ProgramLanes(1, TimeSpan.FromSeconds(5), _time);
        var gate = new TaskCompletionSource<string>();
        using var hangUp = new CancellationTokenSource();
        var first = lanes.RunAsync(() => gate.Task, hangUp.Token).AsTask();
        await hangUp.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => first);

        lanes.InUse.ShouldBe(1);
        gate.SetResult("late");
        (await lanes.RunAsync(() => Task.FromResult("next"), default)).ShouldBe("next");
    }

    [Fact]
    public async Task Run_QueueFull_IsRefusedAtOnce()
    {
        var lanes = new ProgramLanes(1, TimeSpan.FromSeconds(5), _time);
        var gate = new TaskCompletionSource<string>();
        var all = Enumerable.Range(0, 1 + ProgramLanes.MaxWaiting).Select(_ => lanes.RunAsync(() => gate.Task, default).AsTask()).ToList();

        (await lanes.RunAsync(() => gate.Task, default)).ShouldBeNull();

        gate.SetResult("done");
        (await Task.WhenAll(all)).ShouldAllBe(result => result == "done");
    }
}
