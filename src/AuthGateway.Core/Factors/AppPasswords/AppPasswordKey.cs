using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using AuthGateway.Core.Identities;

namespace AuthGateway.Core.Factors.AppPasswords;

/// <summary>
/// The server's key for app passwords. It makes the digest a secret is found under, and the seal of its row: a row that was given to somebody else, or
/// allowed more, by an edit of the database has no seal any more and opens nothing.
/// </summary>
public sealed class AppPasswordKey
{
    /// <summary>Bytes of the key.</summary>
    public const int Length = 32;

    private readonly byte[] _digests;
    private readonly byte[] _seals;

    /// <summary>Makes both keys of one that serves nothing else.</summary>
    /// <exception cref="ArgumentException">It has not 32 bytes.</exception>
    public AppPasswordKey(ReadOnlySpan<byte> key)
    {
        if (key.Length != Length)
        {
            throw new ArgumentException("The key has 32 bytes.", nameof(key));
        }

        _digests = Derive(key, "digest");
        _seals = Derive(key, "seal");
    }

    /// <summary>True when the secret looks like an app password; then what it is found under. Allocates nothing.</summary>
    public bool TryDigest(Secret secret, out AppPasswordDigest digest)
    {
        digest = default;
        Span<byte> plain = stackalloc byte[AppPasswordSecret.Length];
        if (!AppPasswordSecret.TryRead(secret, plain))
        {
            plain.Clear();
            return false;
        }

        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_digests, plain, hash);
        plain.Clear();
        digest = MemoryMarshal.Read<AppPasswordDigest>(hash);
        return true;
    }

    /// <summary>The record with its seal.</summary>
    public AppPasswordRecord Seal(AppPasswordRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        return record with { Seal = HMACSHA256.HashData(_seals, Sealed(record)) };
    }

    /// <summary>True when the record is as this key sealed it.</summary>
    public bool IsSound(AppPasswordRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        return CryptographicOperations.FixedTimeEquals(HMACSHA256.HashData(_seals, Sealed(record)), record.Seal);
    }

    /// <inheritdoc />
    public override string ToString() => "(key of app passwords)";

    private static byte[] Derive(ReadOnlySpan<byte> key, string purpose)
    {
        var derived = new byte[Length];
        HKDF.Expand(HashAlgorithmName.SHA256, key, derived, Encoding.UTF8.GetBytes(purpose));
        return derived;
    }

    /// <summary>Everything a password may do, each part with its length before it, so that no two records share a text.</summary>
    private static byte[] Sealed(AppPasswordRecord record)
    {
        using var text = new MemoryStream();
        using var writer = new BinaryWriter(text, Encoding.UTF8);
        writer.Write((byte)1);
        writer.Write(record.Id);
        writer.Write(record.Digest.ToBytes());
        writer.Write(record.IdentityKey);
        writer.Write(record.Tag);
        Write(writer, record.For);
        Write(writer, record.Networks);
        writer.Write(record.DeviceId is not null);
        writer.Write(record.DeviceId ?? "");
        writer.Write(record.ExpiresAt?.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture) ?? "");
        writer.Flush();
        return text.ToArray();
    }

    private static void Write(BinaryWriter writer, IReadOnlyList<string> words)
    {
        writer.Write(words.Count);
        foreach (var word in words)
        {
            writer.Write(word);
        }
    }
}
