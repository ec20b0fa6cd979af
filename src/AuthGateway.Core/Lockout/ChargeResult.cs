namespace AuthGateway.Core.Lockout;

/// <summary>What became of one attempt at a counter. A store that fails throws instead, and nothing may be checked.</summary>
public abstract record ChargeResult
{
    private ChargeResult()
    {
    }

    /// <summary>The attempt is charged; the secret may be looked at.</summary>
    /// <param name="Failures">The count, this attempt included.</param>
    /// <param name="ReachedLimit">True for the one attempt that set the lock: should it fail, the account or address stays locked.</param>
    /// <param name="LockedUntil">End of that lock; null otherwise.</param>
    public sealed record Charged(int Failures, bool ReachedLimit, DateTimeOffset? LockedUntil) : ChargeResult
    {
        /// <summary>False when the attempt passed a lock that stops nobody: there is nothing to take back.</summary>
        public bool IsCounted { get; init; } = true;

        /// <summary>True when the lock is only written down.</summary>
        public bool IsAdvisory { get; init; }

        /// <summary>True when a success has something to forgive: earlier failures, or locks that made the next one longer.</summary>
        public bool HasEarlierFailures { get; init; }
    }

    /// <summary>A lock is in force; nothing was charged and nothing may be checked.</summary>
    /// <param name="Until">Its end, as far as it is known.</param>
    public sealed record Locked(DateTimeOffset Until) : ChargeResult;
}
