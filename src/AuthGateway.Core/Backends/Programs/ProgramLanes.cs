namespace AuthGateway.Core.Backends.Programs;

/// <summary>
/// As many checks at once as a program is allowed, a bounded queue before them. A caller may stop waiting for a check that has begun; the check keeps its
/// lane until it ends, for the program is still at it.
/// </summary>
internal sealed class ProgramLanes(int lanes, TimeSpan longestWait, TimeProvider time)
{
    /// <summary>Most callers waiting for a lane.</summary>
    public const int MaxWaiting = 256;

    // Never disposed: checks may end after the backend was retired, and it holds nothing.
    private readonly SemaphoreSlim _free = new(lanes);
    private int _waiting;

    /// <summary>Lanes in use now.</summary>
    public int InUse => lanes - _free.CurrentCount;

    /// <summary>Runs the work on a lane, or returns null when none came free in time.</summary>
    public async ValueTask<T?> RunAsync<T>(Func<Task<T>> work, CancellationToken cancellationToken)
        where T : class
    {
        if (!await EnterAsync(cancellationToken))
        {
            return null;
        }

        return await RunAndLeaveAsync(work).WaitAsync(cancellationToken);
    }

    private async Task<T> RunAndLeaveAsync<T>(Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        finally
        {
            _free.Release();
        }
    }

    private async ValueTask<bool> EnterAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_free.Wait(0, CancellationToken.None))
        {
            return true;
        }

        if (Interlocked.Increment(ref _waiting) > MaxWaiting)
        {
            Interlocked.Decrement(ref _waiting);
            return false;
        }

        try
        {
            using var timeout = new CancellationTokenSource(longestWait, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
            await _free.WaitAsync(either.Token);
            return true;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }
}
