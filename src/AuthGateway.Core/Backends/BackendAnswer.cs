using AuthGateway.Core.Identities;

namespace AuthGateway.Core.Backends;

/// <summary>What a backend says when it is asked for a name, before any secret is looked at.</summary>
public abstract record BackendLookup
{
    private BackendLookup()
    {
    }

    /// <summary>The backend has exactly this user.</summary>
    /// <param name="Identity">Who it is, with groups.</param>
    /// <param name="Handle">What the backend needs to check the secret later (a DN, a row); opaque to others.</param>
    public sealed record Found(UserIdentity Identity, object Handle) : BackendLookup;

    /// <summary>No such user here: the next backend is asked.</summary>
    public sealed record UnknownUser : BackendLookup;

    /// <summary>The backend could not be asked.</summary>
    /// <param name="Why">For log and helpdesk: what failed, without secrets.</param>
    public sealed record Unavailable(string Why) : BackendLookup;
}

/// <summary>What a backend says about a secret of a user it found.</summary>
public abstract record BackendAnswer
{
    private BackendAnswer()
    {
    }

    /// <summary>Right secret, usable account.</summary>
    public sealed record Accepted(UserIdentity Identity) : BackendAnswer;

    /// <summary>Wrong secret: stop, and it counts.</summary>
    public sealed record Rejected : BackendAnswer;

    /// <summary>The account may not log in.</summary>
    /// <param name="State">Stable word: disabled, expired, must-change, password-expired, locked.</param>
    /// <param name="SecretProven">True when the directory says so only to the right secret, so it was no guess.</param>
    public sealed record AccountState(string State, bool SecretProven) : BackendAnswer;

    /// <summary>The backend could not be asked; never counted.</summary>
    public sealed record Unavailable(string Why) : BackendAnswer;

    /// <summary>Too many checks at once on our side; never counted.</summary>
    public sealed record Busy : BackendAnswer;
}
