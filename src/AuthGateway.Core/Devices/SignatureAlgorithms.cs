using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace AuthGateway.Core.Devices;

/// <summary>
/// The signatures and keys taken on device certificates and revocation lists; what is not named here is refused. RSASSA-PSS is
/// left out: its hash hides in parameters and is SHA-1 when they are absent.
/// </summary>
internal static class SignatureAlgorithms
{
    /// <summary>The hash of an accepted signature algorithm; null when it is not accepted.</summary>
    public static HashAlgorithmName? HashOf(string? oid) => oid switch
    {
        "1.2.840.10045.4.3.2" or "1.2.840.113549.1.1.11" => HashAlgorithmName.SHA256,
        "1.2.840.10045.4.3.3" or "1.2.840.113549.1.1.12" => HashAlgorithmName.SHA384,
        "1.2.840.10045.4.3.4" or "1.2.840.113549.1.1.13" => HashAlgorithmName.SHA512,
        _ => null,
    };

    /// <summary>True for ECDSA, false for RSA.</summary>
    public static bool IsEcdsa(string oid) => oid.StartsWith("1.2.840.10045.4.3.", StringComparison.Ordinal);

    /// <summary>True for RSA from 2048 bits and elliptic curves from 256.</summary>
    public static bool IsStrongKey(X509Certificate2 certificate)
    {
        using var rsa = certificate.GetRSAPublicKey();
        if (rsa is not null)
        {
            return rsa.KeySize >= 2048;
        }

        using var ecdsa = certificate.GetECDsaPublicKey();
        return ecdsa is { KeySize: >= 256 };
    }
}
