using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace AuthGateway.Core.Sessions.Tokens;

/// <summary>What an upstream gets in place of a password: 256 random bits that only the gateway can make sense of. Cannot be printed by accident.</summary>
public sealed class UpstreamToken
{
    /// <summary>
    /// What each token begins with. A program in a chain of several tells by it that something is a token before it asks anybody, and never shows the gateway
    /// a password; and a token is never tried as one.
    /// </summary>
    public const string Prefix = "agwt1-";

    /// <summary>Length of the text: the prefix and 43 characters of base64url.</summary>
    public const int TextLength = 49;

    private const int Length = 32;

    private readonly byte[] _utf8;

    private UpstreamToken(ReadOnlySpan<byte> bytes)
    {
        Key = SessionKey.Of(bytes);
        _utf8 = Encoding.ASCII.GetBytes(Prefix + Base64Url.EncodeToString(bytes));
    }

    /// <summary>The text's bytes.</summary>
    public ReadOnlySpan<byte> Utf8 => _utf8;

    /// <summary>What it is found under.</summary>
    internal SessionKey Key { get; }

    /// <summary>Never the token.</summary>
    public override string ToString() => "(session token)";

    /// <summary>A new one of the system's generator.</summary>
    internal static UpstreamToken New()
    {
        Span<byte> bytes = stackalloc byte[Length];
        RandomNumberGenerator.Fill(bytes);
        var token = new UpstreamToken(bytes);
        CryptographicOperations.ZeroMemory(bytes);
        return token;
    }

    /// <summary>The hash a text is found under; false for what is no token at all.</summary>
    internal static bool TryReadKey(ReadOnlySpan<char> text, out SessionKey key)
    {
        key = default;
        if (text.Length != TextLength || !text.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return false;
        }

        Span<byte> bytes = stackalloc byte[Length];
        if (Base64Url.DecodeFromChars(text[Prefix.Length..], bytes, out _, out var written) != OperationStatus.Done || written != Length)
        {
            return false;
        }

        key = SessionKey.Of(bytes);
        CryptographicOperations.ZeroMemory(bytes);
        return true;
    }
}
