namespace AuthGateway.Core.Lockout;

/// <summary>A counter as it stands.</summary>
/// <param name="Key"><c>user:BACKEND:ID</c> and the other kinds of <see cref="LockoutKey"/>.</param>
/// <param name="Failures">Charged attempts that were not withdrawn or cleared.</param>
/// <param name="LastAtMs">Unix milliseconds of the last charge.</param>
/// <param name="LockedUntilMs">Unix milliseconds of the lock's end; 0 when there is none.</param>
public sealed record LockoutEntry(string Key, int Failures, long LastAtMs, long LockedUntilMs)
{
    /// <summary>Failures since the counter began, over all its locks.</summary>
    public int Total { get; init; } = Failures;

    /// <summary>Locks since then: each is longer than the one before.</summary>
    public int Locks { get; init; }

    /// <summary>Unix milliseconds from which on the counter says nothing any more and may be removed.</summary>
    public long ForgottenAtMs { get; init; }
}

/// <summary>One counter an attempt is charged to.</summary>
/// <param name="Key">Which.</param>
/// <param name="Rule">Its numbers.</param>
public readonly record struct CounterCharge(LockoutKey Key, LockoutRule Rule);

/// <summary>What becomes of a charge that is judged to be no failure.</summary>
/// <param name="Key">Which counter.</param>
/// <param name="Rule">Its numbers.</param>
/// <param name="Clears">True forgets the counter; false takes one charge back.</param>
public readonly record struct CounterSettlement(LockoutKey Key, LockoutRule Rule, bool Clears);

/// <summary>Most counters of a kind that anybody can make as many of as he likes.</summary>
/// <param name="Names">Of names nobody knows.</param>
/// <param name="Addresses">Of addresses.</param>
/// <param name="Places">Of familiar places.</param>
public readonly record struct CounterBounds(int Names, int Addresses, int Places);

/// <summary>
/// Where counters are kept. Every call is one transaction; a caller that gets an exception has charged nothing and
/// must refuse.
/// </summary>
public interface ILockoutStore : IFamiliarPlaceStore
{
    /// <summary>
    /// Charges one attempt to several counters, all or none: where one of them is locked, nothing is charged and that lock is not prolonged. An entry that
    /// reaches its limit is locked with this charge, yet this attempt may still be checked.
    /// </summary>
    /// <param name="charges">The counters, each at most once.</param>
    /// <param name="nowMs">Unix milliseconds.</param>
    /// <param name="cancellationToken">Ends the waiting for other writers.</param>
    /// <returns>One outcome a counter; when one is locked, those up to it, and that one last.</returns>
    ValueTask<IReadOnlyList<CounterOutcome>> ChargeAllAsync(IReadOnlyList<CounterCharge> charges, long nowMs, CancellationToken cancellationToken);

    /// <summary>Takes charges back and forgets counters, together.</summary>
    /// <returns>What stands afterwards, one a counter; null where there is none (any more).</returns>
    ValueTask<IReadOnlyList<LockoutEntry?>> SettleAllAsync(IReadOnlyList<CounterSettlement> settlements, CancellationToken cancellationToken);

    /// <summary>Forgets the counter; true when there was one.</summary>
    ValueTask<bool> ClearAsync(string key, CancellationToken cancellationToken);

    /// <summary>Counters whose key contains the part (without case): locks by their end, latest first, then newest failures first; at most <paramref name="limit"/>.</summary>
    ValueTask<IReadOnlyList<LockoutEntry>> ListAsync(string? keyPart, int limit, CancellationToken cancellationToken);

    /// <summary>Counters whose lock has not ended, for the in-memory view at start.</summary>
    ValueTask<IReadOnlyList<LockoutEntry>> ListLockedAsync(long nowMs, CancellationToken cancellationToken);

    /// <summary>Removes counters that no longer matter, then of each bounded kind the oldest beyond its bound, locked ones last; returns how many.</summary>
    ValueTask<int> PruneAsync(long nowMs, CounterBounds bounds, CancellationToken cancellationToken);
}

/// <summary>The same for one counter.</summary>
public static class LockoutStoreExtensions
{
    /// <summary>Charges one attempt to one counter.</summary>
    /// <returns>The entry after the charge and whether the charge was taken (false: locked).</returns>
    public static async ValueTask<(LockoutEntry Entry, bool Charged)> ChargeAsync(
        this ILockoutStore store, string key, LockoutRule rule, long nowMs, CancellationToken cancellationToken)
    {
        var outcome = (await store.ChargeAllAsync([new CounterCharge(LockoutKey.FromText(key), rule)], nowMs, cancellationToken))[0];
        return (outcome.Entry, outcome.Verdict == CounterVerdict.Counted);
    }

    /// <summary>Takes one charge back.</summary>
    /// <returns>The entry afterwards, or null when there is no counter (any more).</returns>
    public static async ValueTask<LockoutEntry?> WithdrawAsync(this ILockoutStore store, string key, LockoutRule rule, CancellationToken cancellationToken) =>
        (await store.SettleAllAsync([new CounterSettlement(LockoutKey.FromText(key), rule, Clears: false)], cancellationToken))[0];
}
