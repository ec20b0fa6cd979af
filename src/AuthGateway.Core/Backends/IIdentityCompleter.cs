namespace AuthGateway.Core.Backends;

/// <summary>
/// A backend whose <see cref="IBackend.FindAsync"/> leaves out what costs more questions (groups that are searched) and brings it only with a right secret.
/// Who lets somebody in without a secret asks for it here, or a right that a group takes away would stand.
/// </summary>
public interface IIdentityCompleter
{
    /// <summary>The same user with everything. Never throws for an outage.</summary>
    ValueTask<BackendLookup> CompleteAsync(BackendLookup.Found user, CancellationToken cancellationToken);
}
