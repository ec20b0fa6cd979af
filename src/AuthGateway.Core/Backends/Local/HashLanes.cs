using System.Runtime.InteropServices;

namespace AuthGateway.Core.Backends.Local;

/// <summary>What came of work on a lane.</summary>
/// <param name="Ran">False when no lane came free in time: the caller answers "busy", and nothing is counted.</param>
/// <param name="Value">The result when it ran.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct LaneResult<T>(bool Ran, T? Value);

/// <summary>
/// Every password hash of the process runs here: as many at once as there are cores, a short queue, a short wait. A flood of
/// logins then costs those who log in, not the mail that flows.
/// </summary>
public sealed class HashLanes : IDisposable
{
    /// <summary>Most callers waiting for a lane.</summary>
    public const int MaxWaiting = 64;

    /// <summary>Longest wait for a lane.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim _lanes;
    private readonly TimeProvider _time;
    private int _waiting;

    /// <summary>One lane a core.</summary>
    public HashLanes(TimeProvider time)
        : this(time, Environment.ProcessorCount)
    {
    }

    internal HashLanes(TimeProvider time, int lanes)
    {
        _time = time;
        _lanes = new SemaphoreSlim(Math.Max(1, lanes));
    }

    /// <summary>Callers waiting now.</summary>
    internal int Waiting => Volatile.Read(ref _waiting);

    /// <summary>Runs the work when a lane is free. Waiting can be cancelled; work that has begun runs to its end.</summary>
    public async ValueTask<LaneResult<T>> RunAsync<T>(Func<T> work, CancellationToken cancellationToken)
    {
        if (!await EnterAsync(cancellationToken))
        {
            return default;
        }

        try
        {
            return new LaneResult<T>(true, await Task.Run(work, CancellationToken.None));
        }
        finally
        {
            _lanes.Release();
        }
    }

    /// <inheritdoc />
    public void Dispose() => _lanes.Dispose();

    private async ValueTask<bool> EnterAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_lanes.Wait(0, CancellationToken.None))
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
            using var timeout = new CancellationTokenSource(LongestWait, _time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
            await _lanes.WaitAsync(either.Token);
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
