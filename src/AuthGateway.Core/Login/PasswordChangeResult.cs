using AuthGateway.Core.Identities;
using AuthGateway.Core.Policies;

namespace AuthGateway.Core.Login;

/// <summary>What is wrong with a new password before anybody is asked about it.</summary>
public enum NewPasswordFault
{
    /// <summary>It is empty or longer than 256 characters.</summary>
    Length = 1,

    /// <summary>It has control characters.</summary>
    Characters = 2,

    /// <summary>It was not typed the same way twice.</summary>
    Repeat = 3,

    /// <summary>It is the old one.</summary>
    Same = 4,
}

/// <summary>What came of a wish for a new password.</summary>
public abstract record PasswordChangeResult
{
    private PasswordChangeResult()
    {
    }

    /// <summary>The new password is in force; every session of the user has ended.</summary>
    /// <param name="User">Whose it is.</param>
    public sealed record Changed(UserIdentity User) : PasswordChangeResult;

    /// <summary>The new password is none; nobody was asked and nothing counted.</summary>
    /// <param name="Fault">What is wrong.</param>
    public sealed record Unfit(NewPasswordFault Fault) : PasswordChangeResult;

    /// <summary>The old password is not proven.</summary>
    /// <param name="Reason">The true reason, for audit and helpdesk.</param>
    public sealed record Refused(VerdictReason Reason) : PasswordChangeResult;

    /// <summary>The old password is right and still serves: whoever is not signed in signs in with it and changes it then.</summary>
    public sealed record SignInFirst : PasswordChangeResult;

    /// <summary>The old password is right, but the backend does not take the new one.</summary>
    /// <param name="Rule">The backend's word: <c>policy</c>, <c>too-young</c>, <c>not-allowed</c>, <c>locked</c>.</param>
    /// <param name="Text">Its own sentence, or null; text of somebody else's server.</param>
    public sealed record NotTaken(string Rule, string? Text) : PasswordChangeResult;

    /// <summary>Our side could not judge; the old password still holds.</summary>
    /// <param name="Reason">Which part of it.</param>
    public sealed record Unavailable(VerdictReason Reason) : PasswordChangeResult;

    /// <summary>The backend was told and did not answer: whether the old or the new password holds is not known.</summary>
    public sealed record Unsure : PasswordChangeResult;
}
