using AuthGateway.Core.Factors.AppPasswords;
using AuthGateway.Core.Faults;

namespace AuthGateway.TestKit.Stores;

/// <summary>App passwords in memory.</summary>
public sealed class InMemoryAppPasswordStore : IAppPasswordStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, AppPasswordRecord> _records = new(StringComparer.Ordinal);
    private readonly Dictionary<AppPasswordDigest, EndedAppPassword> _ended = [];

    /// <summary>True makes every call fail as a broken database does.</summary>
    public bool IsDown { get; set; }

    /// <summary>How often uses were written.</summary>
    public int Touches { get; private set; }

    /// <inheritdoc />
    public ValueTask<AppPasswordAdding> AddAsync(AppPasswordRecord record, int limit, DateTimeOffset now, CancellationToken cancellationToken) => Run(() =>
    {
        ArgumentNullException.ThrowIfNull(record);
        var own = _records.Values.Where(other => other.IdentityKey == record.IdentityKey).ToArray();
        End(own.Where(other => other.Tag == record.Tag && other.ExpiresAt <= now).Select(other => other.Id), now);
        if (_records.Values.Any(other => other.IdentityKey == record.IdentityKey && other.Tag == record.Tag))
        {
            return AppPasswordAdding.TagTaken;
        }

        if (own.Count(other => !(other.ExpiresAt <= now)) >= limit)
        {
            return AppPasswordAdding.LimitReached;
        }

        _records.Add(record.Id, record);
        return AppPasswordAdding.Added;
    });

    /// <inheritdoc />
    public ValueTask<IReadOnlyList<AppPasswordRecord>> ListAsync(CancellationToken cancellationToken) => Run<IReadOnlyList<AppPasswordRecord>>(() =>
        [.. _records.Values.OrderBy(one => one.Login, StringComparer.Ordinal).ThenBy(one => one.IdentityKey, StringComparer.Ordinal).ThenBy(one => one.Tag, StringComparer.Ordinal)]);

    /// <inheritdoc />
    public ValueTask<IReadOnlyList<EndedAppPassword>> ListEndedAsync(CancellationToken cancellationToken) => Run<IReadOnlyList<EndedAppPassword>>(() => [.. _ended.Values.OrderBy(one => one.EndedAt)]);

    /// <inheritdoc />
    public ValueTask<int> EndAsync(IReadOnlyCollection<string> ids, DateTimeOffset now, CancellationToken cancellationToken) => Run(() => End(ids, now));

    /// <inheritdoc />
    public ValueTask TouchAsync(IReadOnlyCollection<(string Id, AppPasswordUse Use)> uses, CancellationToken cancellationToken)
    {
        _ = Run(() =>
        {
            Touches++;
            foreach (var (id, use) in uses)
            {
                if (_records.TryGetValue(id, out var known) && !(known.LastUse?.At >= use.At))
                {
                    _records[id] = known with { LastUse = use };
                }
            }

            return true;
        });
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc />
    public ValueTask<int> PruneAsync(DateTimeOffset endedBefore, CancellationToken cancellationToken) =>
        Run(() => _ended.Values.Where(one => one.EndedAt < endedBefore).ToArray().Count(one => _ended.Remove(one.Digest)));

    /// <summary>Changes a record behind everybody's back, as an edit of the database does.</summary>
    public void Forge(string id, Func<AppPasswordRecord, AppPasswordRecord> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        lock (_gate)
        {
            _records[id] = change(_records[id]);
        }
    }

    private int End(IEnumerable<string> ids, DateTimeOffset now)
    {
        var ended = 0;
        foreach (var id in ids.ToArray())
        {
            if (_records.Remove(id, out var record))
            {
                _ended[record.Digest] = new EndedAppPassword(record.Digest, record.IdentityKey, record.Login, record.Tag, now);
                ended++;
            }
        }

        return ended;
    }

    private ValueTask<T> Run<T>(Func<T> action)
    {
        lock (_gate)
        {
            return IsDown ? throw new StoreUnavailableException("The store is down.") : new(action());
        }
    }
}
