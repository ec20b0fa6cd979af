using System.Collections.Concurrent;
using System.Security.Cryptography;
using AuthGateway.Core.Faults;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Policies;
using AuthGateway.Core.Telemetry;
using Microsoft.Extensions.Logging;

namespace AuthGateway.Core.Sessions;

/// <summary>What a sign-in says about the session it begins.</summary>
/// <param name="Host">Canonical host.</param>
/// <param name="User">Who signed in.</param>
/// <param name="Proven">Factors proven.</param>
/// <param name="IsPending">True while a second factor is owed.</param>
/// <param name="Password">To be kept for upstreams that want it, or null.</param>
/// <param name="Address">Client address as text.</param>
/// <param name="UserAgent">User-Agent, or null.</param>
public readonly record struct SessionStart(
    string Host, UserIdentity User, FactorSet Proven, bool IsPending, Secret? Password, string Address, string? UserAgent);

/// <summary>A session with the secret to hand to its browser.</summary>
/// <param name="Session">The session.</param>
/// <param name="Token">For the cookie; nobody else ever gets it.</param>
public readonly record struct OpenedSession(Session Session, SessionToken Token);

/// <summary>
/// Every session this process knows, found without asking the store. Written through: what is not in the store is not here,
/// and what was removed from the store by another process leaves with the next look (<see cref="RefreshAsync"/>).
/// </summary>
public sealed partial class LiveSessions(ISessionStore store, TimeProvider time, ILogger<LiveSessions> logger)
{
    /// <summary>A pending session is good for the factor page only, and not for long.</summary>
    public static readonly TimeSpan PendingLifetime = TimeSpan.FromMinutes(5);

    private const int LongestUserAgent = 256;

    private readonly ConcurrentDictionary<SessionKey, Session> _byKey = new();
    private readonly SemaphoreSlim _changing = new(1);

    // Ended here while the store could not be written. Never taken back from it, and removed there as soon as it can be.
    private readonly HashSet<string> _owed = new(StringComparer.Ordinal);

    /// <summary>Sessions known, ended ones not yet swept included.</summary>
    public int Count => _byKey.Count;

    /// <summary>The session of a cookie on a host, or null: unknown, ended, or made on another host. Marks it as used.</summary>
    public Session? Find(SessionToken token, string host, SessionOptions options)
    {
        if (!_byKey.TryGetValue(token.Key, out var session) || session.IsOver(options.Idle, time) || !string.Equals(session.Record.Host, host, StringComparison.Ordinal))
        {
            return null;
        }

        session.Touch(time);
        return session;
    }

