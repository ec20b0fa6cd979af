using AuthGateway.Ldap;

namespace AuthGateway.Core.Backends.Ldap;

/// <summary>
/// One server of a directory with what we remember of its health. After three failures in a row it is not asked for ten
/// seconds (one, behind a tunnel); then one caller tries, and the others go on without it until that one came back with an answer.
/// </summary>
internal sealed class LdapHost(LdapConnectionPool pool, TimeProvider timeProvider, TimeSpan openFor) : IAsyncDisposable
{
    public const int FailuresToOpen = 3;
    public static readonly TimeSpan OpenFor = TimeSpan.FromSeconds(10);

    /// <summary>A lost tunnel is back within seconds and costs nothing to ask: nobody listens at its end. Ten more seconds would be ours.</summary>
    public static readonly TimeSpan OpenForBehindTunnel = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private int _failures;
    private long _openedAt;
    private bool _isTrying;

    /// <summary>What a failure changed, for the log.</summary>
    public enum Change
    {
        None,
        FirstFailure,
        Opened,
        Recovered,
    }

    public LdapConnectionPool Pool { get; } = pool;

    public string Name { get; } = pool.Endpoint.ToString();

    /// <summary>True when the server may be asked now. Whoever is told so reports back exactly once.</summary>
    public bool TryEnter()
    {
        lock (_gate)
        {
            if (_failures < FailuresToOpen)
            {
                return true; // closed
            }

            if (_isTrying || timeProvider.GetElapsedTime(_openedAt) < openFor)
            {
                return false; // open, or half-open with somebody trying
            }

            return _isTrying = true;
        }
    }

    public Change ReportAnswer()
    {
        lock (_gate)
        {
            var change = _failures > 0 ? Change.Recovered : Change.None;
            _failures = 0;
            _isTrying = false;
            return change;
        }
    }

    public Change ReportFailure()
    {
        lock (_gate)
        {
            _isTrying = false;
            _failures = Math.Min(_failures + 1, FailuresToOpen);
            if (_failures == FailuresToOpen)
            {
                // A straggler that fails after the circuit opened does not prolong it, a failed trial does.
                if (_openedAt == 0 || timeProvider.GetElapsedTime(_openedAt) >= openFor)
                {
                    _openedAt = timeProvider.GetTimestamp();
                    return Change.Opened;
                }

                return Change.None;
            }

            _openedAt = 0;
            return _failures == 1 ? Change.FirstFailure : Change.None;
        }
    }

    /// <summary>The caller gave up before the server had its time: that says nothing about the server.</summary>
    public void ReportNothing()
    {
        lock (_gate)
        {
            _isTrying = false;
        }
    }

    public ValueTask DisposeAsync() => Pool.DisposeAsync();
}
