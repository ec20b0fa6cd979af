using System.Diagnostics.CodeAnalysis;
using System.Formats.Asn1;

namespace AuthGateway.Ldap;

/// <summary>Why a password policy refuses or restricts (draft-behera-ldap-password-policy, 6.2).</summary>
public enum LdapPasswordPolicyError
{
    PasswordExpired = 0,
    AccountLocked = 1,
    ChangeAfterReset = 2,
    PasswordModNotAllowed = 3,
    MustSupplyOldPassword = 4,
    InsufficientPasswordQuality = 5,
    PasswordTooShort = 6,
    PasswordTooYoung = 7,
    PasswordInHistory = 8,
    PasswordTooLong = 9,
}

/// <summary>What a password policy says beside the result of a bind or a change.</summary>
/// <param name="ExpiresIn">Time until the password expires, when the server warns.</param>
/// <param name="GraceLoginsLeft">Logins left with a password that has expired.</param>
/// <param name="Error">What is wrong, or null.</param>
public sealed record LdapPasswordPolicy(TimeSpan? ExpiresIn, int? GraceLoginsLeft, LdapPasswordPolicyError? Error)
{
    /// <summary>The control's number, in request and answer.</summary>
    public const string Oid = "1.3.6.1.4.1.42.2.27.8.5.1";

    private const int MaxErrors = 16;
    private static readonly Asn1Tag Constructed0 = new(TagClass.ContextSpecific, 0, isConstructed: true);
    private static readonly Asn1Tag Primitive0 = new(TagClass.ContextSpecific, 0);
    private static readonly Asn1Tag Primitive1 = new(TagClass.ContextSpecific, 1);

    /// <summary>Asks the server to tell. Not critical: one that has no policies ignores it.</summary>
    public static LdapControl Request { get; } = new(Oid);

    /// <summary>Reads the control among those of an answer; null when there is none.</summary>
    /// <param name="result">The answer.</param>
    /// <param name="policy">What it says, or null.</param>
    /// <returns>False when there is one and it cannot be read: whatever it said, it is not known.</returns>
    public static bool TryRead(LdapResult result, out LdapPasswordPolicy? policy)
    {
        ArgumentNullException.ThrowIfNull(result);
        policy = null;
        foreach (var control in result.Controls)
        {
            if (control.Oid == Oid)
            {
                return TryRead(control.Value ?? [], out policy);
            }
        }

        return true;
    }

    private static bool TryRead(byte[] value, [NotNullWhen(true)] out LdapPasswordPolicy? policy)
    {
        policy = null;
        try
        {
            TimeSpan? expiresIn = null;
            int? grace = null;
            LdapPasswordPolicyError? error = null;
            var whole = new AsnReader(value, AsnEncodingRules.BER);
            var body = whole.ReadSequence();
            whole.ThrowIfNotEmpty();
            if (body.HasData && body.PeekTag() == Constructed0)
            {
                var warning = body.ReadSequence(Constructed0);
                var isTime = warning.PeekTag() == Primitive0;
                if (!warning.TryReadInt32(out var number, isTime ? Primitive0 : Primitive1) || number < 0)
                {
                    return false;
                }

                warning.ThrowIfNotEmpty();
                (expiresIn, grace) = isTime ? (TimeSpan.FromSeconds(number), null) : ((TimeSpan?)null, (int?)number);
            }

            if (body.HasData)
            {
                var bytes = body.ReadEnumeratedBytes(Primitive1).Span;
                if (bytes is not [< MaxErrors])
                {
                    return false;
                }

                error = (LdapPasswordPolicyError)bytes[0];
            }

            body.ThrowIfNotEmpty();
            policy = new LdapPasswordPolicy(expiresIn, grace, error);
            return true;
        }
        catch (AsnContentException)
        {
            return false;
        }
    }
}
