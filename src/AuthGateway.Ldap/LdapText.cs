using System.Text;

namespace AuthGateway.Ldap;

/// <summary>Characters as the protocol sees them.</summary>
internal static class LdapText
{
    public const string HexDigits = "0123456789abcdef";

    /// <summary>Refuses what replacement characters would hide: two different names must not become one.</summary>
    public static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <exception cref="ArgumentException">Half a surrogate pair (<see cref="EncoderFallbackException"/>).</exception>
    public static byte[] Encode(string value) => Utf8.GetBytes(value);

    public static int HexValue(char c) => char.IsAsciiHexDigit(c) ? (c & 0xf) + (c > '9' ? 9 : 0) : -1;

    /// <summary>A name or dotted number, with options: <c>userCertificate;binary</c> (RFC 4512, 2.5).</summary>
    public static bool IsAttributeDescription(ReadOnlySpan<char> text)
    {
        var semicolon = text.IndexOf(';');
        if (!IsObjectIdentifier(semicolon < 0 ? text : text[..semicolon]))
        {
            return false;
        }

        if (semicolon < 0)
        {
            return true;
        }

        foreach (var range in text[(semicolon + 1)..].Split(';'))
        {
            if (!IsKeyText(text[(semicolon + 1)..][range]))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>A short name (<c>cn</c>) or a dotted number (<c>2.5.4.3</c>).</summary>
    public static bool IsObjectIdentifier(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty)
        {
            return false;
        }

        if (!char.IsAsciiDigit(text[0]))
        {
            return char.IsAsciiLetter(text[0]) && IsKeyText(text);
        }

        foreach (var part in text.Split('.'))
        {
            if (text[part].IsEmpty || text[part].ContainsAnyExceptInRange('0', '9'))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsKeyText(ReadOnlySpan<char> text)
    {
        foreach (var c in text)
        {
            // Directories with underscores in names exist; they cannot break out of a filter.
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_'))
            {
                return false;
            }
        }

        return !text.IsEmpty;
    }
}
