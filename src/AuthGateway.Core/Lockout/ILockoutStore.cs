namespace AuthGateway.Core.Lockout;

/// <summary>One counter's numbers.</summary>
/// <param name="Limit">Failures after which the counter locks.</param>
/// <param name="WindowMs">Milliseconds after which the last failure is forgotten.</param>
/// <param name="DurationMs">Milliseconds a lock lasts.</param>
public readonly record struct LockoutRule(int Limit, long WindowMs, long DurationMs);

/// <summary>A counter as it stands.</summary>
/// <param name="Key"><c>user:BACKEND:ID</c>, <c>factor:BACKEND:ID</c>, <c>factor-total:BACKEND:ID</c>, <c>recovery:BACKEND:ID</c>, <c>name:FOLDED</c> or <c>addr:ADDRESS</c>.</param>
/// <param name="Failures">Charged attempts that were not withdrawn or cleared.</param>
/// <param name="LastAtMs">Unix milliseconds of the last charge.</param>
/// <param name="LockedUntilMs">Unix milliseconds of the lock's end; 0 when there is none.</param>
public sealed record LockoutEntry(string Key, int Failures, long LastAtMs, long LockedUntilMs);

/// <summary>
/// Where counters are kept. Every call is one atomic statement; a caller that gets an exception has charged nothing and
/// must refuse.
/// </summary>
public interface ILockoutStore
{
    /// <summary>
    /// Charges one attempt, or reports the lock in force without prolonging it. The returned failures include this
    /// charge; when they reach the limit the lock is set by the same statement, yet this attempt may still be checked.
    /// A lock that has ended, or a last failure outside the window, starts the count anew at 1.
    /// </summary>
    /// <returns>The entry after the charge and whether the charge was taken (false: locked).</returns>
    ValueTask<(LockoutEntry Entry, bool Charged)> ChargeAsync(string key, LockoutRule rule, long nowMs, CancellationToken cancellationToken);

    /// <summary>Takes one charge back, and the lock with it when the count falls below the limit.</summary>
    /// <returns>The entry afterwards, or null when there is no counter (any more).</returns>
    ValueTask<LockoutEntry?> WithdrawAsync(string key, LockoutRule rule, CancellationToken cancellationToken);

    /// <summary>Forgets the counter; true when there was one.</summary>
    ValueTask<bool> ClearAsync(string key, CancellationToken cancellationToken);

    /// <summary>Counters whose key contains the part (without case): locks by their end, latest first, then newest failures first; at most <paramref name="limit"/>.</summary>
    ValueTask<IReadOnlyList<LockoutEntry>> ListAsync(string? keyPart, int limit, CancellationToken cancellationToken);

    /// <summary>Counters whose lock has not ended, for the in-memory view at start.</summary>
    ValueTask<IReadOnlyList<LockoutEntry>> ListLockedAsync(long nowMs, CancellationToken cancellationToken);

    /// <summary>Removes counters that no longer matter (never those of <c>factor-total:</c>, which count without a window), then the oldest of unknown names beyond the limit; returns how many.</summary>
    ValueTask<int> PruneAsync(long forgottenBeforeMs, long nowMs, int maxNames, CancellationToken cancellationToken);
}
