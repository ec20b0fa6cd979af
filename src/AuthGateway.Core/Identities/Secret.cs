using System.Security.Cryptography;
using System.Text;

namespace AuthGateway.Core.Identities;

/// <summary>A password on its way through the gateway: bytes that cannot be printed by accident.</summary>
public sealed class Secret
{
    /// <summary>Longest accepted password, in UTF-8 bytes.</summary>
    public const int MaxBytes = 1024;

    private readonly byte[] _utf8;

    private Secret(byte[] utf8) => _utf8 = utf8;

    /// <summary>The password's bytes.</summary>
    public ReadOnlySpan<byte> Utf8 => _utf8;

    /// <summary>The password's bytes, for asynchronous callers.</summary>
    public ReadOnlyMemory<byte> Memory => _utf8;

    /// <summary>True for the password of no bytes, which no backend may ever be asked about (RFC 4513, 5.1.2).</summary>
    public bool IsEmpty => _utf8.Length == 0;

    /// <summary>Takes a copy of the bytes.</summary>
    public static Secret FromUtf8(ReadOnlySpan<byte> utf8) => new(utf8.ToArray());

    /// <summary>Takes a password typed as text.</summary>
    public static Secret FromText(ReadOnlySpan<char> text)
    {
        var utf8 = new byte[Encoding.UTF8.GetByteCount(text)];
        Encoding.UTF8.GetBytes(text, utf8);
        return new Secret(utf8);
    }

    /// <summary>Compares in time that depends on the lengths only.</summary>
    public bool FixedTimeEquals(Secret other) => CryptographicOperations.FixedTimeEquals(_utf8, other._utf8);

    /// <summary>Never the password.</summary>
    public override string ToString() => "(secret)";
}
