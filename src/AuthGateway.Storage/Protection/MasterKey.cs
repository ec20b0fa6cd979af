using System.Security.Cryptography;
using System.Text;

namespace AuthGateway.Storage.Protection;

/// <summary>The key everything encrypted in the database hangs on: 256 bits from a file beside it. Used only to make other keys.</summary>
internal sealed class MasterKey
{
    /// <summary>Bytes of the key, and of its file.</summary>
    public const int Length = 32;

    /// <summary>Bytes of the id that every ciphertext carries.</summary>
    public const int IdLength = 4;

    private const int CheckLength = 32;

    private readonly byte[] _bytes;
    private readonly byte[] _id = new byte[IdLength];

    public MasterKey(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Length)
        {
            throw new ArgumentException("A master key has 32 bytes.", nameof(bytes));
        }

        _bytes = bytes.ToArray();
        Derive("id", _id);
        CheckValue = new byte[CheckLength];
        Derive("check", CheckValue);
    }

    /// <summary>Tells keys apart; derived, so it says nothing of the key.</summary>
    public ReadOnlySpan<byte> Id => _id;

    /// <summary>What the database keeps to know the key again; derived as well.</summary>
    public byte[] CheckValue { get; }

    /// <summary>A key for one purpose.</summary>
    public void Derive(string purpose, Span<byte> key) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, _bytes, key, default, Encoding.UTF8.GetBytes($"authgateway {purpose} 1"));

    /// <inheritdoc />
    public override string ToString() => "(master key)";
}
