using System.Collections.Concurrent;
using System.Collections.Frozen;
using AuthGateway.Core.Identities;

namespace AuthGateway.Core.Lockout;

/// <summary>
/// Places users have signed in from with everything that was asked of them. Attempts from there are counted apart, so that strangers who lock an account do
/// not lock its owner out.
/// </summary>
public sealed class FamiliarPlaces
{
    /// <summary>Most places kept of one user.</summary>
    public const int MostOfOne = 32;

    private const int MostUsers = 50_000;
    private const long DayMs = 24L * 60 * 60 * 1000;

    // What another process wrote down is seen after this long.
    private static readonly TimeSpan BelievedFor = TimeSpan.FromMinutes(1);

    private readonly IFamiliarPlaceStore _store;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<string, Known> _users = new(StringComparer.Ordinal);

    internal FamiliarPlaces(IFamiliarPlaceStore store, TimeProvider time)
    {
        _store = store;
        _time = time;
    }

    /// <summary>Users remembered in memory.</summary>
    internal int Count => _users.Count;

    /// <summary>The counter of the familiar place an attempt comes from; null when the user is not known to come from there.</summary>
    /// <exception cref="Faults.StoreUnavailableException">It is not known, and cannot be read.</exception>
    public async ValueTask<LockoutKey?> FindAsync(UserIdentity user, Place place, LockoutPolicy policy, CancellationToken cancellationToken)
    {
        if (TryFind(user, place, policy, out var counter))
        {
            return counter;
        }

        var listed = await _store.ListPlacesAsync(user.Key, cancellationToken);
        Keep(user.Key, listed.Select(kept => KeyValuePair.Create(kept.Hash, kept.LastAtMs)));
        TryFind(user, place, policy, out counter);
        return counter;
    }

    /// <summary>The same from memory; false when the store would have to be asked.</summary>
    public bool TryFind(UserIdentity user, in Place place, LockoutPolicy policy, out LockoutKey? counter)
    {
        counter = null;
        if (policy.FamiliarForMs <= 0)
        {
            return true;
        }

        if (!_users.TryGetValue(user.Key, out var known))
        {
            return false;
        }

        var since = NowMs() - policy.FamiliarForMs;
        var hash = place.HashFor(user);
        if (IsFamiliar(known, hash, since) || (place.WiderHashFor(user) is { } wider && IsFamiliar(known, hash = wider, since)))
        {
            counter = LockoutKey.ForPlace(user, hash);
            return true;
        }

        return _time.GetElapsedTime(known.ReadAt) < BelievedFor;
    }

    /// <summary>True when the user is known to come from anywhere, as far as memory goes: <see cref="FindAsync"/> fills it.</summary>
    public bool HasAny(UserIdentity user, LockoutPolicy policy)
    {
        if (policy.FamiliarForMs <= 0 || !_users.TryGetValue(user.Key, out var known))
        {
            return false;
        }

        var since = NowMs() - policy.FamiliarForMs;
        foreach (var (_, last) in known.Places)
        {
            if (last >= since)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Everything asked for was proven here: the place is familiar from now on. Written down at most once a day.</summary>
    /// <exception cref="Faults.StoreUnavailableException">It could not be written down.</exception>
    public async ValueTask RememberAsync(UserIdentity user, Place place, LockoutPolicy policy, CancellationToken cancellationToken)
    {
        if (policy.FamiliarForMs <= 0)
        {
            return;
        }

        var hash = place.HashFor(user);
        var nowMs = NowMs();
        if (_users.TryGetValue(user.Key, out var known) && known.Places.TryGetValue(hash, out var last) && nowMs - last < DayMs)
        {
            return;
        }

        await _store.RememberPlaceAsync(user.Key, new FamiliarPlace(hash, nowMs), MostOfOne, cancellationToken);
        var listed = await _store.ListPlacesAsync(user.Key, cancellationToken);
        Keep(user.Key, listed.Select(kept => KeyValuePair.Create(kept.Hash, kept.LastAtMs)));
    }

    private static bool IsFamiliar(Known known, string hash, long since) => known.Places.TryGetValue(hash, out var last) && last >= since;

    private void Keep(string user, IEnumerable<KeyValuePair<string, long>> places)
    {
        if (_users.Count >= MostUsers)
        {
            // Any will do: who comes back is read again.
            foreach (var pair in _users.Take(MostUsers / 16).ToArray())
            {
                _users.TryRemove(pair);
            }
        }

        _users[user] = new Known(places.ToFrozenDictionary(StringComparer.Ordinal), _time.GetTimestamp());
    }

    private long NowMs() => _time.GetUtcNow().ToUnixTimeMilliseconds();

    private sealed record Known(FrozenDictionary<string, long> Places, long ReadAt);
}
