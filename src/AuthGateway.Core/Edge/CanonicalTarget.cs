using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace AuthGateway.Core.Edge;

/// <summary>
/// The one reading of a request target: decoded once, ambiguity refused, decided upon and forwarded in the same form.
/// It starts from the raw target because Kestrel resolves dot segments, also escaped ones, before anybody else looks.
/// </summary>
internal sealed class CanonicalTarget
{
    /// <summary>The longest target, query included.</summary>
    public const int MaxLength = 8 * 1024;

    private const char EncodedSlashMark = '\0';

    /// <summary>What a path may hold to be canonical as it stands, once no segment is odd; most requests end here.</summary>
    private static readonly SearchValues<char> Ordinary =
        SearchValues.Create("/-._~!$&'()*+,=@0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    private static readonly SearchValues<char> QueryCharacters = SearchValues.Create(VisibleAsciiWithoutFragment());

    private readonly string _raw;
    private readonly int _start;

    private CanonicalTarget(string raw, int start, string path, string encoded, string query, string? authority)
    {
        _raw = raw;
        _start = start;
        Path = path;
        ProtectedPath = path;
        PathWithSlashes = path;
        ProtectedPathWithSlashes = path;
        Encoded = encoded;
        Query = query;
        Authority = authority;
    }

    /// <summary>The decoded path, <c>//</c> collapsed. An encoded slash stands here as the text <c>%2F</c>.</summary>
    public string Path { get; }

    /// <summary><see cref="Path"/> without <c>;parameters</c>, for rules that protect: <c>/owa;x/</c> is <c>/owa/</c> to a servlet.</summary>
    public string ProtectedPath { get; private init; }

    /// <summary>The other reading of a path with <see cref="TargetQuirks.EncodedSlash"/>: the slash separates.</summary>
    public string PathWithSlashes { get; private init; }

    /// <summary><see cref="PathWithSlashes"/> without <c>;parameters</c>.</summary>
    public string ProtectedPathWithSlashes { get; private init; }

    /// <summary>
    /// What is forwarded: the path escaped anew. Unreserved characters stand for themselves, hexadecimal digits are upper case.
    /// Reserved ones (<c>@ : ; + =</c> and the like) stay as the client wrote them: <c>%40</c> and <c>@</c> are different
    /// resource names to some DAV servers.
    /// </summary>
    public string Encoded { get; }

    /// <summary>The query with its <c>?</c>, or empty. Forwarded as it is; path rules never see it.</summary>
    public string Query { get; }

    /// <summary>The authority of an absolute-form target, which must equal Host; null otherwise.</summary>
    public string? Authority { get; }

    public TargetQuirks Quirks { get; private init; }

    /// <summary><c>OPTIONS *</c></summary>
    public bool IsAsterisk => _raw.Length == 1 && _raw[0] == '*';

    /// <summary>Path and query as the client sent them, verified, for services that opt out of re-encoding.</summary>
    public string Raw => _raw[_start..];

    /// <summary>True when a path written in the configuration is already in the form requests are matched in.</summary>
    public static bool IsCanonicalPath(string path) =>
        !path.Contains('%', StringComparison.Ordinal)
        && !path.Contains('?', StringComparison.Ordinal)
        && Parse(path, "GET").Target is { Quirks: TargetQuirks.None } target
        && string.Equals(target.ProtectedPath, path, StringComparison.Ordinal);

    public static TargetOutcome Parse(string rawTarget, string method)
    {
        if (rawTarget.Length == 0)
        {
            return TargetFault.Empty;
        }

        if (rawTarget.Length > MaxLength)
        {
            return TargetFault.TooLong;
        }

        if (rawTarget[0] == '/')
        {
            return Parse(rawTarget, 0, null);
        }

        if (rawTarget == "*")
        {
            return string.Equals(method, "OPTIONS", StringComparison.Ordinal)
                ? new TargetOutcome(TargetFault.None, new CanonicalTarget(rawTarget, 0, rawTarget, rawTarget, "", null))
                : TargetFault.NotOriginForm;
        }

        return ParseAbsolute(rawTarget);
    }

    private static TargetOutcome ParseAbsolute(string raw)
    {
        int start;
        if (raw.StartsWith("https://", StringComparison.OrdinalIgnoreCase))
        {
            start = "https://".Length;
        }
        else if (raw.StartsWith("http://", StringComparison.OrdinalIgnoreCase))
        {
            start = "http://".Length;
        }
        else
        {
            return TargetFault.NotOriginForm;
        }

        var length = raw.AsSpan(start).IndexOfAny('/', '?', '#');
        var end = length < 0 ? raw.Length : start + length;
        var authority = raw[start..end];
        if (authority.Length == 0 || authority.Contains('@', StringComparison.Ordinal) || authority.AsSpan().ContainsAnyExcept(QueryCharacters))
        {
            return TargetFault.BadAuthority;
        }

        if (end < raw.Length && raw[end] == '/')
        {
            return Parse(raw, end, authority);
        }

        // "https://host" and "https://host?query" have the path "/" (RFC 9110 section 4.2.3).
        return Parse("/" + raw[end..], 0, authority);
    }

    private static TargetOutcome Parse(string raw, int start, string? authority)
    {
        var mark = raw.IndexOf('?', start);
        var end = mark < 0 ? raw.Length : mark;
        var query = mark < 0 ? "" : raw[mark..];
        if (query.AsSpan().ContainsAnyExcept(QueryCharacters))
        {
            return query.Contains('#', StringComparison.Ordinal) ? TargetFault.Fragment : TargetFault.ForbiddenCharacter;
        }

        var path = raw.AsSpan(start, end - start);
        if (path.ContainsAnyExcept(Ordinary) || path.IndexOf("//", StringComparison.Ordinal) >= 0)
        {
            return ParseUnusual(raw, start, path, query, authority);
        }

        var quirks = TargetQuirks.None;
        if (InspectSegments(path, ref quirks) is var fault and not TargetFault.None)
        {
            return fault;
        }

        var text = path.Length == raw.Length ? raw : path.ToString();
        return new TargetOutcome(TargetFault.None, new CanonicalTarget(raw, start, text, text, query, authority) { Quirks = quirks });
    }

    private static TargetOutcome ParseUnusual(string raw, int start, ReadOnlySpan<char> path, string query, string? authority)
    {
        var bytes = ArrayPool<byte>.Shared.Rent(path.Length);
        var characters = ArrayPool<char>.Shared.Rent(path.Length * 3);
        try
        {
            var quirks = TargetQuirks.None;
            var fault = Decode(path, bytes, characters, out var byteCount, out var characterCount, ref quirks);
            if (fault != TargetFault.None)
            {
                return fault;
            }

            var decodedBytes = bytes.AsSpan(0, byteCount);
            if (!Utf8.IsValid(decodedBytes))
            {
                return TargetFault.NotUtf8;
            }

            var decoded = Encoding.UTF8.GetString(decodedBytes);
            var encoded = characters.AsSpan(0, characterCount);
            return Judge(raw, start, decoded, encoded, query, authority, quirks);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
            ArrayPool<char>.Shared.Return(characters);
        }
    }

    /// <summary>Decodes once into bytes, with NUL for an encoded slash, and writes the canonical escaped form beside them.</summary>
    private static TargetFault Decode(
        ReadOnlySpan<char> path, Span<byte> bytes, Span<char> encoded, out int byteCount, out int encodedCount, ref TargetQuirks quirks)
    {
        byteCount = 0;
        encodedCount = 0;
        for (var i = 0; i < path.Length; i++)
        {
            var c = path[i];
            switch (c)
            {
                case '/':
                    if (byteCount > 0 && bytes[byteCount - 1] == '/')
                    {
                        continue;
                    }

                    break;
                case '#':
                    return TargetFault.Fragment;
                case <= ' ' or >= '\x7F' or '\\':
                    return TargetFault.ForbiddenCharacter;
                case '%':
                    if (i + 2 >= path.Length || !char.IsAsciiHexDigit(path[i + 1]) || !char.IsAsciiHexDigit(path[i + 2]))
                    {
                        return TargetFault.MalformedEscape;
                    }

                    var value = (byte)((HexValue(path[i + 1]) << 4) | HexValue(path[i + 2]));
                    i += 2;
                    if (value is < 0x20 or 0x7F)
                    {
                        return TargetFault.EncodedControl;
                    }

                    if (value == '\\')
                    {
                        return TargetFault.EncodedBackslash;
                    }

                    if (value == '/')
                    {
                        quirks |= TargetQuirks.EncodedSlash;
                        bytes[byteCount++] = (byte)EncodedSlashMark;
                        Escape(value, encoded, ref encodedCount);
                        continue;
                    }

                    bytes[byteCount++] = value;
                    if (IsUnreserved((char)value))
                    {
                        encoded[encodedCount++] = (char)value;
                    }
                    else
                    {
                        Escape(value, encoded, ref encodedCount);
                    }

                    continue;
            }

            bytes[byteCount++] = (byte)c;
            if (c is ';' or ':' || Ordinary.Contains(c))
            {
                encoded[encodedCount++] = c;
            }
            else
            {
                Escape((byte)c, encoded, ref encodedCount);
            }
        }

        return TargetFault.None;
    }

    private static TargetOutcome Judge(
        string raw, int start, string decoded, ReadOnlySpan<char> encoded, string query, string? authority, TargetQuirks quirks)
    {
        // C1 controls come as two UTF-8 bytes; terminals and logs obey them like the others.
        if (decoded.AsSpan().ContainsAnyInRange('\x80', '\x9F'))
        {
            return TargetFault.EncodedControl;
        }

        if (CompatibilityForms.In(decoded))
        {
            return TargetFault.CompatibilityCharacter;
        }

        var path = decoded;
        var separated = decoded;
        if ((quirks & TargetQuirks.EncodedSlash) != 0)
        {
            path = decoded.Replace("\0", "%2F", StringComparison.Ordinal);
            separated = PathParameters.CollapseSlashes(decoded.Replace(EncodedSlashMark, '/'));
        }

        // Each segment of the reading where %2F does not separate ends like one of the other reading, so this one tells all.
        var fault = InspectSegments(separated, ref quirks);
        if (fault != TargetFault.None)
        {
            return fault;
        }

        if (decoded.Contains(':', StringComparison.Ordinal))
        {
            quirks |= TargetQuirks.ColonSegment;
        }

        if (HasEscape(separated))
        {
            quirks |= TargetQuirks.ResidualEscape;
            fault = InspectFurtherDecodings(separated);
            if (fault != TargetFault.None)
            {
                return fault;
            }
        }

        var forwarded = encoded.SequenceEqual(path) ? path : encoded.ToString();
        var parameters = decoded.Contains(';', StringComparison.Ordinal);
        return new TargetOutcome(TargetFault.None, new CanonicalTarget(raw, start, path, forwarded, query, authority)
        {
            PathWithSlashes = separated,
            ProtectedPath = parameters ? PathParameters.Remove(path) : path,
            ProtectedPathWithSlashes = parameters ? PathParameters.Remove(separated) : separated,
            Quirks = quirks,
        });
    }

    private static TargetFault InspectSegments(ReadOnlySpan<char> path, ref TargetQuirks quirks)
    {
        while (!path.IsEmpty)
        {
            path = path[1..];
            var slash = path.IndexOf('/');
            var segment = slash < 0 ? path : path[..slash];
            path = slash < 0 ? default : path[slash..];
            if (segment.IsEmpty)
            {
                continue;
            }

            var semicolon = segment.IndexOf(';');
            var name = semicolon < 0 ? segment : segment[..semicolon];

            // Windows drops trailing dots and spaces, so ". ", ".. " and "..." climb there as well.
            if (!name.ContainsAnyExcept('.', ' ') && name.Contains('.'))
            {
                return TargetFault.DotSegment;
            }

            if (segment[^1] is '.' or ' ' || (!name.IsEmpty && name[^1] is '.' or ' '))
            {
                quirks |= TargetQuirks.TrailingDotOrSpace;
            }
        }

        return TargetFault.None;
    }

    /// <summary>A service may allow <c>%25XX</c> in names, but no number of further decodings may make it climb.</summary>
    private static TargetFault InspectFurtherDecodings(string path)
    {
        var ignored = TargetQuirks.None;
        for (var round = 0; round < 3; round++)
        {
            path = Uri.UnescapeDataString(path);
            if (path.AsSpan().ContainsAnyInRange('\0', '\x1F') || path.Contains('\x7F', StringComparison.Ordinal))
            {
                return TargetFault.EncodedControl;
            }

            if (InspectSegments(path.Replace('\\', '/'), ref ignored) is var fault and not TargetFault.None)
            {
                return fault;
            }

            if (!HasEscape(path))
            {
                return TargetFault.None;
            }
        }

        return TargetFault.NestedEscape;
    }

    private static bool HasEscape(ReadOnlySpan<char> text)
    {
        while (text.IndexOf('%') is var percent and >= 0 && percent + 2 < text.Length)
        {
            if (char.IsAsciiHexDigit(text[percent + 1]) && char.IsAsciiHexDigit(text[percent + 2]))
            {
                return true;
            }

            text = text[(percent + 1)..];
        }

        return false;
    }

    private static void Escape(byte value, Span<char> encoded, ref int count)
    {
        encoded[count++] = '%';
        encoded[count++] = "0123456789ABCDEF"[value >> 4];
        encoded[count++] = "0123456789ABCDEF"[value & 15];
    }

    private static bool IsUnreserved(char c) => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_' or '~';

    private static int HexValue(char c) => c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;

    private static string VisibleAsciiWithoutFragment()
    {
        var text = new StringBuilder();
        for (var c = '!'; c <= '~'; c++)
        {
            if (c != '#')
            {
                text.Append(c);
            }
        }

        return text.ToString();
    }
}
