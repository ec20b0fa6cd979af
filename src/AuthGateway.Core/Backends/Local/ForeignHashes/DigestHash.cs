using System.Buffers.Text;
using System.Security.Cryptography;
using AuthGateway.Core.Identities;

namespace AuthGateway.Core.Backends.Local.ForeignHashes;

/// <summary>
/// One digest over password and salt, as directories keep it: <c>{SSHA}</c> and its family (RFC 2307 has the form). Without salt also as hexadecimal
/// digits, which is what KIX and OTRS call <c>sha1</c> and <c>sha2</c>.
/// </summary>
internal sealed class DigestHash : ForeignHash
{
    private const int MaxSaltBytes = 64;

    private readonly HashAlgorithmName _algorithm;
    private readonly byte[] _digest;
    private readonly byte[] _salt;

    private DigestHash(Scheme scheme, byte[] digest, byte[] salt)
        : base(scheme.Kind, $"{{{scheme.Tag}}}{Convert.ToBase64String([.. digest, .. salt])}", scheme.Weakness) =>
        (_algorithm, _digest, _salt) = (scheme.Algorithm, digest, salt);

    public static DigestHash? Parse(string text, out string? fault)
    {
        var end = text.IndexOf('}', StringComparison.Ordinal);
        var tag = end < 0 ? "" : text[1..end];
        if (Array.Find(Schemes, each => each.Tag.Equals(tag, StringComparison.OrdinalIgnoreCase)) is not { } scheme)
        {
            fault = $"The scheme {(end is > 0 and <= 20 ? text[..(end + 1)] : "in braces")} is not known. Known: {{CRYPT}}, {{PBKDF2-SHA512}}, {string.Join(", ", Schemes.Select(each => $"{{{each.Tag}}}"))}.";
            return null;
        }

        var encoded = text[(end + 1)..];
        var bytes = Base64.IsValid(encoded) ? Convert.FromBase64String(encoded) : [];
        var salt = bytes.Length - scheme.DigestBytes;
        if (scheme.Salted ? salt is < 1 or > MaxSaltBytes : salt != 0)
        {
            fault = scheme.Salted
                ? $"{{{scheme.Tag}}} must be base64 of {scheme.DigestBytes} bytes and 1 to {MaxSaltBytes} bytes of salt."
                : $"{{{scheme.Tag}}} must be base64 of {scheme.DigestBytes} bytes.";
            return null;
        }

        fault = null;
        return new DigestHash(scheme, bytes[..scheme.DigestBytes], bytes[scheme.DigestBytes..]);
    }

    public static DigestHash FromHex(string hex)
    {
        var digest = Convert.FromHexString(hex);
        return new DigestHash(Array.Find(Schemes, each => !each.Salted && each.DigestBytes == digest.Length)!, digest, []);
    }

    public override bool Verify(Secret secret)
    {
        using var hash = IncrementalHash.CreateHash(_algorithm);
        hash.AppendData(secret.Utf8);
        hash.AppendData(_salt);
        return CryptographicOperations.FixedTimeEquals(hash.GetHashAndReset(), _digest);
    }

    private static readonly Scheme[] Schemes =
    [
        new("SSHA", HashAlgorithmName.SHA1, 20, Salted: true),
        new("SSHA256", HashAlgorithmName.SHA256, 32, Salted: true),
        new("SSHA384", HashAlgorithmName.SHA384, 48, Salted: true),
        new("SSHA512", HashAlgorithmName.SHA512, 64, Salted: true),
        new("SMD5", HashAlgorithmName.MD5, 16, Salted: true),
        new("SHA", HashAlgorithmName.SHA1, 20, Salted: false),
        new("SHA256", HashAlgorithmName.SHA256, 32, Salted: false),
        new("SHA384", HashAlgorithmName.SHA384, 48, Salted: false),
        new("SHA512", HashAlgorithmName.SHA512, 64, Salted: false),
        new("MD5", HashAlgorithmName.MD5, 16, Salted: false),
    ];

    private sealed record Scheme(string Tag, HashAlgorithmName Algorithm, int DigestBytes, bool Salted)
    {
        public string Kind => Tag.ToLowerInvariant();

        public string Weakness => Salted
            ? "one round of a fast digest"
            : "no salt: tables of such hashes are public, and equal passwords show";
    }
}
