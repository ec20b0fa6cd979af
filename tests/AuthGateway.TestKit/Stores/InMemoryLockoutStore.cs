using AuthGateway.Core.Faults;
using AuthGateway.Core.Lockout;

namespace AuthGateway.TestKit.Stores;

/// <summary>Counters in memory, held to the same contract tests as the real store.</summary>
public sealed class InMemoryLockoutStore : ILockoutStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, LockoutEntry> _entries = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<FamiliarPlace>> _places = new(StringComparer.Ordinal);

    /// <summary>True makes every call fail as a broken database does.</summary>
    public bool IsDown { get; set; }

    /// <summary>How often the counters were written to.</summary>
    public int Writes { get; private set; }

    /// <inheritdoc />
    public ValueTask<IReadOnlyList<CounterOutcome>> ChargeAllAsync(IReadOnlyList<CounterCharge> charges, long nowMs, CancellationToken cancellationToken) => Run<IReadOnlyList<CounterOutcome>>(() =>
    {
        var outcomes = new List<CounterOutcome>();
        foreach (var charge in charges)
        {
            outcomes.Add(charge.Rule.Charge(charge.Key.Text, _entries.GetValueOrDefault(charge.Key.Text), nowMs));
            if (outcomes[^1].Verdict == CounterVerdict.Locked)
            {
                return outcomes;
            }
        }

        Writes++;
        outcomes.ForEach(outcome => _entries[outcome.Entry.Key] = outcome.Entry);
        return outcomes;
    });

    /// <inheritdoc />
    public ValueTask<IReadOnlyList<LockoutEntry?>> SettleAllAsync(IReadOnlyList<CounterSettlement> settlements, CancellationToken cancellationToken) => Run<IReadOnlyList<LockoutEntry?>>(() =>
    {
        Writes++;
        var entries = new List<LockoutEntry?>();
        foreach (var (key, rule, clears) in settlements)
        {
            LockoutEntry? entry = null;
            if (clears)
            {
                _entries.Remove(key.Text);
            }
            else if (_entries.TryGetValue(key.Text, out var known))
            {
                _entries[key.Text] = entry = rule.Withdraw(known);
            }

            entries.Add(entry);
        }

        return entries;
    });

    /// <inheritdoc />
    public ValueTask<bool> ClearAsync(string key, CancellationToken cancellationToken) => Run(() => _entries.Remove(key));

    /// <inheritdoc />
    public ValueTask<IReadOnlyList<LockoutEntry>> ListAsync(string? keyPart, int limit, CancellationToken cancellationToken) => Run<IReadOnlyList<LockoutEntry>>(() =>
        [.. _entries.Values.Where(entry => (entry.Failures > 0 || entry.LockedUntilMs > 0) && (keyPart is null || entry.Key.Contains(keyPart, StringComparison.OrdinalIgnoreCase)))
            .OrderByDescending(entry => entry.LockedUntilMs).ThenByDescending(entry => entry.LastAtMs).ThenBy(entry => entry.Key, StringComparer.Ordinal)
            .Take(limit)]);

    /// <inheritdoc />
    public ValueTask<IReadOnlyList<LockoutEntry>> ListLockedAsync(long nowMs, CancellationToken cancellationToken) => Run<IReadOnlyList<LockoutEntry>>(() =>
        [.. _entries.Values.Where(entry => entry.LockedUntilMs > 0 && entry.LockedUntilMs > nowMs)]);

    /// <inheritdoc />
    public ValueTask<int> PruneAsync(long nowMs, CounterBounds bounds, CancellationToken cancellationToken) => Run(() =>
    {
        var gone = _entries.Values.Where(entry => entry.LockedUntilMs <= nowMs && entry.ForgottenAtMs < nowMs).ToList();
        foreach (var (kind, most) in new[] { ("name:", bounds.Names), ("addr:", bounds.Addresses), ("place:", bounds.Places) })
        {
            gone.AddRange(_entries.Values.Except(gone).Where(entry => entry.Key.StartsWith(kind, StringComparison.Ordinal))
                .OrderByDescending(entry => entry.LockedUntilMs > nowMs).ThenByDescending(entry => entry.LastAtMs).ThenBy(entry => entry.Key, StringComparer.Ordinal)
                .Skip(most).ToList());
        }

        gone.ForEach(entry => _entries.Remove(entry.Key));
        return gone.Count;
    });

    /// <inheritdoc />
    public ValueTask<IReadOnlyList<FamiliarPlace>> ListPlacesAsync(string identityKey, CancellationToken cancellationToken) =>
        Run<IReadOnlyList<FamiliarPlace>>(() => [.. _places.GetValueOrDefault(identityKey, [])]);

    /// <inheritdoc />
    public async ValueTask RememberPlaceAsync(string identityKey, FamiliarPlace place, int most, CancellationToken cancellationToken) => await Run(() =>
    {
        Writes++;
        _places[identityKey] = [.. _places.GetValueOrDefault(identityKey, []).Where(known => known.Hash != place.Hash).Append(place)
            .OrderByDescending(known => known.LastAtMs).ThenBy(known => known.Hash, StringComparer.Ordinal).Take(most)];
        return true;
    });

    /// <inheritdoc />
    public ValueTask<int> PrunePlacesAsync(long beforeMs, CancellationToken cancellationToken) => Run(() => _places.Values.Sum(places => places.RemoveAll(place => place.LastAtMs < beforeMs)));

    private ValueTask<T> Run<T>(Func<T> action)
    {
        lock (_gate)
        {
            return IsDown ? throw new StoreUnavailableException("The store is down.") : new(action());
        }
    }
}
