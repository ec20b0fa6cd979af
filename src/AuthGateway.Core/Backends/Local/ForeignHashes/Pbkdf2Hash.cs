using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using AuthGateway.Core.Identities;

namespace AuthGateway.Core.Backends.Local.ForeignHashes;

/// <summary>PBKDF2 as OpenLDAP's <c>pw-pbkdf2</c> writes it: <c>{PBKDF2-SHA512}rounds$salt$hash</c>, in base64 with <c>.</c> for <c>+</c> and without padding.</summary>
internal sealed class Pbkdf2Hash : ForeignHash
{
    private const int MaxRounds = 1_000_000;

    private readonly HashAlgorithmName _algorithm;
    private readonly int _rounds;
    private readonly byte[] _salt;
    private readonly byte[] _hash;

    private Pbkdf2Hash(string kind, string stored, HashAlgorithmName algorithm, int rounds, byte[] salt, byte[] hash)
        : base(kind, stored, weakness: null) => (_algorithm, _rounds, _salt, _hash) = (algorithm, rounds, salt, hash);

    public static Pbkdf2Hash? Parse(string text, out string? fault)
    {
        var end = text.IndexOf('}', StringComparison.Ordinal);
        var tag = end < 0 ? "" : text[1..end].ToUpperInvariant();
        HashAlgorithmName? algorithm = tag switch
        {
            "PBKDF2" or "PBKDF2-SHA1" => HashAlgorithmName.SHA1,
            "PBKDF2-SHA256" => HashAlgorithmName.SHA256,
            "PBKDF2-SHA512" => HashAlgorithmName.SHA512,
            _ => null,
        };
        if (algorithm is null
            || text[(end + 1)..].Split('$') is not [var rounds, var saltText, var hashText]
            || !int.TryParse(rounds, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            || Decode(saltText) is not { Length: >= 1 and <= 64 } salt
            || Decode(hashText) is not { Length: >= 16 and <= 64 } hash)
        {
            fault = "A hash of this family must be {PBKDF2-SHA512}rounds$salt$hash, or with SHA256 or SHA1.";
            return null;
        }

        if (count is < 1 or > MaxRounds)
        {
            fault = $"The hash asks for {count} rounds; 1 to {MaxRounds} are computed at a login.";
            return null;
        }

        fault = null;
        return new Pbkdf2Hash($"pbkdf2-{algorithm.Value.Name!.ToLowerInvariant()}", $"{{{tag}}}{text[(end + 1)..]}", algorithm.Value, count, salt, hash);
    }

    public override bool Verify(Secret secret) =>
        CryptographicOperations.FixedTimeEquals(Rfc2898DeriveBytes.Pbkdf2(secret.Utf8, _salt, _rounds, _algorithm, _hash.Length), _hash);

    private static byte[]? Decode(string text)
    {
        var plain = text.Replace('.', '+').TrimEnd('=');
        plain += new string('=', (4 - (plain.Length % 4)) % 4);
        return Base64.IsValid(plain) ? Convert.FromBase64String(plain) : null;
    }
}
