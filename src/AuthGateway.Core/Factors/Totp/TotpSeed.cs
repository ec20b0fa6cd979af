using System.Security.Cryptography;

namespace AuthGateway.Core.Factors.Totp;

/// <summary>The secret an app and the gateway share: bytes that cannot be printed by accident.</summary>
public sealed class TotpSeed
{
    /// <summary>Bytes of a new seed: 160 bits (RFC 4226, 4: at least 128, 160 recommended).</summary>
    public const int NewLength = 20;

    private readonly byte[] _bytes;

    private TotpSeed(byte[] bytes) => _bytes = bytes;

    /// <summary>The bytes.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>A new seed of the system's generator.</summary>
    public static TotpSeed New() => new(RandomNumberGenerator.GetBytes(NewLength));

    /// <summary>Takes a copy of the bytes.</summary>
    /// <exception cref="ArgumentException">It has fewer than 16 or more than 64 bytes.</exception>
    public static TotpSeed FromBytes(ReadOnlySpan<byte> bytes) =>
        bytes.Length is >= 16 and <= 64 ? new(bytes.ToArray()) : throw new ArgumentException("A seed has 16 to 64 bytes.", nameof(bytes));

    /// <summary>Never the seed.</summary>
    public override string ToString() => "(seed)";
}
