using System.Buffers;

namespace AuthGateway.Core.Services.ActiveSync;

/// <summary>
/// The device id of a phone in the one form devices are bound by. The same phone writes its id as text in the plain query and as
/// bytes (that text, or a raw GUID) in the base64 query, and upstreams change the case of either.
/// </summary>
internal static class DeviceIdentifier
{
    public const int MaxLength = 64;

    private const int GuidLength = 16;

    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdefABCDEF");

    /// <summary>Letters and digits, 1 to 64.</summary>
    public static bool IsText(ReadOnlySpan<char> text)
    {
        if (text.Length is 0 or > MaxLength)
        {
            return false;
        }

        foreach (var c in text)
        {
            if (!char.IsAsciiLetterOrDigit(c))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>
    /// <c>hex:</c> and the lower-case hex of the lower-cased text; 32 hex digits are taken as the 16 bytes they write, so that
    /// they equal the same GUID sent raw.
    /// </summary>
    public static string FromText(ReadOnlySpan<char> text)
    {
        if (text.Length == GuidLength * 2 && !text.ContainsAnyExcept(HexDigits))
        {
            return string.Create(4 + text.Length, text, static (target, source) =>
            {
                "hex:".CopyTo(target);
                source.ToLowerInvariant(target[4..]);
            });
        }

        Span<byte> bytes = stackalloc byte[MaxLength];
        for (var i = 0; i < text.Length; i++)
        {
            bytes[i] = (byte)char.ToLowerInvariant(text[i]);
        }

        return FromRaw(bytes[..text.Length]);
    }

    /// <summary>Reads the id of a base64 query: text of 1 to 64 letters and digits, or 16 raw bytes.</summary>
    public static bool TryFromBytes(ReadOnlySpan<byte> bytes, out string raw, out string canonical)
    {
        raw = canonical = "";
        if (bytes.Length is 0 or > MaxLength)
        {
            return false;
        }

        Span<char> text = stackalloc char[bytes.Length];
        for (var i = 0; i < bytes.Length; i++)
        {
            text[i] = (char)bytes[i];
        }

        if (IsText(text))
        {
            raw = text.ToString();
            canonical = FromText(text);
            return true;
        }

        if (bytes.Length != GuidLength)
        {
            return false;
        }

        raw = Convert.ToHexStringLower(bytes);
        canonical = FromRaw(bytes);
        return true;
    }

    private static string FromRaw(ReadOnlySpan<byte> bytes) => string.Concat("hex:", Convert.ToHexStringLower(bytes));
}
