using AuthGateway.Core.Faults;
using AuthGateway.Core.Lockout;

namespace AuthGateway.TestKit.Stores;

/// <summary>Counters in memory, held to the same contract tests as the real store.</summary>
public sealed class InMemoryLockoutStore : ILockoutStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, LockoutEntry> _entries = new(StringComparer.Ordinal);

    /// <summary>True makes every call fail as a broken database does.</summary>
    public bool IsDown { get; set; }

    /// <inheritdoc />
    public ValueTask<(LockoutEntry Entry, bool Charged)> ChargeAsync(string key, LockoutRule rule, long nowMs, CancellationToken cancellationToken) => Run(() =>
    {
        var known = _entries.GetValueOrDefault(key);
        if (known is not null && known.LockedUntilMs > nowMs)
        {
            return (known, false);
        }

        var anew = known is null || known.LockedUntilMs > 0 || known.LastAtMs < nowMs - rule.WindowMs;
        var failures = anew ? 1 : known!.Failures + 1;
        var entry = new LockoutEntry(key, failures, nowMs, failures >= rule.Limit ? nowMs + rule.DurationMs : 0);
        _entries[key] = entry;
        return (entry, true);
    });

    /// <inheritdoc />
    public ValueTask<LockoutEntry?> WithdrawAsync(string key, LockoutRule rule, CancellationToken cancellationToken) => Run(() =>
    {
        if (!_entries.TryGetValue(key, out var entry))
        {
            return null;
        }

        var until = entry.Failures - 1 < rule.Limit ? 0 : entry.LockedUntilMs;
        return _entries[key] = entry with { Failures = Math.Max(0, entry.Failures - 1), LockedUntilMs = until };
    });

    /// <inheritdoc />
    public ValueTask<bool> ClearAsync(string key, CancellationToken cancellationToken) => Run(() => _entries.Remove(key));

    /// <inheritdoc />
    public ValueTask<IReadOnlyList<LockoutEntry>> ListAsync(string? keyPart, int limit, CancellationToken cancellationToken) => Run<IReadOnlyList<LockoutEntry>>(() =>
        [.. _entries.Values.Where(entry => keyPart is null || entry.Key.Contains(keyPart, StringComparison.OrdinalIgnoreCase))
            .OrderByDescending(entry => entry.LockedUntilMs).ThenByDescending(entry => entry.LastAtMs).ThenBy(entry => entry.Key, StringComparer.Ordinal)
            .Take(limit)]);

    /// <inheritdoc />
    public ValueTask<IReadOnlyList<LockoutEntry>> ListLockedAsync(long nowMs, CancellationToken cancellationToken) => Run<IReadOnlyList<LockoutEntry>>(() =>
        [.. _entries.Values.Where(entry => entry.LockedUntilMs > 0 && entry.LockedUntilMs > nowMs)]);

    /// <inheritdoc />
    public ValueTask<int> PruneAsync(long forgottenBeforeMs, long nowMs, int maxNames, CancellationToken cancellationToken) => Run(() =>
    {
        var gone = _entries.Values.Where(entry => entry.LockedUntilMs <= nowMs && entry.LastAtMs < forgottenBeforeMs
            && !entry.Key.StartsWith("factor-total:", StringComparison.Ordinal)).ToList();
        var surplus = _entries.Values.Except(gone).Where(entry => entry.Key.StartsWith("name:", StringComparison.Ordinal))
            .OrderByDescending(entry => entry.LockedUntilMs > nowMs).ThenByDescending(entry => entry.LastAtMs).ThenBy(entry => entry.Key, StringComparer.Ordinal)
            .Skip(maxNames).ToList();
        gone.AddRange(surplus);
        gone.ForEach(entry => _entries.Remove(entry.Key));
        return gone.Count;
    });

    private ValueTask<T> Run<T>(Func<T> action)
    {
        lock (_gate)
        {
            return IsDown ? throw new StoreUnavailableException("The store is down.") : new(action());
        }
    }
}
