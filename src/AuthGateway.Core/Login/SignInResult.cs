using AuthGateway.Core.Policies;
using AuthGateway.Core.Sessions;

namespace AuthGateway.Core.Login;

/// <summary>What came of one step of a sign-in.</summary>
public abstract record SignInResult
{
    private SignInResult()
    {
    }

    /// <summary>The step is proven. The session is new or has a new token: the browser needs the cookie.</summary>
    /// <param name="Opened">Session and token; pending when a second factor is owed.</param>
    public sealed record Proven(OpenedSession Opened) : SignInResult;

    /// <summary>Refused.</summary>
    /// <param name="Reason">The true reason, for audit and helpdesk.</param>
    public sealed record Refused(VerdictReason Reason) : SignInResult
    {
        /// <summary>The account's state when the password was right, as a word of <see cref="Backends.AccountStates"/>: only then may the page name it. Else null.</summary>
        public string? ProvenState { get; init; }

        /// <summary>True when a new password ends that state.</summary>
        public bool CanChangePassword { get; init; }
    }

    /// <summary>Our side could not judge; told as 503.</summary>
    /// <param name="Reason">Which part of it.</param>
    public sealed record Unavailable(VerdictReason Reason) : SignInResult;
}
