namespace AuthGateway.Core.Backends;

/// <summary>A backend whose users may be locked by their own directory.</summary>
public interface IDirectoryLockoutTeller
{
    /// <summary>Says what is known of the directory's lockout, and where from, for <c>backend test</c>.</summary>
    /// <param name="user">Whose; null for users without a policy of their own.</param>
    /// <param name="cancellationToken">The deadline.</param>
    ValueTask<DirectoryLockoutReport> TellLockoutAsync(BackendLookup.Found? user, CancellationToken cancellationToken);
}

/// <summary>What is known of a directory's own lockout.</summary>
/// <param name="Lockout">When it locks; null when it never does, or nobody knows.</param>
/// <param name="Source">Where that stands: a distinguished name, or the key of the configuration.</param>
/// <param name="Warning">What could not be read and which key to set; null when all is known.</param>
public sealed record DirectoryLockoutReport(DirectoryLockout? Lockout, string Source, string? Warning);
