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
    public sealed record Charged(int Failures, bool ReachedLimit, DateTimeOffset? LockedUntil) : ChargeResult;

    /// <summary>A lock is in force; nothing was charged and nothing may be checked.</summary>
    /// <param name="Until">Its end, as far as it is known.</param>
    public sealed record Locked(DateTimeOffset Until) : ChargeResult;
}
