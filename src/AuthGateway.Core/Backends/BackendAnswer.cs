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
    public sealed record Found(UserIdentity Identity, object Handle) : BackendLookup
    {
        /// <summary>
        /// Account state the backend shows without any secret (a word of <see cref="AccountStates"/>), or null. Whoever is let in without a password
        /// (ticket, certificate, network) is refused on any state.
        /// </summary>
        public string? State { get; init; }

        /// <summary>When the directory itself would lock this user; null when it never does, or does not say and nobody configured it.</summary>
        public DirectoryLockout? DirectoryLockout { get; init; }

        /// <summary>
        /// Changes whenever the user's password changes (AD <c>pwdLastSet</c>, OpenLDAP <c>pwdChangedTime</c>, a local hash's version), and says nothing else. A
        /// secret refused under another mark may be right by now. Null when the backend shows none.
        /// </summary>
        public string? PasswordMark { get; init; }
    }

    /// <summary>No such user here: the next backend is asked.</summary>
    public sealed record UnknownUser : BackendLookup;

    /// <summary>
    /// More than one user here has the name: nobody is let in under it. The next backend is not asked, for its namesake would be a third person; to whoever
    /// typed it the name is unknown, and it counts as such.
    /// </summary>
    public sealed record Ambiguous : BackendLookup;

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
    public sealed record Accepted(UserIdentity Identity) : BackendAnswer
    {
        /// <summary>What the directory said about the password beside yes, or null.</summary>
        public PasswordNotice? Notice { get; init; }
    }

    /// <summary>
    /// No such user here, known only after the secret was shown (PAM, an external helper): the charge is taken back and the next backend asked, as
    /// after <see cref="BackendLookup.UnknownUser"/>.
    /// </summary>
    public sealed record UnknownUser : BackendAnswer;

    /// <summary>Wrong secret: stop, and it counts.</summary>
    public sealed record Rejected : BackendAnswer
    {
        /// <summary>
        /// False when the backend may say no to the right secret as well (a lock it does not tell): the attempt counts, but the secret is not remembered as
        /// wrong. Default true.
        /// </summary>
        public bool IsCertain { get; init; } = true;
    }

    /// <summary>The account may not log in.</summary>
    /// <param name="State">Stable word: disabled, expired, must-change, password-expired, locked.</param>
    /// <param name="SecretProven">True when the directory says so only to the right secret, so it was no guess.</param>
    public sealed record AccountState(string State, bool SecretProven) : BackendAnswer
    {
        /// <summary>True when the secret is proven and a new password, set through <see cref="IPasswordChanger"/>, ends the state.</summary>
        public bool CanChangePassword { get; init; }

        /// <summary>True when the secret was not looked at, so nothing can have been counted anywhere. Default false.</summary>
        public bool NothingShown { get; init; }
    }

    /// <summary>The backend could not say; not counted unless <see cref="SecretShown"/>.</summary>
    public sealed record Unavailable(string Why) : BackendAnswer
    {
        /// <summary>
        /// True when a program had been shown the secret before it failed to answer: the attempt stays counted (decision 0004), for where a no is slow and a
        /// yes is quick, the missing answer is one. Default false.
        /// </summary>
        public bool SecretShown { get; init; }

        /// <summary>
        /// True when the directory can have counted nothing: it was not reached, or it had said yes before something else failed. Default false: a bind without
        /// an answer may be one that was refused.
        /// </summary>
        public bool NothingCounted { get; init; }
    }

    /// <summary>Too many checks at once on our side; never counted.</summary>
    public sealed record Busy : BackendAnswer;
}

/// <summary>What a directory says about a right password that will not serve much longer.</summary>
/// <param name="GraceLoginsLeft">Logins left with a password that has expired (OpenLDAP password policy); null when it has not.</param>
/// <param name="ExpiresIn">Time until it expires, when the directory warns; or null.</param>
public sealed record PasswordNotice(int? GraceLoginsLeft, TimeSpan? ExpiresIn);