    /// <summary>Begins a session. One more than the user may have ends the one unused for longest.</summary>
    /// <exception cref="StoreUnavailableException">It could not be kept; there is no session.</exception>
    public async ValueTask<OpenedSession> BeginAsync(SessionStart start, SessionOptions options, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var token = SessionToken.New();
        var id = NewId();
        var record = new SessionRecord
        {
            Id = id,
            Key = token.Key,
            Host = start.Host,
            User = start.User.AsOf is null ? start.User.At(now) : start.User,
            Proven = start.Proven,
            IsPending = start.IsPending,
            CreatedAt = now,
            ProvenAt = now,
            SeenAt = now,
            EndsAt = now + (start.IsPending ? PendingLifetime : options.Absolute),
            Address = start.Address,
            UserAgent = Shorten(start.UserAgent),
            SealedPassword = start.Password is { } password ? PasswordSeal.Seal(token, id, start.User, password) : null,
        };

        await _changing.WaitAsync(cancellationToken);
        try
        {
            await RemoveAsync(Surplus(start.User.Key, KindOf(start.IsPending, start.Proven), options), cancellationToken);
            await store.AddAsync(record, cancellationToken);
            var session = Session.Start(record, time, isNew: true);
            _byKey[record.Key] = session;
            return new OpenedSession(session, token);
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>
    /// Adds factors to a session under a new token; the old one is dead from here on. Null when the session was ended meanwhile.
    /// </summary>
    /// <exception cref="StoreUnavailableException">It could not be kept; the old session stays as it is.</exception>
    public async ValueTask<OpenedSession?> StepUpAsync(
        Session session, SessionToken token, FactorSet added, SessionOptions options, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var next = SessionToken.New();
        var old = session.Record;
        var password = session.OpenPassword(token);
        var record = old with
        {
            Key = next.Key,
            Proven = old.Proven | added,
            IsPending = false,
            ProvenAt = now,
            SeenAt = now,
            EndsAt = old.IsPending ? old.CreatedAt + options.Absolute : old.EndsAt,
            SealedPassword = password is null ? null : PasswordSeal.Seal(next, old.Id, old.User, password),
        };

        await _changing.WaitAsync(cancellationToken);
        try
        {
            if (!_byKey.TryGetValue(old.Key, out var current) || !ReferenceEquals(current, session))
            {
                return null;
            }

            // Renewed while the other factor was checked.
            record = record with { User = session.User, ActsFor = session.ActsFor };
            if (KindOf(record.IsPending, record.Proven) is var kind && kind != KindOf(old.IsPending, old.Proven))
            {
                await RemoveAsync(Surplus(old.User.Key, kind, options), cancellationToken);
            }

            if (!await store.ReplaceAsync(old.Key, record, cancellationToken))
            {
                return null;
            }

            var followed = session.Follow(record, time);
            _byKey[record.Key] = followed;
            _byKey.TryRemove(old.Key, out _);
            return new OpenedSession(followed, next);
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>
    /// Lets a session act for another user, or for its owner again (null), under a new token; the old one is dead from here on, and what ran under it is
    /// cut: answers to the one must not come to the other, nor the cookies an upstream has given to either. Null when the session was ended meanwhile.
    /// </summary>
    /// <exception cref="StoreUnavailableException">It could not be kept; the old session stays as it is.</exception>
    public async ValueTask<OpenedSession?> ActForAsync(Session session, SessionToken token, UserIdentity? target, DateTimeOffset endsAt, CancellationToken cancellationToken)
    {
        var next = SessionToken.New();
        var old = session.Record;
        var password = session.OpenPassword(token);
        await _changing.WaitAsync(cancellationToken);
        try
        {
            if (!_byKey.TryGetValue(old.Key, out var current) || !ReferenceEquals(current, session))
            {
                return null;
            }

            var record = session.Record with
            {
                Key = next.Key,
                ActsFor = target is { AsOf: null } ? target.At(time.GetUtcNow()) : target,
                SeenAt = time.GetUtcNow(),
                EndsAt = endsAt,

                // For its owner's return; while he acts for another it is handed to nobody.
                SealedPassword = password is null ? null : PasswordSeal.Seal(next, old.Id, old.User, password),
            };
            if (!await store.ReplaceAsync(old.Key, record, cancellationToken))
            {
                return null;
            }

            var followed = Session.Start(record, time, isNew: true);
            followed.PasswordWarning = session.PasswordWarning;
            _byKey[record.Key] = followed;
            _byKey.TryRemove(old.Key, out _);
            session.End();
            return new OpenedSession(followed, next);
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>Ends one session, by its id; false when there is none.</summary>
    public ValueTask<bool> EndAsync(string id, CancellationToken cancellationToken) => EndWhereAsync(session => string.Equals(session.Id, id, StringComparison.Ordinal), cancellationToken);

    /// <summary>Ends every session of a user but one, and those that act for him; true when there were any.</summary>
    public ValueTask<bool> EndAllOfAsync(string identityKey, string? exceptId, CancellationToken cancellationToken) => EndWhereAsync(
        session => Concerns(session, identityKey) && !string.Equals(session.Id, exceptId, StringComparison.Ordinal),
        cancellationToken);

    /// <summary>Sessions of a user that have not ended, the most recently used first.</summary>
    public IReadOnlyList<Session> OfUser(string identityKey, SessionOptions options) =>
    [
        .. _byKey.Values
            .Where(session => string.Equals(session.User.Key, identityKey, StringComparison.Ordinal) && !session.IsOver(options.Idle, time))
            .OrderByDescending(session => session.SeenAt),
    ];

    /// <summary>True while this very session lives: not ended, not past its end, not followed by one with more factors. Does not count as a use.</summary>
    internal bool Holds(Session session, SessionOptions options) =>
        _byKey.TryGetValue(session.Record.Key, out var current) && ReferenceEquals(current, session) && !session.Ended.IsCancellationRequested && !session.IsOver(options.Idle, time);

    /// <summary>Every session, ended ones not yet swept included.</summary>
    public IEnumerable<Session> All() => _byKey.Values;

    /// <summary>Every user with a session, or acted for by one, as often as there are sessions.</summary>
    public IEnumerable<UserIdentity> Users() => _byKey.Values.SelectMany(session => session.ActsFor is { } target ? new[] { session.User, target } : [session.User]);

    /// <summary>Sessions of a user and those that act for him, ended ones not yet swept included.</summary>
    public int CountOf(string identityKey) => _byKey.Values.Count(session => Concerns(session, identityKey));

    /// <summary>
    /// Takes what a backend says of a user now into all his sessions; true when it was something new. In force in this process before it is written down.
    /// </summary>
    /// <exception cref="StoreUnavailableException">It could not be written down yet; the next sweep tries again.</exception>
    public async ValueTask<bool> RenewAsync(UserIdentity user, CancellationToken cancellationToken)
    {
        await _changing.WaitAsync(cancellationToken);
        try
        {
            var changed = false;
            foreach (var session in _byKey.Values.Where(session => Concerns(session, user.Key)))
            {
                // How old it is counts in memory; a restart asks anew anyway.
                var isOwner = string.Equals(session.User.Key, user.Key, StringComparison.Ordinal);
                session.IsUserUnwritten |= !(isOwner ? session.User : session.ActsFor!).SaysTheSameAs(user);
                changed |= session.IsUserUnwritten;
                if (isOwner)
                {
                    // Who signed in while the question was on its way was proven later than it knows.
                    session.Renew(user.IsStateUnknown && session.User.AsOf > user.AsOf ? user.Unconfirmed(session.User.AsOf) : user);
                }
                else
                {
                    session.RenewTarget(user);
                }
            }

            await WriteUsersAsync(cancellationToken);
            return changed;
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>Takes over what the store holds: at start, and when another process says that it changed something.</summary>
    public async ValueTask RefreshAsync(CancellationToken cancellationToken)
    {
        await _changing.WaitAsync(cancellationToken);
        try
        {
            var kept = await store.ListAsync(cancellationToken);
            var keys = kept.Select(record => record.Key).ToHashSet();
            foreach (var (key, session) in _byKey)
            {
                if (!keys.Contains(key))
                {
                    _byKey.TryRemove(key, out _);
                    session.End();
                    Log.EndedElsewhere(logger, session.Id, session.User.Login);
                }
            }

            foreach (var record in kept.Where(record => !_owed.Contains(record.Id)))
            {
                _byKey.TryAdd(record.Key, Session.Start(record, time, isNew: false));
            }
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>Writes down when sessions were used and removes those that are over.</summary>
    public async ValueTask SweepAsync(SessionOptions options, CancellationToken cancellationToken)
    {
        await _changing.WaitAsync(cancellationToken);
        try
        {
            await RemoveAsync([.. _byKey.Values.Where(session => session.IsOver(options.Idle, time))], cancellationToken);
            await WriteUsersAsync(cancellationToken);
        }
        finally
        {
            _changing.Release();
        }

        var seen = new List<(string, DateTimeOffset)>();
        foreach (var session in _byKey.Values)
        {
            if (session.TakeUnwritten() is { } at)
            {
                seen.Add((session.Id, at));
            }
        }

        if (seen.Count > 0)
        {
            await store.TouchAsync(seen, cancellationToken);
        }
    }

    private static bool Concerns(Session session, string identityKey) =>
        string.Equals(session.User.Key, identityKey, StringComparison.Ordinal) || string.Equals(session.ActsFor?.Key, identityKey, StringComparison.Ordinal);

    private async ValueTask WriteUsersAsync(CancellationToken cancellationToken)
    {
        foreach (var session in _byKey.Values.Where(session => session.IsUserUnwritten))
        {
            // One that another process ended meanwhile is not brought back; the next look finds that out.
            _ = await store.ReplaceAsync(session.Record.Key, session.Record with { SeenAt = session.SeenAt }, cancellationToken);
            session.IsUserUnwritten = false;
        }
    }

    private async ValueTask<bool> EndWhereAsync(Func<Session, bool> means, CancellationToken cancellationToken)
    {
        await _changing.WaitAsync(cancellationToken);
        try
        {
            return await RemoveAsync([.. _byKey.Values.Where(means)], cancellationToken);
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>Dead here first: a store that cannot be written must not keep a revoked session alive in this process.</summary>
    private async ValueTask<bool> RemoveAsync(IReadOnlyList<Session> sessions, CancellationToken cancellationToken)
    {
        foreach (var session in sessions)
        {
            _byKey.TryRemove(session.Record.Key, out _);
            session.End();
            _owed.Add(session.Id);
        }

        if (_owed.Count > 0)
        {
            await store.RemoveAsync([.. _owed], cancellationToken);
            _owed.Clear();
        }

        return sessions.Count > 0;
    }

    /// <summary>
    /// What goes to make room for one more. Sessions that proved less make room among themselves: a stolen password must not be enough to sign
    /// its owner out.
    /// </summary>
    private IReadOnlyList<Session> Surplus(string identityKey, Kind kind, SessionOptions options)
    {
        var own = _byKey.Values
            .Where(session => KindOf(session.IsPending, session.Proven) == kind && string.Equals(session.User.Key, identityKey, StringComparison.Ordinal))
            .OrderBy(session => session.SeenAt)
            .ToArray();
        return own.Length < options.PerUser ? [] : own[..(own.Length - options.PerUser + 1)];
    }

    private static Kind KindOf(bool isPending, FactorSet proven) =>
        isPending ? Kind.Pending
        : (proven & (FactorSet.Totp | FactorSet.RecoveryCode)) != 0 ? Kind.TwoFactors
        : proven is FactorSet.Network ? Kind.NameOnly
        : Kind.PasswordOnly;

    private enum Kind
    {
        Pending = 1,
        PasswordOnly = 2,
        TwoFactors = 3,
        NameOnly = 4,
    }

    private static string Shorten(string? userAgent) => userAgent is null ? "" : userAgent.Length <= LongestUserAgent ? userAgent : userAgent[..LongestUserAgent];

    /// <summary>60 bits in base32 without vowels that make words: short enough to be typed into a revocation.</summary>
    private static string NewId() => RandomNumberGenerator.GetString("bcdfghjkmnpqrstvwxyz23456789", 12);

    private static partial class Log
    {
        [LoggerMessage(EventIds.SessionEndedElsewhere, LogLevel.Information, "Session {Session} of {User} was ended by another process.")]
        public static partial void EndedElsewhere(ILogger logger, string session, string user);
    }
}
