using System.Collections.Concurrent;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Policies;

namespace AuthGateway.Core.Login.SignOn;

/// <summary>Under what a resolved name is kept: another table, service, way of proving or certificate asks the directory again.</summary>
/// <param name="Generation">Number of the table.</param>
/// <param name="Way">How the name was proven.</param>
/// <param name="Scope">The service.</param>
/// <param name="Backend">The one backend asked, or null for the chain.</param>
/// <param name="Name">The name, folded.</param>
/// <param name="Witness">Thumbprint of the certificate, or null.</param>
internal readonly record struct ResolvedKey(long Generation, FactorSet Way, string Scope, string? Backend, string Name, string? Witness)
{
    /// <summary>Key of the user who acts for the one named, or null: what he found opens nothing to anybody else, the named user included.</summary>
    public string? Actor { get; init; }
}

/// <summary>
/// Names that were proven without a password and looked up in the directory a short while ago, so that a client which proves itself with every
/// request costs one search and not thousands. Only users that were found; nothing beyond its absolute lifetime.
/// </summary>
internal sealed class ResolvedNames(TimeProvider time, int capacity = ResolvedNames.DefaultCapacity)
{
    public const int DefaultCapacity = 20_000;

    private readonly ConcurrentDictionary<ResolvedKey, Entry> _entries = new();
    private readonly Lock _adding = new();
    private long _epoch;

    /// <summary>Moves with everything that is forgotten. What was asked before is not kept after.</summary>
    public long Epoch => Volatile.Read(ref _epoch);

    public int Count => _entries.Count;

    /// <summary>Told of everything that is forgotten here and in the credential cache, for what else was given out upon a login; or null.</summary>
    public IForgetLogins? Follower { get; set; }

    public LoginResult.Proven? Find(in ResolvedKey key)
    {
        if (!_entries.TryGetValue(key, out var entry))
        {
            return null;
        }

        if (time.GetTimestamp() < entry.ExpiresAt)
        {
            return entry.Result;
        }

        if (time.GetTimestamp() >= entry.KeptUntil)
        {
            _entries.TryRemove(KeyValuePair.Create(key, entry));
        }

        return null;
    }

    /// <summary>
    /// What was found a longer while ago, for a directory that cannot be asked now. Nothing that was forgotten since: whoever may no longer log in is
    /// asked about for as long as he stands here (<see cref="Users"/>).
    /// </summary>
    public LoginResult.Proven? FindStale(in ResolvedKey key) =>
        _entries.TryGetValue(key, out var entry) && time.GetTimestamp() < entry.KeptUntil ? entry.Result : null;

    public void Add(in ResolvedKey key, UserIdentity identity, CredentialSlot slot, TimeSpan lifetime, long epoch) =>
        Add(key, new LoginResult.Proven(identity, Attempt.None, FromCache: true, slot), lifetime, lifetime, epoch);

    /// <summary>Keeps an answer.</summary>
    /// <param name="key">Under what.</param>
    /// <param name="result">The answer.</param>
    /// <param name="lifetime">How long it is believed; zero or less keeps nothing.</param>
    /// <param name="stale">How long it is there for an outage.</param>
    /// <param name="epoch">Taken before the directory was asked: what was forgotten since is not brought back.</param>
    public void Add(in ResolvedKey key, LoginResult.Proven result, TimeSpan lifetime, TimeSpan stale, long epoch)
    {
        if (lifetime <= TimeSpan.Zero)
        {
            return;
        }

        var expiresAt = After(lifetime);
        var keptUntil = stale > lifetime ? After(stale) : expiresAt;
        lock (_adding)
        {
            if (epoch != _epoch)
            {
                return;
            }

            if (_entries.Count >= capacity)
            {
                // Twenty thousand people at a time are no ordinary day; asking anew is cheaper than keeping an order of age.
                _entries.Clear();
            }

            _entries[key] = new Entry(result, expiresAt, keptUntil);
        }
    }

    /// <summary>Forgets a user: disabled, revoked, changed.</summary>
    public void Invalidate(string identityKey)
    {
        lock (_adding)
        {
            _epoch++;
            foreach (var pair in _entries)
            {
                if (string.Equals(pair.Value.Result.Identity.Key, identityKey, StringComparison.Ordinal))
                {
                    _entries.TryRemove(pair);
                }
            }
        }

        Follower?.Forget(identityKey);
    }

    /// <summary>Users with a name that is still kept.</summary>
    public IEnumerable<UserIdentity> Users()
    {
        var now = time.GetTimestamp();
        return _entries.Values.Where(entry => now < entry.KeptUntil).Select(entry => entry.Result.Identity);
    }

    /// <summary>Forgets the names of a user that say something else than what is said of him now.</summary>
    public void InvalidateOthersOf(UserIdentity identity)
    {
        if (_entries.Values.Any(entry => entry.Result.Identity.Key == identity.Key && !entry.Result.Identity.SaysTheSameAs(identity)))
        {
            Invalidate(identity.Key);
        }

        Follower?.ForgetOthersOf(identity);
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        lock (_adding)
        {
            _epoch++;
            _entries.Clear();
        }

        Follower?.ForgetAll();
    }

    private long After(TimeSpan span) => time.GetTimestamp() + (long)(span.TotalSeconds * time.TimestampFrequency);

    private sealed record Entry(LoginResult.Proven Result, long ExpiresAt, long KeptUntil);
}
