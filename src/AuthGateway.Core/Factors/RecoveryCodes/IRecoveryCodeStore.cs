namespace AuthGateway.Core.Factors.RecoveryCodes;

/// <summary>One recovery code as it is kept.</summary>
/// <param name="Index">Its first two characters, unique within the set, so that one hash is computed for each try.</param>
/// <param name="Hash">Slow hash of the whole code.</param>
public sealed record RecoveryCodeHash(string Index, string Hash);

/// <summary>Where recovery codes are kept. Every write is durable when it returns.</summary>
public interface IRecoveryCodeStore
{
    /// <summary>Replaces the user's set as a whole; an empty set removes it.</summary>
    ValueTask ReplaceAsync(string identityKey, IReadOnlyList<RecoveryCodeHash> codes, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>The unused code with this index, or null.</summary>
    ValueTask<RecoveryCodeHash?> FindAsync(string identityKey, string index, CancellationToken cancellationToken);

    /// <summary>Takes a code for used, by one conditional statement on index and hash: false when it was used or replaced meanwhile.</summary>
    ValueTask<bool> UseAsync(string identityKey, RecoveryCodeHash code, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Codes not used yet.</summary>
    ValueTask<int> CountAsync(string identityKey, CancellationToken cancellationToken);
}
