using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;

namespace AuthGateway.Core.Identities;

/// <summary>A password or other secret text as UTF-8 bytes. It cannot be printed: logs and exceptions show <c>(secret)</c>.</summary>
[DebuggerDisplay("(secret)")]
public sealed class Secret
{
    private readonly byte[] _utf8;

    private Secret(byte[] utf8) => _utf8 = utf8;

    public ReadOnlySpan<byte> Utf8 => _utf8;

    public bool IsEmpty => _utf8.Length == 0;

    public static Secret FromUtf8(ReadOnlySpan<byte> utf8) => new(utf8.ToArray());

    public static Secret FromText(ReadOnlySpan<char> text)
    {
        var utf8 = new byte[Encoding.UTF8.GetByteCount(text)];
        Encoding.UTF8.GetBytes(text, utf8);
        return new Secret(utf8);
    }

    /// <summary>Compares in a time that does not tell where the two differ.</summary>
    public bool FixedTimeEquals(Secret other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return CryptographicOperations.FixedTimeEquals(_utf8, other._utf8);
    }

    public override string ToString() => "(secret)";
}
