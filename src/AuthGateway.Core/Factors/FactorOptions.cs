using System.ComponentModel.DataAnnotations;

namespace AuthGateway.Core.Factors;

/// <summary>Second factors.</summary>
public sealed class FactorOptions
{
    /// <summary>Codes of authenticator apps.</summary>
    public TotpOptions Totp { get; set; } = new();
}

/// <summary>Codes of authenticator apps (RFC 6238).</summary>
public sealed class TotpOptions
{
    /// <summary>Name of the account list in the app. Empty: the product's name (<c>Pages:Product</c>).</summary>
    [StringLength(64)]
    public string Issuer { get; set; } = "";

    /// <summary>Hash of new enrolments: <c>sha1</c>, <c>sha256</c>, <c>sha512</c>. Many apps know only <c>sha1</c>, which is no weakness here (RFC 6238, B).</summary>
    [AllowedValues("sha1", "sha256", "sha512")]
    public string Algorithm { get; set; } = "sha1";

    /// <summary>Digits of new enrolments: 6 or 8.</summary>
    [AllowedValues(6, 8)]
    public int Digits { get; set; } = 6;

    /// <summary>Steps of 30 s a code may be early or late: 0 or 1 (RFC 6238, 5.2).</summary>
    [Range(0, 1)]
    public int Drift { get; set; } = 1;

    /// <summary>
    /// Networks, by name or in CIDR notation, from which a user who has no second factor may enrol one after the password alone. From
    /// anywhere else an enrolment code is asked for (<c>authgateway totp invite USER</c>). Empty: always a code, for a stolen password must not
    /// be enough to enrol the thief's app.
    /// </summary>
    public List<string> EnrolFrom { get; set; } = [];
}
