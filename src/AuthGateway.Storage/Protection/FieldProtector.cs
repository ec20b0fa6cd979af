using System.Security.Cryptography;
using System.Text;
using AuthGateway.Core.Factors.AppPasswords;

namespace AuthGateway.Storage.Protection;

/// <summary>
/// Encrypts single values: AES-256-GCM under a key made of the master key for that column alone, bound to table, column and row, so that
/// a value copied to another place is refused. Layout: version, key id, nonce, tag, ciphertext.
/// </summary>
public sealed class FieldProtector
{
    private const byte Version = 1;
    private const int NonceLength = 12;
    private const int TagLength = 16;
    private const int HeaderLength = 1 + MasterKey.IdLength + NonceLength + TagLength;

    private readonly MasterKey _key;

    internal FieldProtector(MasterKey key) => _key = key;

    /// <summary>The key of app passwords: one for that purpose alone, made of the same master key.</summary>
    internal AppPasswordKey MakeAppPasswordKey()
    {
        Span<byte> key = stackalloc byte[AppPasswordKey.Length];
        _key.Derive("app passwords", key);
        var made = new AppPasswordKey(key);
        CryptographicOperations.ZeroMemory(key);
        return made;
    }

    internal byte[] Protect(ProtectedField field, string row, ReadOnlySpan<byte> plain)
    {
        var box = new byte[HeaderLength + plain.Length];
        box[0] = Version;
        _key.Id.CopyTo(box.AsSpan(1));
        var nonce = box.AsSpan(1 + MasterKey.IdLength, NonceLength);
        RandomNumberGenerator.Fill(nonce);
        using var aes = Cipher(field);
        aes.Encrypt(nonce, plain, box.AsSpan(HeaderLength), box.AsSpan(HeaderLength - TagLength, TagLength), Place(field, row));
        return box;
    }

    /// <summary>The value, or null when it was made by another key, for another place, or changed since.</summary>
    internal byte[]? Unprotect(ProtectedField field, string row, ReadOnlySpan<byte> box)
    {
        if (box.Length < HeaderLength || box[0] != Version || !box.Slice(1, MasterKey.IdLength).SequenceEqual(_key.Id))
        {
            return null;
        }

        var plain = new byte[box.Length - HeaderLength];
        using var aes = Cipher(field);
        try
        {
            aes.Decrypt(
                box.Slice(1 + MasterKey.IdLength, NonceLength), box[HeaderLength..], box.Slice(HeaderLength - TagLength, TagLength), plain, Place(field, row));
            return plain;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }

    private AesGcm Cipher(ProtectedField field)
    {
        Span<byte> key = stackalloc byte[32];
        _key.Derive($"field {field.Table}.{field.Column}", key);
        var aes = new AesGcm(key, TagLength);
        CryptographicOperations.ZeroMemory(key);
        return aes;
    }

    private static byte[] Place(ProtectedField field, string row) => Encoding.UTF8.GetBytes($"{field.Table}|{field.Column}|{row}");
}
