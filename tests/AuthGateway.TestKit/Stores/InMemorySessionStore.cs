using AuthGateway.Core.Faults;
using AuthGateway.Core.Sessions;

namespace AuthGateway.TestKit.Stores;

/// <summary>Sessions in memory.</summary>
public sealed class InMemorySessionStore : ISessionStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, SessionRecord> _sessions = new(StringComparer.Ordinal);

    /// <summary>True makes every call fail as a broken database does.</summary>
    public bool IsDown { get; set; }

    /// <inheritdoc />
    public ValueTask AddAsync(SessionRecord session, CancellationToken cancellationToken)
    {
        _ = Run(() => _sessions.TryAdd(session.Id, session) && _sessions.Values.Count(other => other.Key == session.Key) == 1 ? true : throw new InvalidOperationException("Id or key is taken."));
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc />
    public ValueTask<bool> ReplaceAsync(SessionKey old, SessionRecord session, CancellationToken cancellationToken) => Run(() =>
    {
        if (!_sessions.TryGetValue(session.Id, out var known) || known.Key != old)
        {
            return false;
        }

        _sessions[session.Id] = session;
        return true;
    });

    /// <inheritdoc />
    public ValueTask<int> RemoveAsync(IReadOnlyCollection<string> ids, CancellationToken cancellationToken) => Run(() => ids.Count(_sessions.Remove));

    /// <inheritdoc />
    public ValueTask<IReadOnlyList<SessionRecord>> ListAsync(CancellationToken cancellationToken) => Run<IReadOnlyList<SessionRecord>>(() =>
        [.. _sessions.Values.OrderBy(session => session.CreatedAt).ThenBy(session => session.Id, StringComparer.Ordinal)]);

    /// <inheritdoc />
    public ValueTask TouchAsync(IReadOnlyCollection<(string Id, DateTimeOffset SeenAt)> seen, CancellationToken cancellationToken)
    {
        _ = Run(() =>
        {
            foreach (var (id, at) in seen)
            {
                if (_sessions.TryGetValue(id, out var known))
                {
                    _sessions[id] = known with { SeenAt = at };
                }
            }

            return true;
        });
        return ValueTask.CompletedTask;
    }

    private ValueTask<T> Run<T>(Func<T> action)
    {
        lock (_gate)
        {
            return IsDown ? throw new StoreUnavailableException("The store is down.") : new(action());
        }
    }
}
