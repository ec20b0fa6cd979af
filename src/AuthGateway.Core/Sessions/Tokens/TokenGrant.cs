using AuthGateway.Core.Identities;
using AuthGateway.Core.Policies;

namespace AuthGateway.Core.Sessions.Tokens;

/// <summary>Judges the request a token was made for again: by the table in force, for the user as he is known now.</summary>
internal delegate ValueTask<bool> TokenStanding(UserIdentity user, FactorSet proven);

/// <summary>For whom a token is asked.</summary>
/// <param name="User">Who was let in.</param>
/// <param name="Session">The session; null for a login with every request.</param>
/// <param name="Witness">Thumbprint of the device certificate of such a login, or null.</param>
/// <param name="Proven">Factors the request has proven.</param>
/// <param name="Service">The service it goes to.</param>
/// <param name="ReceivedAt">When the request came: what was forgotten since speaks against it.</param>
internal readonly record struct TokenClaim(UserIdentity User, Session? Session, string? Witness, FactorSet Proven, string Service, DateTimeOffset ReceivedAt)
{
    /// <summary>What a login with every request was proven by, where it has a life of its own (an app password); or null.</summary>
    public object? Secret { get; init; }

    /// <summary>Cancelled when that is revoked.</summary>
    public CancellationToken SecretEnded { get; init; }

    /// <summary>When that expires, or null.</summary>
    public DateTimeOffset? SecretEndsAt { get; init; }
}

/// <summary>A token as the gateway knows it: everything but the token, of which only the hash is here.</summary>
internal sealed class TokenGrant
{
    private volatile bool _isDropped;

    public required SessionKey Key { get; init; }

    public required string Service { get; init; }

    /// <summary>Who was let in when it was made.</summary>
    public required UserIdentity User { get; init; }

    /// <summary>The session it ends with, or null.</summary>
    public required Session? Session { get; init; }

    /// <summary>Cancelled when what the login was proven by is revoked.</summary>
    public required CancellationToken SecretEnded { get; init; }

    public required FactorSet Proven { get; init; }

    public required TokenStanding Standing { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>The same end by the clock nobody sets.</summary>
    public required long ExpiresAtTimestamp { get; init; }

    /// <summary>True once it was taken back.</summary>
    public bool IsDropped => _isDropped || SecretEnded.IsCancellationRequested;

    /// <summary>Who he is now.</summary>
    public UserIdentity CurrentUser => Session?.User ?? User;

    /// <summary>What he has proven by now.</summary>
    public FactorSet CurrentlyProven => Session?.Proven ?? Proven;

    public bool IsExpired(TimeProvider time) => time.GetTimestamp() >= ExpiresAtTimestamp || time.GetUtcNow() >= ExpiresAt;

    public void Drop() => _isDropped = true;
}
