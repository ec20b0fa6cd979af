using AuthGateway.Core.Login;

namespace AuthGateway.Tests.Core.Login;

public sealed class PendingChecksTests
{
    private const string Key = "addr:192.0.2.1";

    private readonly PendingChecks _pending = new();

    [Fact]
    public async Task BeginAsync_WithAPlaceFree_WaitsForNobody()
    {
        await _pending.BeginAsync(Key, 2, CancellationToken.None);
        _pending.BeginAsync(Key, 2, CancellationToken.None).IsCompletedSuccessfully.ShouldBeTrue();
    }

    [Fact]
    public async Task End_WakesWhoHasWaitedLongest_AndNobodyElse()
    {
        await _pending.BeginAsync(Key, 1, CancellationToken.None);
        var waiting = Enumerable.Range(0, 3).Select(_ => _pending.BeginAsync(Key, 1, CancellationToken.None).AsTask()).ToArray();
        for (var i = 0; i < waiting.Length; i++)
        {
            waiting.Skip(i).ShouldAllBe(task => !task.IsCompleted);
            _pending.End(Key, wasCharged: false);
            await waiting[i];
        }
    }

    [Fact]
    public async Task NobodyPushesIn_BeforeWhoWaits()
    {
        await _pending.BeginAsync(Key, 1, CancellationToken.None);
        var waiting = _pending.BeginAsync(Key, 1, CancellationToken.None).AsTask();
        _pending.TryBegin(Key, 9, out _).ShouldBeFalse();
        var later = _pending.BeginAsync(Key, 9, CancellationToken.None).AsTask();
        later.IsCompleted.ShouldBeFalse();
        _pending.End(Key, wasCharged: false);
        await Task.WhenAll(waiting, later);
    }

    [Fact]
    public async Task WhoGivesUp_TakesNoPlace()
    {
        using var gone = new CancellationTokenSource();
        await _pending.BeginAsync(Key, 1, CancellationToken.None);
        var givesUp = _pending.BeginAsync(Key, 1, gone.Token).AsTask();
        var waits = _pending.BeginAsync(Key, 1, CancellationToken.None).AsTask();
        await gone.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(givesUp);
        waits.IsCompleted.ShouldBeFalse();
        _pending.End(Key, wasCharged: false);
        await waits;
        _pending.End(Key, wasCharged: false);
        _pending.TryBegin(Key, 1, out _).ShouldBeTrue();
    }

    [Fact]
    public async Task WithSomebodyGoneBeforeHeWaits_NothingIsTaken()
    {
        await _pending.BeginAsync(Key, 1, CancellationToken.None);
        await Should.ThrowAsync<OperationCanceledException>(_pending.BeginAsync(Key, 1, new CancellationToken(canceled: true)).AsTask());
        _pending.End(Key, wasCharged: false);
        _pending.TryBegin(Key, 1, out _).ShouldBeTrue();
    }

    [Fact]
    public async Task IsCharged_TellsEverybodyWhoWaitsForAJudgement()
    {
        await _pending.BeginAsync(Key, 3, CancellationToken.None);
        await _pending.BeginAsync(Key, 3, CancellationToken.None);
        _pending.IsCharged(Key, out _).ShouldBeFalse();
        _pending.Charge(Key);
        _pending.IsCharged(Key, out var first).ShouldBeTrue();
        _pending.IsCharged(Key, out var second).ShouldBeTrue();
        _pending.IsOnlyCharge(Key).ShouldBeTrue();
        _pending.End(Key, wasCharged: true);
        await Task.WhenAll(first, second);
        _pending.IsCharged(Key, out _).ShouldBeFalse();
    }

    [Fact]
    public async Task GiveBack_IsHeardOnlyWhenItWasTheLast()
    {
        _pending.TryBegin(Key, 2, out _).ShouldBeTrue();
        _pending.TryBegin(Key, 2, out _).ShouldBeTrue();
        _pending.TryBegin(Key, 2, out var end).ShouldBeFalse();
        _pending.GiveBack(Key);
        end.IsCompleted.ShouldBeFalse();
        _pending.GiveBack(Key);
        await end;
    }

    [Fact]
    public async Task UnderManyAtOnce_NoMoreAreUnderWayThanMay_AndAllHaveTheirTurn()
    {
        const int Most = 3;
        var (under, over, done) = (0, 0, 0);
        await Task.WhenAll(Enumerable.Range(0, 64).Select(i => Task.Run(async () =>
        {
            for (var turn = 0; turn < 50; turn++)
            {
                using var patience = new CancellationTokenSource();
                if ((i + turn) % 7 == 0)
                {
                    _ = Task.Run(patience.Cancel);
                }

                try
                {
                    await _pending.BeginAsync(Key, Most, patience.Token);
                }
                catch (OperationCanceledException)
                {
                    continue;
                }

                over |= Interlocked.Increment(ref under) > Most ? 1 : 0;
                await Task.Yield();
                Interlocked.Decrement(ref under);
                Interlocked.Increment(ref done);
                _pending.End(Key, wasCharged: false);
            }
        })));
        over.ShouldBe(0);
        done.ShouldBeGreaterThan(2000);

        // Everything was given back.
        for (var i = 0; i < Most; i++)
        {
            _pending.TryBegin(Key, Most, out _).ShouldBeTrue();
        }

        _pending.TryBegin(Key, Most, out _).ShouldBeFalse();
    }
}
