using System.Globalization;
using System.Text;

namespace AuthGateway.Core.Factors.Totp;

/// <summary>How a seed reaches an app: scanned as a key URI, or typed as base32 (RFC 4648, 6).</summary>
public static class TotpUri
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    /// <summary>The seed in base32 without padding, as apps take it.</summary>
    public static string Base32(TotpSeed seed)
    {
        var text = new StringBuilder();
        int buffer = 0, bits = 0;
        foreach (var b in seed.Bytes)
        {
            buffer = (buffer << 8) | b;
            bits += 8;
            while (bits >= 5)
            {
                bits -= 5;
                text.Append(Alphabet[(buffer >> bits) & 31]);
            }
        }

        return bits == 0 ? text.ToString() : text.Append(Alphabet[(buffer << (5 - bits)) & 31]).ToString();
    }

    /// <summary>The URI of the QR code: <c>otpauth://totp/Issuer:login?secret=…</c>. Blanks are %20, for some apps show a plus as it stands.</summary>
    public static string Of(TotpSeed seed, string issuer, string login, TotpAlgorithm algorithm, int digits)
    {
        var name = algorithm switch { TotpAlgorithm.Sha256 => "SHA256", TotpAlgorithm.Sha512 => "SHA512", _ => "SHA1" };
        // The colon parts issuer and account, so the issuer brings none of its own; apps compare it with the parameter.
        var list = Uri.EscapeDataString(issuer.Replace(":", "", StringComparison.Ordinal));
        var label = $"{list}:{Uri.EscapeDataString(login)}";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"otpauth://totp/{label}?secret={Base32(seed)}&issuer={list}&algorithm={name}&digits={digits}&period={TotpCode.Period}");
    }
}
