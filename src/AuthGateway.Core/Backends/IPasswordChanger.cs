using AuthGateway.Core.Identities;

namespace AuthGateway.Core.Backends;

/// <summary>A backend whose users may set a new password through the gateway.</summary>
public interface IPasswordChanger
{
    /// <summary>
    /// Replaces a password by proving the old one. Counts as an attempt in the directory when the old one is wrong, so the caller has charged it.
    /// Never throws for an outage.
    /// </summary>
    ValueTask<PasswordChange> ChangePasswordAsync(BackendLookup.Found user, Secret oldPassword, Secret newPassword, CancellationToken cancellationToken);
}

/// <summary>What came of a password change.</summary>
public abstract record PasswordChange
{
    private PasswordChange()
    {
    }

    /// <summary>The new password is in force.</summary>
    public sealed record Changed : PasswordChange;

    /// <summary>The old password is wrong; it counts.</summary>
    public sealed record WrongPassword : PasswordChange;

    /// <summary>The directory does not take the new password, or not now; nothing is counted.</summary>
    /// <param name="Rule">Stable word: <c>policy</c> (length, history, complexity), <c>too-young</c>, <c>not-allowed</c>, <c>locked</c>; from local accounts
    /// also <c>same</c> and the words of <see cref="Local.PasswordFault"/>.</param>
    /// <param name="Text">The directory's own words, one line without control characters, at most 300 characters; or null. To be shown as text, never as markup.</param>
    public sealed record Refused(string Rule, string? Text) : PasswordChange;

    /// <summary>The directory could not be asked, or the connection broke before it answered: whether the password changed is not known.</summary>
    public sealed record Unavailable(string Why) : PasswordChange;
}
