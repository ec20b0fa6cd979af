using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace AuthGateway.Core.Edge;

/// <summary>The host of a request in the one form services are looked up by.</summary>
internal static class HostName
{
    private const int LongestName = 253;
    private const int LongestLabel = 63;

    /// <summary>
    /// Lower case, without one trailing dot, without port 443 or the listener's own. Only letters, digits, hyphens and dots:
    /// an IPv6 literal, a foreign port or a name in any other alphabet is not a name we serve.
    /// </summary>
    public static bool TryCanonicalize(string raw, int listenerPort, [NotNullWhen(true)] out string? host)
    {
        host = null;
        var name = raw.AsSpan();
        var colon = name.IndexOf(':');
        if (colon >= 0)
        {
            if (!IsOwnPort(name[(colon + 1)..], listenerPort))
            {
                return false;
            }

            name = name[..colon];
        }

        if (name.Length > 1 && name[^1] == '.')
        {
            name = name[..^1];
        }

        if (!IsName(name, out var hasUpper))
        {
            return false;
        }

        if (hasUpper)
        {
            host = string.Create(name.Length, name, static (target, source) => source.ToLowerInvariant(target));
        }
        else
        {
            host = name.Length == raw.Length ? raw : name.ToString();
        }

        return true;
    }

    private static bool IsOwnPort(ReadOnlySpan<char> text, int listenerPort) =>
        text.Length is > 0 and <= 5
        && text[0] != '0'
        && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port)
        && (port == 443 || port == listenerPort);

    private static bool IsName(ReadOnlySpan<char> name, out bool hasUpper)
    {
        hasUpper = false;
        if (name.Length is 0 or > LongestName)
        {
            return false;
        }

        var label = 0;
        for (var i = 0; i < name.Length; i++)
        {
            var c = name[i];
            if (c == '.')
            {
                if (label == 0 || name[i - 1] == '-')
                {
                    return false;
                }

                label = 0;
                continue;
            }

            if (!char.IsAsciiLetterOrDigit(c) && (c != '-' || label == 0))
            {
                return false;
            }

            hasUpper |= char.IsAsciiLetterUpper(c);
            if (++label > LongestLabel)
            {
                return false;
            }
        }

        return label > 0 && name[^1] != '-';
    }
}
