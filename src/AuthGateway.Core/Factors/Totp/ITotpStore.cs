namespace AuthGateway.Core.Factors.Totp;

/// <summary>Hash of the code (RFC 6238, 1.2).</summary>
public enum TotpAlgorithm
{
    /// <summary>HMAC-SHA-1, what every app knows.</summary>
    Sha1 = 1,

    /// <summary>HMAC-SHA-256.</summary>
    Sha256 = 2,

    /// <summary>HMAC-SHA-512.</summary>
    Sha512 = 3,
}

/// <summary>One enrolled authenticator app.</summary>
public sealed record TotpCredential
{
    /// <summary>Random id; no secret.</summary>
    public required string Id { get; init; }

    /// <summary>Whose it is (<see cref="Identities.UserIdentity.Key"/>).</summary>
    public required string IdentityKey { get; init; }

    /// <summary>Login of the owner at enrolment, for lists of the helpdesk.</summary>
    public required string Login { get; init; }

    /// <summary>What the owner calls it, at most 64 characters.</summary>
    public required string Label { get; init; }

    /// <summary>The shared secret. Encrypted at rest, bound to its row.</summary>
    public required TotpSeed Seed { get; init; }

    /// <summary>Hash of the code.</summary>
    public required TotpAlgorithm Algorithm { get; init; }

    /// <summary>6 or 8.</summary>
    public required int Digits { get; init; }

    /// <summary>Enrolment.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Last step a code was taken for; a code of this or an earlier step is refused.</summary>
    public required long LastStep { get; init; }

    /// <summary>Last use, or null.</summary>
    public DateTimeOffset? UsedAt { get; init; }
}

/// <summary>Where enrolled apps are kept. Every write is durable when it returns.</summary>
public interface ITotpStore
{
    /// <summary>Apps of a user, oldest first.</summary>
    ValueTask<IReadOnlyList<TotpCredential>> ListAsync(string identityKey, CancellationToken cancellationToken);

    /// <summary>Keeps a new app; false when the user has <paramref name="limit"/> already.</summary>
    ValueTask<bool> AddAsync(TotpCredential credential, int limit, CancellationToken cancellationToken);

    /// <summary>Takes a step for used, by one conditional statement: false when it, or a later one, was used before (RFC 6238, 5.2), or the app is gone.</summary>
    ValueTask<bool> UseStepAsync(string id, long step, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Removes one app of a user; false when it is not there.</summary>
    ValueTask<bool> RemoveAsync(string identityKey, string id, CancellationToken cancellationToken);

    /// <summary>Removes every app of a user; returns how many there were.</summary>
    ValueTask<int> RemoveAllAsync(string identityKey, CancellationToken cancellationToken);

    /// <summary>Identity keys of users enrolled under a login name or an identity key, compared without case: what the helpdesk types.</summary>
    ValueTask<IReadOnlyList<string>> FindOwnersAsync(string loginOrKey, CancellationToken cancellationToken);
}
