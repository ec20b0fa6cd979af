using System.Globalization;
using AuthGateway.Core.Identities;
using AuthGateway.Ldap;

namespace AuthGateway.Core.Backends.Ldap;

/// <summary>Reads from a bind's result what it says about password and account.</summary>
internal sealed class LdapBindJudge(LdapBackendOptions options, bool isSecure)
{
    private readonly bool _isActiveDirectory = LdapDialect.IsActiveDirectory(options);

    /// <summary>Why a directory answers code 8 or 13, in words for whoever set it up.</summary>
    public const string NeedsTls = "the directory takes passwords over TLS only (\"strong auth required\"); use ldaps:// or StartTls: true";

    /// <summary>Why there is no answer when the login's time was over.</summary>
    public const string TooLate = "no answer in time";

    /// <summary>A no that may have been said to the right password.</summary>
    private static readonly BackendAnswer.Rejected s_uncertain = new() { IsCertain = false };

    /// <summary>Said to every password alike, and counted by no directory while the lock is in force (seen on OpenLDAP 2.5 and Samba).</summary>
    private static readonly BackendAnswer.AccountState s_locked = new(AccountStates.Locked, SecretProven: false) { NothingShown = true };

    /// <summary>Controls of a bind: directories with password policies tell more when asked.</summary>
    public IReadOnlyList<LdapControl> Controls { get; } = LdapDialect.IsActiveDirectory(options) ? [] : [LdapPasswordPolicy.Request];

    /// <summary>Judges.</summary>
    /// <param name="result">How the bind ended.</param>
    /// <param name="identity">Whose bind it was.</param>
    /// <param name="before">What the entry showed just before.</param>
    public BackendAnswer Judge(LdapResult result, UserIdentity identity, LdapAccountState before)
    {
        if (!LdapPasswordPolicy.TryRead(result, out var policy))
        {
            // It may have said that nothing but a new password is allowed.
            return new BackendAnswer.Unavailable("the directory's password policy cannot be read");
        }

        switch (result.Code)
        {
            case LdapResultCode.Success:
                return Accept(identity, before, policy);
            case LdapResultCode.InvalidCredentials:
                return Refuse(result.Diagnostic, policy, before);
            case LdapResultCode.UnwillingToPerform or LdapResultCode.InappropriateAuthentication or LdapResultCode.ConstraintViolation
                or LdapResultCode.NoSuchObject or LdapResultCode.InsufficientAccessRights:
                // No password there, a policy overlay, a lock (389 Directory Server tells its own by 19), gone since the search: a no whatever the secret was.
                return s_uncertain;
            case LdapResultCode.StrongerAuthRequired or LdapResultCode.ConfidentialityRequired:
                return new BackendAnswer.Unavailable(NeedsTls);
            default:
                return new BackendAnswer.Unavailable(string.Create(CultureInfo.InvariantCulture, $"bind ended with code {(int)result.Code}: {result.Diagnostic}"));
        }
    }

    /// <summary>Adds to an outage whether the directory can have counted the attempt.</summary>
    public static BackendAnswer Weigh(BackendAnswer answer, LdapBindProgress progress) =>
        answer is BackendAnswer.Unavailable unavailable ? unavailable with { NothingCounted = progress.NothingCounted } : answer;

    /// <summary>A state told to the right password.</summary>
    public BackendAnswer.AccountState Proven(string state) => new(state, SecretProven: true) { CanChangePassword = CanChange(state) };

    /// <summary>True when <see cref="LdapPasswordChanger"/> has a way to replace a password in this state.</summary>
    private bool CanChange(string state) => state is AccountStates.MustChange or AccountStates.PasswordExpired && (_isActiveDirectory
        ? isSecure && options.SearchUser.Length > 0
        // Who must change may bind to do so; an expired password does not bind, and the search user must be allowed to.
        : state == AccountStates.MustChange || options.SearchUser.Length > 0);

    private BackendAnswer Accept(UserIdentity identity, LdapAccountState before, LdapPasswordPolicy? policy)
    {
        if (policy?.Error is LdapPasswordPolicyError.ChangeAfterReset)
        {
            return Proven(AccountStates.MustChange);
        }

        // The directory let the password pass, and shows beside it that the account must not.
        if ((before.Account ?? before.Password) is { } state)
        {
            return Proven(state);
        }

        return new BackendAnswer.Accepted(identity)
        {
            Notice = policy is null or { GraceLoginsLeft: null, ExpiresIn: null } ? null : new PasswordNotice(policy.GraceLoginsLeft, policy.ExpiresIn),
        };
    }

    /// <summary>
    /// Active Directory hides in a text whether the password was right: 530, 531, 532, 533, 701 and 773 are said to the right one only (Microsoft's list of
    /// sub-codes; all seen so on a real controller). 775 is said to any. slapd tells that a password expired only to who knows it (seen on OpenLDAP 2.5), and
    /// a lock, unless <c>ppolicy_use_lockout</c> is set, by nothing but the 49 of a wrong password.
    /// </summary>
    private BackendAnswer Refuse(string diagnostic, LdapPasswordPolicy? policy, LdapAccountState before)
    {
        if (!_isActiveDirectory && policy?.Error is { } error)
        {
            return error switch
            {
                LdapPasswordPolicyError.PasswordExpired => Proven(AccountStates.PasswordExpired),
                LdapPasswordPolicyError.AccountLocked => s_locked,
                _ => s_uncertain,
            };
        }

        if (!ActiveDirectoryDiagnostics.TryReadSubCode(diagnostic, out var subCode))
        {
            return before.MayBeLocked ? s_uncertain : new BackendAnswer.Rejected();
        }

        return subCode switch
        {
            ActiveDirectoryDiagnostics.LogonHours => Proven(AccountStates.LogonHours),
            ActiveDirectoryDiagnostics.Workstation => Proven(AccountStates.Workstation),
            ActiveDirectoryDiagnostics.PasswordExpired => Proven(AccountStates.PasswordExpired),
            ActiveDirectoryDiagnostics.AccountDisabled => Proven(AccountStates.Disabled),
            ActiveDirectoryDiagnostics.AccountExpired => Proven(AccountStates.Expired),
            ActiveDirectoryDiagnostics.MustChangePassword => Proven(AccountStates.MustChange),
            ActiveDirectoryDiagnostics.AccountLocked => s_locked,
            ActiveDirectoryDiagnostics.BadPassword => new BackendAnswer.Rejected(),
            // 525 for who went between search and bind, 52f for a right password under a restriction, others: no, and it counts.
            _ => s_uncertain,
        };
    }
}
