using AuthGateway.Core.Factors.Totp;
using AuthGateway.Core.Networks;

namespace AuthGateway.Core.Factors;

/// <summary>Second factors as configured, validated and immutable.</summary>
public sealed class FactorPolicy
{
    /// <summary>Apps one user may have enrolled.</summary>
    public const int MostApps = 5;

    /// <summary>How old the last proof of a factor may be when factors are changed.</summary>
    public static readonly TimeSpan StepUpAge = TimeSpan.FromMinutes(5);

    /// <summary>Name of the account list in the app.</summary>
    public required string Issuer { get; init; }

    /// <summary>Hash of new enrolments.</summary>
    public TotpAlgorithm Algorithm { get; init; } = TotpAlgorithm.Sha1;

    /// <summary>Digits of new enrolments.</summary>
    public int Digits { get; init; } = 6;

    /// <summary>Steps a code may be early or late.</summary>
    public int Drift { get; init; } = 1;

    /// <summary>From where a first factor may be enrolled after the password alone.</summary>
    public NetworkSet EnrolFrom { get; init; } = NetworkSet.None;

    /// <summary>Takes validated options.</summary>
    /// <param name="options">The section <c>Factors</c>.</param>
    /// <param name="enrolFrom">Its networks, resolved.</param>
    /// <param name="product">The product's name, for an issuer that is not set.</param>
    public static FactorPolicy From(FactorOptions options, NetworkSet enrolFrom, string product) => new()
    {
        Issuer = options.Totp.Issuer.Length > 0 ? options.Totp.Issuer : product,
        Algorithm = options.Totp.Algorithm switch
        {
            "sha256" => TotpAlgorithm.Sha256,
            "sha512" => TotpAlgorithm.Sha512,
            _ => TotpAlgorithm.Sha1,
        },
        Digits = options.Totp.Digits,
        Drift = options.Totp.Drift,
        EnrolFrom = enrolFrom,
    };
}
