using System.Security.Cryptography;
using System.Text;
using AuthGateway.Core.Identities;

namespace AuthGateway.Core.Backends.Local.ForeignHashes;

/// <summary>
/// Apache's <c>$apr1$</c>, what <c>htpasswd</c> writes by default: the MD5 scheme of old Unixes under another name, which libcrypt does not know.
/// </summary>
internal sealed class Apr1Hash : ForeignHash
{
    public const string Magic = "$apr1$";

    private const string Alphabet = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private const int MaxSalt = 8;
    private const int HashLength = 22;

    // Three bytes make four characters, in an order that is its author's secret; the sixteenth byte makes the last two.
    private static readonly (int A, int B, int C)[] s_groups = [(0, 6, 12), (1, 7, 13), (2, 8, 14), (3, 9, 15), (4, 10, 5)];

    private readonly byte[] _salt;
    private readonly byte[] _hash;

    private Apr1Hash(string stored, string salt, string hash)
        : base("apr1", stored, "a thousand rounds of MD5") => (_salt, _hash) = (Encoding.ASCII.GetBytes(salt), Encoding.ASCII.GetBytes(hash));

    public static Apr1Hash? Parse(string text, out string? fault)
    {
        fault = null;
        if (text[Magic.Length..].Split('$') is [{ Length: <= MaxSalt } salt, { Length: HashLength } hash] && !hash.AsSpan().ContainsAnyExcept(Alphabet))
        {
            return new Apr1Hash(text, salt, hash);
        }

        fault = $"A hash of this family must be $apr1$salt$hash with a salt of at most {MaxSalt} and a hash of {HashLength} characters.";
        return null;
    }

    public override bool Verify(Secret secret) => CryptographicOperations.FixedTimeEquals(Compute(secret.Utf8, _salt), _hash);

    private static byte[] Compute(ReadOnlySpan<byte> password, ReadOnlySpan<byte> salt)
    {
        using var outer = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
        using var inner = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
        Span<byte> digest = stackalloc byte[16];

        inner.AppendData(password);
        inner.AppendData(salt);
        inner.AppendData(password);
        inner.GetHashAndReset(digest);

        outer.AppendData(password);
        outer.AppendData(Encoding.ASCII.GetBytes(Magic));
        outer.AppendData(salt);
        for (var left = password.Length; left > 0; left -= 16)
        {
            outer.AppendData(digest[..Math.Min(16, left)]);
        }

        for (var bits = password.Length; bits > 0; bits >>= 1)
        {
            outer.AppendData((bits & 1) != 0 ? [0] : password[..1]);
        }

        outer.GetHashAndReset(digest);
        for (var round = 0; round < 1000; round++)
        {
            var odd = (round & 1) != 0;
            outer.AppendData(odd ? password : digest);
            if (round % 3 != 0)
            {
                outer.AppendData(salt);
            }

            if (round % 7 != 0)
            {
                outer.AppendData(password);
            }

            outer.AppendData(odd ? digest : password);
            outer.GetHashAndReset(digest);
        }

        var text = new byte[HashLength];
        for (var i = 0; i < s_groups.Length; i++)
        {
            var (a, b, c) = s_groups[i];
            Encode((digest[a] << 16) | (digest[b] << 8) | digest[c], text.AsSpan(i * 4, 4));
        }

        Encode(digest[11], text.AsSpan(20, 2));
        CryptographicOperations.ZeroMemory(digest);
        return text;
    }

    private static void Encode(int bits, Span<byte> text)
    {
        foreach (ref var character in text)
        {
            character = (byte)Alphabet[bits & 0x3F];
            bits >>= 6;
        }
    }
}
