using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace AuthGateway.Core.Factors.AppPasswords;

/// <summary>
/// HMAC-SHA-256 of an app password under the server's key: what is kept of it, and what it is found under. Whoever reads it learns nothing, and whoever
/// cannot compute it cannot search for it, so a lookup by it tells no time.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct AppPasswordDigest(ulong A, ulong B, ulong C, ulong D)
{
    /// <inheritdoc />
    public override int GetHashCode() => (int)A;

    /// <summary>The digest as it is kept: 32 bytes.</summary>
    public byte[] ToBytes()
    {
        var bytes = new byte[HMACSHA256.HashSizeInBytes];
        MemoryMarshal.Write(bytes, this);
        return bytes;
    }

    /// <summary>Reads what <see cref="ToBytes"/> wrote.</summary>
    /// <exception cref="ArgumentException">It has not 32 bytes.</exception>
    public static AppPasswordDigest FromBytes(ReadOnlySpan<byte> digest) =>
        digest.Length == HMACSHA256.HashSizeInBytes ? MemoryMarshal.Read<AppPasswordDigest>(digest) : throw new ArgumentException("A digest has 32 bytes.", nameof(digest));

    /// <summary>Never the digest: it is of no use in a log.</summary>
    public override string ToString() => "(app password)";
}
