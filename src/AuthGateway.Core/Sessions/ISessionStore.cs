using AuthGateway.Core.Identities;
using AuthGateway.Core.Policies;

namespace AuthGateway.Core.Sessions;

/// <summary>A session as it is kept: everything but the token, of which only the hash is there.</summary>
public sealed record SessionRecord
{
    /// <summary>Name for lists and for revoking; no secret, and kept through every step up.</summary>
    public required string Id { get; init; }

    /// <summary>Hash of the token in the browser's cookie.</summary>
    public required SessionKey Key { get; init; }

    /// <summary>Canonical host it was made on; it is valid there only.</summary>
    public required string Host { get; init; }

    /// <summary>Who signed in.</summary>
    public required UserIdentity User { get; init; }

    /// <summary>Whom the owner acts for, or null. The session is the owner's all the same.</summary>
    public UserIdentity? ActsFor { get; init; }

    /// <summary>Factors proven.</summary>
    public required FactorSet Proven { get; init; }

    /// <summary>True while a second factor is owed: such a session opens nothing but the page that asks for it.</summary>
    public required bool IsPending { get; init; }

    /// <summary>Sign-in.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The last proof of any factor: what may be changed in the account depends on it.</summary>
    public required DateTimeOffset ProvenAt { get; init; }

    /// <summary>Last request, as far as it was written down.</summary>
    public required DateTimeOffset SeenAt { get; init; }

    /// <summary>The end, however busy it is.</summary>
    public required DateTimeOffset EndsAt { get; init; }

    /// <summary>Client address of the sign-in.</summary>
    public required string Address { get; init; }

    /// <summary>User-Agent of the sign-in, at most 256 characters; empty when none was sent.</summary>
    public required string UserAgent { get; init; }

    /// <summary>The password under a key made of the token, for upstreams that want it; null when no service of the host does.</summary>
    public byte[]? SealedPassword { get; init; }
}

/// <summary>Where sessions survive a restart. Read at start and after a signal, never per request. Every write is durable when it returns.</summary>
public interface ISessionStore
{
    /// <summary>Keeps a new session.</summary>
    ValueTask AddAsync(SessionRecord session, CancellationToken cancellationToken);

    /// <summary>Replaces the session of the same id if it is still there under <paramref name="old"/>; false when it was revoked meanwhile.</summary>
    ValueTask<bool> ReplaceAsync(SessionKey old, SessionRecord session, CancellationToken cancellationToken);

    /// <summary>Removes sessions by id; returns how many there were.</summary>
    ValueTask<int> RemoveAsync(IReadOnlyCollection<string> ids, CancellationToken cancellationToken);

    /// <summary>Every session kept, ended ones included.</summary>
    ValueTask<IReadOnlyList<SessionRecord>> ListAsync(CancellationToken cancellationToken);

    /// <summary>Writes down when sessions were last used; unknown ids are passed over.</summary>
    ValueTask TouchAsync(IReadOnlyCollection<(string Id, DateTimeOffset SeenAt)> seen, CancellationToken cancellationToken);
}
