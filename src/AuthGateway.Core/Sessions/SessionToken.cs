using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace AuthGateway.Core.Sessions;

/// <summary>The secret a browser keeps in its cookie: 256 random bits. The gateway keeps its hash only.</summary>
public sealed class SessionToken
{
    /// <summary>Length in bytes.</summary>
    public const int Length = 32;

    /// <summary>Length of the cookie's value: base64url without padding.</summary>
    public const int TextLength = 43;

    private readonly byte[] _bytes;

    private SessionToken(byte[] bytes)
    {
        _bytes = bytes;
        Key = SessionKey.Of(bytes);
    }

    /// <summary>What the session is found under.</summary>
    public SessionKey Key { get; }

    /// <summary>The secret itself, for deriving keys.</summary>
    internal ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>A new token of the system's generator.</summary>
    public static SessionToken New() => new(RandomNumberGenerator.GetBytes(Length));

    /// <summary>Reads a cookie's value; anything but 43 characters of base64url that stand for 32 bytes is no token.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out SessionToken? token)
    {
        token = null;
        if (text.Length != TextLength)
        {
            return false;
        }

        // Not the method that only says true or false: it throws on characters outside of the alphabet.
        var bytes = new byte[Length];
        if (Base64Url.DecodeFromChars(text, bytes, out _, out var written) != OperationStatus.Done || written != Length)
        {
            return false;
        }

        token = new SessionToken(bytes);
        return true;
    }

    /// <summary>The cookie's value.</summary>
    public string ToCookie() => Base64Url.EncodeToString(_bytes);

    /// <summary>Never the secret.</summary>
    public override string ToString() => "(session token)";
}

/// <summary>SHA-256 of a token. Its parts are random, so any of them is a hash code.</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct SessionKey(ulong A, ulong B, ulong C, ulong D)
{
    /// <inheritdoc />
    public override int GetHashCode() => (int)A;

    /// <summary>The hash as it is kept: 32 bytes.</summary>
    public byte[] ToBytes()
    {
        var bytes = new byte[SHA256.HashSizeInBytes];
        MemoryMarshal.Write(bytes, this);
        return bytes;
    }

    /// <summary>Reads what <see cref="ToBytes"/> wrote.</summary>
    /// <exception cref="ArgumentException">It has not 32 bytes.</exception>
    public static SessionKey FromBytes(ReadOnlySpan<byte> hash) =>
        hash.Length == SHA256.HashSizeInBytes ? MemoryMarshal.Read<SessionKey>(hash) : throw new ArgumentException("A session's hash has 32 bytes.", nameof(hash));

    internal static SessionKey Of(ReadOnlySpan<byte> token)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(token, hash);
        return MemoryMarshal.Read<SessionKey>(hash);
    }
}
