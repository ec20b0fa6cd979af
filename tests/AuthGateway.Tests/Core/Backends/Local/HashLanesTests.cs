using AuthGateway.Core.Backends.Local;
using AuthGateway.TestKit;

namespace AuthGateway.Tests.Core.Backends.Local;

public sealed class HashLanesTests : IDisposable
{
    private readonly ManualTimeProvider _time = new();
    private readonly HashLanes _lanes;
    private readonly ManualResetEventSlim _gate = new();
    private readonly SemaphoreSlim _begun = new(0);

    public HashLanesTests() => _lanes = new HashLanes(_time, lanes: 2);

    public void Dispose()
    {
        _lanes.Dispose();
        _gate.Dispose();
        _begun.Dispose();
    }

    [Fact]
    public async Task Run_MoreThanLanesAndQueue_IsBusyAtOnce()
    {
        var running = await Occupy();
        var waiting = Enumerable.Range(0, HashLanes.MaxWaiting).Select(i => _lanes.RunAsync(() => i, default).AsTask()).ToList();
        _lanes.Waiting.ShouldBe(HashLanes.MaxWaiting);

        (await _lanes.RunAsync(() => 1, default)).Ran.ShouldBeFalse();
        _gate.Set();
        (await Task.WhenAll([.. running, .. waiting])).ShouldAllBe(result => result.Ran);
        _lanes.Waiting.ShouldBe(0);
    }

    [Fact]
    public async Task Run_NoLaneInTime_IsBusy()
    {
        var running = await Occupy();
        var waiting = _lanes.RunAsync(() => 1, default).AsTask();

        _time.Advance(HashLanes.LongestWait);
        (await waiting).Ran.ShouldBeFalse();
        _gate.Set();
        await Task.WhenAll(running);
        (await _lanes.RunAsync(() => 7, default)).ShouldBe(new LaneResult<int>(true, 7));
    }

    [Fact]
    public async Task Run_CancelledWhileWaiting_Throws()
    {
        var running = await Occupy();
        using var source = new CancellationTokenSource();
        var waiting = _lanes.RunAsync(() => 1, source.Token).AsTask();

        await source.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(waiting);
        _gate.Set();
        await Task.WhenAll(running);
    }

    [Fact]
    public async Task Run_WorkThrows_FreesTheLane()
    {
        for (var i = 0; i < 5; i++)
        {
            await Should.ThrowAsync<InvalidOperationException>(async () => await _lanes.RunAsync<int>(() => throw new InvalidOperationException(), default));
        }

        (await _lanes.RunAsync(() => 1, default)).Ran.ShouldBeTrue();
    }

    private async Task<Task<LaneResult<int>>[]> Occupy()
    {
        var running = Enumerable.Range(0, 2).Select(i => _lanes.RunAsync(
            () =>
            {
                _begun.Release();
                _gate.Wait();
                return i;
            },
            default).AsTask()).ToArray();
        await _begun.WaitAsync();
        await _begun.WaitAsync();
        return running;
    }
}
