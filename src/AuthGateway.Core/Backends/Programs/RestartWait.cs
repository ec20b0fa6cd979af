namespace AuthGateway.Core.Backends.Programs;

/// <summary>
/// How long a program that ended is left alone: a second, then twice as long each time up to 30, and a second again once it has lasted. Not for concurrent
/// use.
/// </summary>
internal sealed class RestartWait(TimeProvider time)
{
    /// <summary>The first wait.</summary>
    public static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);

    /// <summary>The longest wait; also how long a program must have run for its past to be forgotten.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    private TimeSpan _wait = Shortest;
    private TimeSpan _current;
    private long _startedAt;
    private long? _endedAt;

    /// <summary>Time until a start is allowed; zero when it is.</summary>
    public TimeSpan Rest => _endedAt is { } ended && _current - time.GetElapsedTime(ended) is var rest && rest > TimeSpan.Zero ? rest : TimeSpan.Zero;

    /// <summary>A start is tried now.</summary>
    public void Started() => _startedAt = time.GetTimestamp();

    /// <summary>The program ended, or did not start. Returns how long it is left alone.</summary>
    public TimeSpan Ended()
    {
        if (time.GetElapsedTime(_startedAt) >= Longest)
        {
            _wait = Shortest;
        }

        _current = _wait;
        _endedAt = time.GetTimestamp();
        _wait = _wait * 2 < Longest ? _wait * 2 : Longest;
        return _current;
    }
}
