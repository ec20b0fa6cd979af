using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using AuthGateway.Core.Identities;

namespace AuthGateway.Core.Sessions.Tokens;

/// <summary>
/// Every token handed out and still good, in memory only: a restart ends them all, and the next request brings a new one. Bounded; the oldest go first.
/// </summary>
public sealed class UpstreamTokens(LiveSessions sessions, TimeProvider time)
{
    private static readonly TimeSpan SweepInterval = TimeSpan.FromMinutes(1);

    // Longer than any request waits between its login and its forwarding.
    private static readonly TimeSpan ForgottenFor = TimeSpan.FromHours(1);

    private readonly ConcurrentDictionary<SessionKey, TokenGrant> _grants = new();
    private readonly ConcurrentDictionary<Place, Current> _current = new();
    private readonly Dictionary<string, DateTimeOffset> _forgotten = new(StringComparer.Ordinal);
    private readonly Lock _issuing = new();
    private DateTimeOffset _allForgottenAt = DateTimeOffset.MinValue;
    private long _sweptAt = time.GetTimestamp();
    private int _count;

    /// <summary>Tokens known, expired ones not yet swept included.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Most tokens known at once.</summary>
    internal int Capacity { get; init; } = 100_000;

    /// <summary>The token for a request: the one handed out a short while ago, or a new one. Allocates nothing in the first case.</summary>
    /// <param name="claim">For whom.</param>
    /// <param name="table">Lifetimes in force.</param>
    /// <param name="state">Handed to <paramref name="standing"/>.</param>
    /// <param name="standing">Makes what judges the request again; called for a new token only.</param>
    internal UpstreamToken Take<TState>(in TokenClaim claim, TokenTable table, TState state, Func<TState, TokenStanding> standing)
    {
        var place = Place.Of(claim);
        if (_current.TryGetValue(place, out var current) && IsYoung(current, claim))
        {
            return current.Token;
        }

        lock (_issuing)
        {
            if (_current.TryGetValue(place, out current) && IsYoung(current, claim))
            {
                return current.Token;
            }

            var token = UpstreamToken.New();
            if (claim.Session is null && IsForgotten(claim))
            {
                // The login behind this very request was taken back meanwhile: what is sent along is good for nothing.
                return token;
            }

            MakeRoom();
            var now = time.GetTimestamp();
            var grant = new TokenGrant
            {
                Key = token.Key,
                Service = claim.Service,
                User = claim.User,
                Session = claim.Session,
                SecretEnded = claim.SecretEnded,
                Proven = claim.Proven,
                Standing = standing(state),
                ExpiresAt = time.GetUtcNow() + table.Lifetime is var end && claim.SecretEndsAt is { } sooner && sooner < end ? sooner : end,
                ExpiresAtTimestamp = now + Ticks(table.Lifetime),
            };
            _grants[token.Key] = grant;
            Interlocked.Increment(ref _count);
            _current[place] = new Current(token, grant, now + Ticks(table.RenewAfter));
            return token;
        }
    }

    /// <summary>What is known of a token; null when it is unknown, expired or taken back.</summary>
    internal TokenGrant? Find(SessionKey key) => _grants.TryGetValue(key, out var grant) && !grant.IsDropped && !grant.IsExpired(time) ? grant : null;

    /// <summary>True while the session behind a token lives, and has not been stepped up since; a login with every request has none.</summary>
    internal bool IsHeld(TokenGrant grant, SessionOptions options) => grant.Session is not { } session || sessions.Holds(session, options);

    /// <summary>Takes one back: the next request of its holder brings another.</summary>
    internal void Drop(TokenGrant grant)
    {
        grant.Drop();
        if (_grants.TryRemove(grant.Key, out _))
        {
            Interlocked.Decrement(ref _count);
        }
    }

    /// <summary>Takes back what was handed out for a user's logins without a session: disabled, revoked, password changed. Sessions end by themselves.</summary>
    internal void ForgetLoginsOf(string identityKey)
    {
        lock (_issuing)
        {
            if (_forgotten.Count >= Capacity)
            {
                _forgotten.Clear();
                _allForgottenAt = time.GetUtcNow();
            }

            _forgotten[identityKey] = time.GetUtcNow();
            DropLogins(grant => string.Equals(grant.User.Key, identityKey, StringComparison.Ordinal));
        }
    }

    /// <summary>Takes back what was handed out for logins without a session that said something else of the user than is known now.</summary>
    internal void ForgetOtherLoginsOf(UserIdentity user)
    {
        lock (_issuing)
        {
            DropLogins(grant => string.Equals(grant.User.Key, user.Key, StringComparison.Ordinal) && !grant.User.SaysTheSameAs(user));
        }
    }

    /// <summary>Takes back what was handed out for all logins without a session.</summary>
    internal void ForgetAllLogins()
    {
        lock (_issuing)
        {
            _allForgottenAt = time.GetUtcNow();
            _forgotten.Clear();
            DropLogins(static _ => true);
        }
    }

    private bool IsYoung(Current current, in TokenClaim claim) =>
        time.GetTimestamp() < current.RenewAt
        && Find(current.Grant.Key) is not null
        && string.Equals(current.Grant.User.Login, claim.User.Login, StringComparison.Ordinal);

    private bool IsForgotten(in TokenClaim claim) =>
        claim.ReceivedAt <= _allForgottenAt || (_forgotten.TryGetValue(claim.User.Key, out var at) && claim.ReceivedAt <= at);

    private void DropLogins(Func<TokenGrant, bool> means)
    {
        foreach (var grant in _grants.Values)
        {
            if (grant.Session is null && means(grant))
            {
                Drop(grant);
            }
        }
    }

    /// <summary>Removes what is over once a minute, and the oldest until a sixteenth is free when there is no room.</summary>
    private void MakeRoom()
    {
        if (Count < Capacity && time.GetElapsedTime(_sweptAt) < SweepInterval)
        {
            return;
        }

        _sweptAt = time.GetTimestamp();
        foreach (var grant in _grants.Values)
        {
            if (grant.IsDropped || grant.IsExpired(time))
            {
                Drop(grant);
            }
        }

        if (Count >= Capacity)
        {
            foreach (var grant in _grants.Values.OrderBy(grant => grant.ExpiresAtTimestamp).Take(Count - Capacity + Math.Max(1, Capacity / 16)).ToArray())
            {
                Drop(grant);
            }
        }

        foreach (var pair in _current)
        {
            if (pair.Value.Grant.IsDropped)
            {
                _current.TryRemove(pair);
            }
        }

        var before = time.GetUtcNow() - ForgottenFor;
        foreach (var (user, at) in _forgotten)
        {
            if (at < before)
            {
                _forgotten.Remove(user);
            }
        }
    }

    private long Ticks(TimeSpan span) => (long)(span.TotalSeconds * time.TimestampFrequency);

    /// <summary>What shares a token: a session at a service; or a user who logs in with every request, by his password, an app password or a certificate.</summary>
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Place(object Holder, string Service, string? Witness)
    {
        public static Place Of(in TokenClaim claim) => claim.Session is { } session ? new(session, claim.Service, null) : new(claim.Secret ?? claim.User.Key, claim.Service, claim.Witness);
    }

    private sealed record Current(UpstreamToken Token, TokenGrant Grant, long RenewAt);
}
