using System.Collections.Frozen;
using AuthGateway.Core.Identities;

namespace AuthGateway.Core.Backends;

/// <summary>
/// One source of user accounts. Asked in two steps, so that failures are charged to the one identity all spellings of
/// a name lead to, and charged before the secret is looked at.
/// </summary>
public interface IBackend
{
    /// <summary>The name administrators gave it.</summary>
    string Name { get; }

    /// <summary>Finds exactly one user by a typed name. Never throws for an outage.</summary>
    ValueTask<BackendLookup> FindAsync(UserName name, CancellationToken cancellationToken);

    /// <summary>Checks the secret of a user this backend found. The secret is never empty here. Never throws for an outage.</summary>
    ValueTask<BackendAnswer> VerifyAsync(BackendLookup.Found user, Secret secret, CancellationToken cancellationToken);

    /// <summary>Says in one line whether the backend can be asked right now, for status and <c>backend test</c>; null when all is well.</summary>
    ValueTask<string?> ProbeAsync(CancellationToken cancellationToken);
}

/// <summary>One place in the chain: a backend and when the next one is asked.</summary>
/// <param name="Backend">The backend.</param>
/// <param name="NextWhenUnavailable">True (default) when an outage asks the next backend; false stops with 503.</param>
/// <param name="NextWhenRejected">True when even a wrong password asks the next backend; default false.</param>
public sealed record ChainLink(IBackend Backend, bool NextWhenUnavailable = true, bool NextWhenRejected = false)
{
    /// <summary>Services the backend is asked for, compared without case; null for every one.</summary>
    public FrozenSet<string>? UsageContext { get; init; }

    /// <summary>True when groups open services: whose identity does not say which has none open.</summary>
    public bool LimitsServices { get; init; }

    /// <summary>True when the backend is asked for a service.</summary>
    public bool Serves(string service) => UsageContext is null || UsageContext.Contains(service);
}
