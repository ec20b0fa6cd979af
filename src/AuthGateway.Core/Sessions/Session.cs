using System.Collections.Concurrent;
using System.Security.Cryptography;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Policies;

namespace AuthGateway.Core.Sessions;

/// <summary>A signed-in browser, as this process knows it. Replaced as a whole by every step up; what runs under it is cut by <see cref="Ended"/>.</summary>
public sealed class Session
{
    private readonly CancellationTokenSource _end;
    private readonly ConcurrentDictionary<string, bool>? _met;
    private readonly long _endsAtTimestamp;
    private SessionRecord _record;
    private long _seenAtMs;
    private long _seenAtTimestamp;
    private long _writtenAtMs;

    private Session(SessionRecord record, long endsAtTimestamp, long seenAtTimestamp, CancellationTokenSource end, ConcurrentDictionary<string, bool>? met)
    {
        _met = met;
        _record = record;
        _end = end;
        _endsAtTimestamp = endsAtTimestamp;
        _seenAtTimestamp = seenAtTimestamp;
        _seenAtMs = _writtenAtMs = record.SeenAt.ToUnixTimeMilliseconds();
    }

    /// <summary>What is kept of it.</summary>
    public SessionRecord Record => Volatile.Read(ref _record);

    /// <summary>Name for lists and for revoking.</summary>
    public string Id => Record.Id;

    /// <summary>Who signed in.</summary>
    public UserIdentity User => Record.User;

    /// <summary>Whose mailbox it opens while its owner acts for another; null while he acts for himself.</summary>
    public UserIdentity? ActsFor => Record.ActsFor;

    /// <summary>Factors proven.</summary>
    public FactorSet Proven => Record.Proven;

    /// <summary>True while a second factor is owed.</summary>
    public bool IsPending => Record.IsPending;

    /// <summary>Last request.</summary>
    public DateTimeOffset SeenAt => DateTimeOffset.FromUnixTimeMilliseconds(Volatile.Read(ref _seenAtMs));

    /// <summary>Cancelled when the session is signed out, revoked or past its end: running requests and WebSockets go with it.</summary>
    public CancellationToken Ended => _end.Token;

    /// <summary>A place where the corridor keeps its tally of uses; not kept over a step up.</summary>
    public object? Tally { get; set; }

    /// <summary>A place where the enrolment of a factor keeps its unconfirmed seed; in memory only.</summary>
    public object? Draft { get; set; }

    /// <summary>What the directory said about the password at the sign-in, or null; in memory only.</summary>
    public PasswordWarning? PasswordWarning { get; set; }

    /// <summary>True while what is said of the user now could not be written down.</summary>
    internal bool IsUserUnwritten { get; set; }

    /// <summary>
    /// True once for each service: the first request of a sign-in to it. What the browser brings of an upstream's own cookies then belongs to
    /// whoever used it before. Never true after a restart, for the session has met its services by then.
    /// </summary>
    internal bool MeetsFirst(string service) => _met is { } met && met.TryAdd(service, true);

    /// <summary>Takes a first meeting back: the request failed, so the browser was not told to forget anything.</summary>
    internal void ForgetMeeting(string service) => _met?.TryRemove(service, out _);

    /// <summary>True for a cookie that an upstream has set in this session.</summary>
    internal bool OwnsCookie(string name) => _met is { } met && met.ContainsKey(Cookie(name));

    /// <summary>Remembers a cookie that an upstream set; a few hundred at most.</summary>
    internal void KeepCookie(string name)
    {
        if (_met is { Count: < 256 } met)
        {
            met.TryAdd(Cookie(name), true);
        }
    }

    internal static Session Start(SessionRecord record, TimeProvider time, bool isNew)
    {
        var now = time.GetUtcNow();
        var timestamp = time.GetTimestamp();
        return new Session(record, timestamp + Ticks(record.EndsAt - now, time), timestamp - Ticks(now - record.SeenAt, time), new CancellationTokenSource(), isNew ? new(StringComparer.Ordinal) : null);
    }

    /// <summary>The session after a step up. What runs under the old one lives and ends with the new one.</summary>
    internal Session Follow(SessionRecord record, TimeProvider time) =>
        new(record, time.GetTimestamp() + Ticks(record.EndsAt - time.GetUtcNow(), time), time.GetTimestamp(), _end, _met) { Draft = Draft, PasswordWarning = PasswordWarning };

    /// <summary>
    /// Past its end by either clock: a wall clock set back must not make a session immortal, and one that a restart took the
    /// monotonic clock from still ends by the wall.
    /// </summary>
    internal bool IsOver(TimeSpan idle, TimeProvider time)
    {
        var now = time.GetUtcNow();
        var timestamp = time.GetTimestamp();
        return now >= Record.EndsAt
            || timestamp >= _endsAtTimestamp
            || now.ToUnixTimeMilliseconds() - Volatile.Read(ref _seenAtMs) >= (long)idle.TotalMilliseconds
            || time.GetElapsedTime(Volatile.Read(ref _seenAtTimestamp), timestamp) >= idle;
    }

    /// <summary>Takes what a backend says of the user now: every request from here on is judged by it.</summary>
    internal void Renew(UserIdentity user) => Volatile.Write(ref _record, _record with { User = user });

    /// <summary>The same of the user it acts for.</summary>
    internal void RenewTarget(UserIdentity target) => Volatile.Write(ref _record, _record with { ActsFor = target });

    internal void Touch(TimeProvider time)
    {
        Volatile.Write(ref _seenAtMs, time.GetUtcNow().ToUnixTimeMilliseconds());
        Volatile.Write(ref _seenAtTimestamp, time.GetTimestamp());
    }

    /// <summary>The time to write down, or null when it is written down already.</summary>
    internal DateTimeOffset? TakeUnwritten()
    {
        var seen = Volatile.Read(ref _seenAtMs);
        return Interlocked.Exchange(ref _writtenAtMs, seen) == seen ? null : DateTimeOffset.FromUnixTimeMilliseconds(seen);
    }

    /// <summary>Cuts what runs under it. Callbacks of requests must not run on the thread that signs out.</summary>
    internal void End() => _ = _end.CancelAsync();

    /// <summary>The password, for a service that hands it on; null when none is kept or the token is not the session's.</summary>
    internal Secret? OpenPassword(SessionToken token) =>
        Record.SealedPassword is { } sealedPassword && CryptographicOperations.FixedTimeEquals(token.Key.ToBytes(), Record.Key.ToBytes())
            ? PasswordSeal.Open(token, Record, sealedPassword)
            : null;

    // Beside the services' names, which have no such character.
    private static string Cookie(string name) => "cookie=" + name;

    private static long Ticks(TimeSpan span, TimeProvider time) => (long)(span.TotalSeconds * time.TimestampFrequency);
}

/// <summary>A password that was right but will not serve much longer.</summary>
/// <param name="GraceLoginsLeft">Logins left with a password that has expired; null when it has not.</param>
/// <param name="ExpiresAt">When it expires, where the directory says so; or null.</param>
public sealed record PasswordWarning(int? GraceLoginsLeft, DateTimeOffset? ExpiresAt);
