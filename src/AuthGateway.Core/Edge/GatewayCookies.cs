using System.Text;
using Microsoft.Extensions.Primitives;

namespace AuthGateway.Core.Edge;

/// <summary>The gateway's own cookies: an upstream never gets one and never sets one.</summary>
public static class GatewayCookies
{
    /// <summary>Prefix of every cookie of ours; both are compared ignoring case, as browsers do with the <c>__Host-</c> part.</summary>
    public const string HostPrefix = "__Host-agw";

    /// <summary>The same for cookies that are not host-only.</summary>
    public const string SecurePrefix = "__Secure-agw";

    /// <summary>Keeps a client on one destination. Set by the proxy itself, so its answers are not cleaned of it; upstreams have no use for it.</summary>
    public const string Route = "agw-route";

    /// <summary>The session's cookie: host only, so that no sibling host can plant it.</summary>
    public const string Session = "__Host-agw";

    /// <summary>What a form of ours must bring back in a field, so that a page of another site cannot send one.</summary>
    public const string Form = HostPrefix + "-form";

    /// <summary>The language chosen on a page.</summary>
    public const string Language = HostPrefix + "-lang";

    /// <summary>Says for some seconds that the browser was just sent on from the sign-in page: one that comes back then is not sent on again.</summary>
    public const string Sent = HostPrefix + "-sent";

    private const string Mark = "agw";

    /// <summary>The value of one of our cookies; null when it is missing or sent twice, for then nobody knows which is meant. The name's case counts.</summary>
    public static string? Read(StringValues cookies, string name)
    {
        string? found = null;
        foreach (var line in cookies)
        {
            var rest = line.AsSpan();
            while (!rest.IsEmpty)
            {
                var semicolon = rest.IndexOf(';');
                var pair = (semicolon < 0 ? rest : rest[..semicolon]).Trim();
                rest = semicolon < 0 ? default : rest[(semicolon + 1)..];
                if (pair.Length > name.Length && pair[name.Length] == '=' && pair.StartsWith(name, StringComparison.Ordinal))
                {
                    if (found is not null)
                    {
                        return null;
                    }

                    found = pair[(name.Length + 1)..].ToString();
                }
            }
        }

        return found;
    }

    /// <summary>The Cookie header without our cookies; the same value when there are none, empty when nothing else is left.</summary>
    public static StringValues Strip(StringValues cookies)
    {
        for (var i = 0; i < cookies.Count; i++)
        {
            if (cookies[i] is { } line && line.Contains(Mark, StringComparison.OrdinalIgnoreCase) && StripLine(line) is not null)
            {
                return Rebuild(cookies);
            }
        }

        return cookies;
    }

    /// <summary>Whether a cookie of this name (or a Set-Cookie line that begins with it) is one of ours.</summary>
    public static bool IsOurs(ReadOnlySpan<char> name)
    {
        name = name.TrimStart();
        return name.StartsWith(HostPrefix, StringComparison.OrdinalIgnoreCase) || name.StartsWith(SecurePrefix, StringComparison.OrdinalIgnoreCase);
    }

    private static StringValues Rebuild(StringValues cookies)
    {
        List<string> lines = [];
        foreach (var line in cookies)
        {
            if ((line is null ? null : StripLine(line) ?? line) is { Length: > 0 } kept)
            {
                lines.Add(kept);
            }
        }

        return lines.Count switch { 0 => StringValues.Empty, 1 => lines[0], _ => lines.ToArray() };
    }

    /// <summary>Null when the line holds none of ours.</summary>
    private static string? StripLine(string line)
    {
        var found = false;
        StringBuilder? kept = null;
        var rest = line.AsSpan();
        while (!rest.IsEmpty)
        {
            var semicolon = rest.IndexOf(';');
            var pair = (semicolon < 0 ? rest : rest[..semicolon]).Trim();
            rest = semicolon < 0 ? default : rest[(semicolon + 1)..];
            if (IsOurs(pair) || pair.StartsWith(Route + "=", StringComparison.OrdinalIgnoreCase))
            {
                found = true;
            }
            else if (!pair.IsEmpty)
            {
                kept ??= new StringBuilder(line.Length);
                kept.Append(kept.Length == 0 ? "" : "; ").Append(pair);
            }
        }

        return found ? kept?.ToString() ?? "" : null;
    }
}
