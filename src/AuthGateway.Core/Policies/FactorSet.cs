namespace AuthGateway.Core.Policies;

/// <summary>Proofs of who somebody is, as a set.</summary>
[Flags]
public enum FactorSet
{
    /// <summary>Nothing proven.</summary>
    None = 0,

    /// <summary>The account's password, checked by a backend.</summary>
    Password = 1,

    /// <summary>A certificate of a registered device whose owner is the login.</summary>
    Device = 2,

    /// <summary>A code of an authenticator app (RFC 6238).</summary>
    Totp = 4,

    /// <summary>A recovery code; taken wherever a code of the app is asked for.</summary>
    RecoveryCode = 8,
}

/// <summary>Words for factors, the same in audit, <c>explain</c> and sessions.</summary>
public static class FactorWords
{
    private static readonly (FactorSet Factor, string Word)[] s_words =
    [
        (FactorSet.Device, "device"), (FactorSet.Password, "password"), (FactorSet.Totp, "totp"), (FactorSet.RecoveryCode, "recovery code"),
    ];

    /// <summary><c>password + totp</c>; <c>no factor</c> for none.</summary>
    public static string Of(FactorSet factors)
    {
        switch (factors)
        {
            case FactorSet.None:
                return "no factor";
            case FactorSet.Password:
                return "password";
            case FactorSet.Device | FactorSet.Password:
                return "device + password";
            case FactorSet.Password | FactorSet.Totp:
                return "password + totp";
            default:
                return string.Join(" + ", s_words.Where(word => (factors & word.Factor) != 0).Select(word => word.Word));
        }
    }
}
