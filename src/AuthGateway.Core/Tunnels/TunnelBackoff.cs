namespace AuthGateway.Core.Tunnels;

/// <summary>
/// How long a lost tunnel is left alone: the shortest wait, then twice as long each time up to the longest, varied by a quarter so that many gateways do not come
/// back in one moment. A tunnel that stood as long as the longest wait begins anew. Not for concurrent use.
/// </summary>
/// <param name="shortest">First wait.</param>
/// <param name="longest">Last wait.</param>
/// <param name="time">The clock.</param>
/// <param name="chance">Numbers from 0 to 1.</param>
internal sealed class TunnelBackoff(TimeSpan shortest, TimeSpan longest, TimeProvider time, Func<double> chance)
{
    private const double Spread = 0.25;

    private TimeSpan _wait; // zero: nothing has failed yet
    private long? _upSince;

    /// <summary>The tunnel stands.</summary>
    public void Up() => _upSince = time.GetTimestamp();

    /// <summary>The tunnel is lost, or did not come to be. Returns how long to wait.</summary>
    public TimeSpan Next()
    {
        if (_wait == TimeSpan.Zero || (_upSince is { } since && time.GetElapsedTime(since) >= longest))
        {
            _wait = shortest;
        }

        _upSince = null;
        var least = Max(shortest, _wait * (1 - Spread));
        var most = Min(longest, _wait * (1 + Spread));
        _wait = Min(_wait * 2, longest);
        return least + ((most - least) * chance());
    }

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
