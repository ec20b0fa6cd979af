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

    /// <summary>A Kerberos ticket for this gateway, of a realm that is trusted.</summary>
    Kerberos = 16,

    /// <summary>No more than a name, said from a network where the service takes names without a password.</summary>
    Network = 32,

    /// <summary>A name in a header of a forwarder that is trusted to have asked for a proof.</summary>
    Header = 64,
}

/// <summary>What kinds of factors there are.</summary>
public static class FactorKinds
{
    /// <summary>Factors that say who somebody is. A code only confirms it.</summary>
    public const FactorSet Identifying = FactorSet.Password | FactorSet.Device | FactorSet.Kerberos | FactorSet.Network | FactorSet.Header;

    /// <summary>Factors of the connection or the place: they hold for the request that brings them, and a session never stands for them.</summary>
    public const FactorSet OfTheRequest = FactorSet.Device | FactorSet.Network | FactorSet.Header;
}

/// <summary>Words for factors, the same in audit, <c>explain</c> and sessions.</summary>
public static class FactorWords
{
    private static readonly (FactorSet Factor, string Word)[] s_words =
    [
        (FactorSet.Device, "device"), (FactorSet.Password, "password"), (FactorSet.Totp, "totp"), (FactorSet.RecoveryCode, "recovery code"),
        (FactorSet.Kerberos, "kerberos"), (FactorSet.Network, "network"), (FactorSet.Header, "header"),
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
