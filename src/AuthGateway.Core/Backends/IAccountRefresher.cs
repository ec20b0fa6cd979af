using AuthGateway.Core.Identities;

namespace AuthGateway.Core.Backends;

/// <summary>A backend that can be asked about a user it vouched for earlier, by its own id of the object and without a secret.</summary>
public interface IAccountRefresher
{
    /// <summary>Reads the user anew. Never throws for an outage.</summary>
    /// <param name="known">What the backend said earlier; <see cref="UserIdentity.ObjectId"/> names the object, whatever it is called by now.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask<AccountRefresh> RefreshAsync(UserIdentity known, CancellationToken cancellationToken);
}

/// <summary>What a backend says about a user it knew.</summary>
public abstract record AccountRefresh
{
    private AccountRefresh()
    {
    }

    /// <summary>Still there and usable; names, groups, roles and contact data as they are now.</summary>
    public sealed record Current(UserIdentity Identity) : AccountRefresh
    {
        /// <summary>True when nobody here may read whether the account is disabled or expired: then only the next password tells.</summary>
        public bool IsStateUnknown { get; init; }
    }

    /// <summary>There, but may not log in.</summary>
    /// <param name="State">A word of <see cref="AccountStates"/>.</param>
    public sealed record Ended(string State) : AccountRefresh;

    /// <summary>Deleted, or no longer within what the backend serves (base, filter, group).</summary>
    public sealed record Gone : AccountRefresh;

    /// <summary>The backend could not be asked: nothing is known, and nothing ends.</summary>
    public sealed record Unavailable(string Why) : AccountRefresh;
}
