using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Unicode;
using AuthGateway.Core.Identities;
using Microsoft.Extensions.Primitives;

namespace AuthGateway.Core.Edge;

/// <summary>What an Authorization header holds.</summary>
internal enum BasicOutcome
{
    /// <summary>No header.</summary>
    None = 0,

    /// <summary>Not one well-formed credential: 400, and no login is counted.</summary>
    Malformed = 1,

    /// <summary>Another scheme; nothing was read.</summary>
    OtherScheme = 2,

    /// <summary>A user without password. LDAP would take it as an anonymous bind and say yes, so it is refused before.</summary>
    EmptyPassword = 3,
    Ok = 4,
}

/// <summary>User name and password of HTTP Basic (RFC 7617), read one way only.</summary>
internal sealed class BasicCredentials
{
    private const int LongestUser = 256;
    private const int LongestPassword = 1024;
    private const int LongestDecoded = LongestUser + 1 + LongestPassword;
    private const int LongestBase64 = (LongestDecoded + 2) / 3 * 4;

    private static readonly SearchValues<char> Base64Characters =
        SearchValues.Create("+/0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    private BasicCredentials(string userName, Secret password)
    {
        UserName = userName;
        Password = password;
    }

    /// <summary>As typed, in normalisation form C.</summary>
    public string UserName { get; }

    public Secret Password { get; }

    /// <summary>Reads all Authorization lines. Credentials come with <c>Ok</c> and, to name the user, with <c>EmptyPassword</c>.</summary>
    public static BasicOutcome Parse(StringValues authorization, out BasicCredentials? credentials)
    {
        credentials = null;
        if (authorization.Count == 0)
        {
            return BasicOutcome.None;
        }

        if (authorization.Count > 1 || authorization[0] is not { Length: > 0 } line)
        {
            return BasicOutcome.Malformed;
        }

        var space = line.IndexOf(' ', StringComparison.Ordinal);
        var scheme = space < 0 ? line : line.AsSpan(0, space);
        if (!scheme.Equals("Basic", StringComparison.OrdinalIgnoreCase))
        {
            return BasicOutcome.OtherScheme;
        }

        return space < 0 ? BasicOutcome.Malformed : Decode(line.AsSpan(space + 1), out credentials);
    }

    private static BasicOutcome Decode(ReadOnlySpan<char> base64, out BasicCredentials? credentials)
    {
        credentials = null;
        if (base64.Length > LongestBase64 || !IsCanonical(base64))
        {
            return BasicOutcome.Malformed;
        }

        Span<byte> buffer = stackalloc byte[LongestBase64 / 4 * 3];
        try
        {
            return Convert.TryFromBase64Chars(base64, buffer, out var length) ? Split(buffer[..length], out credentials) : BasicOutcome.Malformed;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(buffer);
        }
    }

    private static BasicOutcome Split(ReadOnlySpan<byte> decoded, out BasicCredentials? credentials)
    {
        credentials = null;
        var colon = decoded.IndexOf((byte)':');
        if (colon is < 1 or > LongestUser
            || decoded.Length - colon - 1 > LongestPassword
            || decoded.ContainsAnyInRange((byte)0, (byte)0x1F)
            || decoded.Contains((byte)0x7F))
        {
            return BasicOutcome.Malformed;
        }

        // Phones send UTF-8, desktop Outlook ISO 8859-1. Decided once for both halves: trying both would cost two attempts.
        var utf8 = Utf8.IsValid(decoded);
        var user = (utf8 ? Encoding.UTF8 : Encoding.Latin1).GetString(decoded[..colon]);
        if (!Ascii.IsValid(user))
        {
            if (HasInvisible(user))
            {
                return BasicOutcome.Malformed;
            }

            user = user.Normalize(NormalizationForm.FormC);
        }

        var password = decoded[(colon + 1)..];
        credentials = new BasicCredentials(user, utf8 ? Secret.FromUtf8(password) : FromLatin1(password));
        return password.IsEmpty ? BasicOutcome.EmptyPassword : BasicOutcome.Ok;
    }

    /// <summary>One text for one value: padded, no whitespace, no spare bits. Otherwise the same credentials have many spellings.</summary>
    private static bool IsCanonical(ReadOnlySpan<char> base64)
    {
        if (base64.IsEmpty || base64.Length % 4 != 0)
        {
            return false;
        }

        var padding = base64[^1] != '=' ? 0 : base64[^2] != '=' ? 1 : 2;
        var digits = base64[..^padding];
        if (digits.ContainsAnyExcept(Base64Characters))
        {
            return false;
        }

        return padding switch
        {
            0 => true,
            1 => "AEIMQUYcgkosw048".Contains(digits[^1], StringComparison.Ordinal),
            _ => "AQgw".Contains(digits[^1], StringComparison.Ordinal),
        };
    }

    /// <summary>
    /// Characters nobody sees: culture-aware comparisons ignore them, so "al\u00ADice" would be another spelling of alice.
    /// The noncharacters (U+FFFE and its like) go with them: <see cref="string.Normalize()"/> throws on those.
    /// </summary>
    private static bool HasInvisible(string user)
    {
        foreach (var c in user)
        {
            if (c is (>= '\x80' and <= '\x9F') or '\u00AD' or (>= '\u200B' and <= '\u200F') or (>= '\u2028' and <= '\u202E')
                or (>= '\u2060' and <= '\u206F') or '\uFEFF' or (>= '\uFDD0' and <= '\uFDEF') or >= '\uFFFE')
            {
                return true;
            }
        }

        return false;
    }

    private static Secret FromLatin1(ReadOnlySpan<byte> password)
    {
        Span<char> text = stackalloc char[password.Length];
        Encoding.Latin1.GetChars(password, text);
        var secret = Secret.FromText(text);
        text.Clear();
        return secret;
    }
}
