using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace AuthGateway.Core.Edge;

/// <summary>Cleans what an upstream answered before the client sees it.</summary>
internal static class ResponseHeaders
{
    public const string StrictTransportSecurity = "max-age=63072000; includeSubDomains";

    /// <summary>
    /// Removes what names software (<c>Server</c>, <c>X-Powered-By</c>, <c>X-AspNet*</c>) or speaks for our name
    /// (<c>Alt-Svc</c> would lead clients around us; cookies of ours are ours to set), and promises HTTPS in our own words.
    /// </summary>
    public static void Clean(IHeaderDictionary response)
    {
        response.Remove("Server");
        response.Remove("X-Powered-By");
        response.Remove("Alt-Svc");
        response.Remove("Proxy-Authenticate");
        RemoveAspNet(response);
        if (response.SetCookie is { Count: > 0 } cookies)
        {
            CleanSetCookie(response, cookies);
        }

        if (response.WWWAuthenticate is { Count: > 0 } challenges)
        {
            CleanChallenges(response, challenges);
        }

        response.StrictTransportSecurity = StrictTransportSecurity;
    }

    private static void RemoveAspNet(IHeaderDictionary response)
    {
        List<string>? doomed = null;
        foreach (var header in response)
        {
            if (header.Key.StartsWith("X-AspNet", StringComparison.OrdinalIgnoreCase))
            {
                (doomed ??= []).Add(header.Key);
            }
        }

        if (doomed is not null)
        {
            foreach (var name in doomed)
            {
                response.Remove(name);
            }
        }
    }

    private static void CleanSetCookie(IHeaderDictionary response, StringValues cookies)
    {
        List<string>? kept = null;
        for (var i = 0; i < cookies.Count; i++)
        {
            if (GatewayCookies.IsOurs(cookies[i]))
            {
                kept ??= TakeFirst(cookies, i);
            }
            else
            {
                kept?.Add(cookies[i]!);
            }
        }

        if (kept is not null)
        {
            response.SetCookie = ToValues(kept);
        }
    }

    /// <summary>
    /// NTLM, Negotiate and Kerberos authenticate the connection. Ours to the upstream is shared by all clients, so the next
    /// one would speak as the one before.
    /// </summary>
    private static void CleanChallenges(IHeaderDictionary response, StringValues challenges)
    {
        List<string>? kept = null;
        for (var i = 0; i < challenges.Count; i++)
        {
            var line = challenges[i] ?? "";
            var cleaned = MentionsConnectionScheme(line) ? WithoutConnectionSchemes(line) : line;
            if (!ReferenceEquals(cleaned, line))
            {
                kept ??= TakeFirst(challenges, i);
            }

            if (cleaned.Length > 0)
            {
                kept?.Add(cleaned);
            }
        }

        if (kept is not null)
        {
            response.WWWAuthenticate = ToValues(kept);
        }
    }

    private static bool MentionsConnectionScheme(string line) =>
        line.Contains("NTLM", StringComparison.OrdinalIgnoreCase)
        || line.Contains("Negotiate", StringComparison.OrdinalIgnoreCase)
        || line.Contains("Kerberos", StringComparison.OrdinalIgnoreCase);

    /// <summary>Several challenges may share a line; an element without <c>=</c> after its first word begins a new one (RFC 9110 section 11.6.1).</summary>
    private static string WithoutConnectionSchemes(string line)
    {
        var kept = new StringBuilder(line.Length);
        var dropping = false;
        var rest = line.AsSpan();
        while (!rest.IsEmpty)
        {
            var end = EndOfElement(rest);
            var element = rest[..end].Trim(" \t");
            rest = end < rest.Length ? rest[(end + 1)..] : default;
            if (element.IsEmpty)
            {
                continue;
            }

            var word = FirstWord(element);
            if (StartsChallenge(element, word.Length))
            {
                dropping = IsConnectionScheme(word);
            }

            if (!dropping)
            {
                kept.Append(kept.Length == 0 ? "" : ", ").Append(element);
            }
        }

        return kept.Length == line.Length ? line : kept.ToString();
    }

    private static int EndOfElement(ReadOnlySpan<char> text)
    {
        var quoted = false;
        for (var i = 0; i < text.Length; i++)
        {
            switch (text[i])
            {
                case '\\' when quoted:
                    i++;
                    break;
                case '"':
                    quoted = !quoted;
                    break;
                case ',' when !quoted:
                    return i;
            }
        }

        return text.Length;
    }

    private static ReadOnlySpan<char> FirstWord(ReadOnlySpan<char> element)
    {
        var end = element.IndexOfAny(' ', '\t', '=');
        return end < 0 ? element : element[..end];
    }

    private static bool StartsChallenge(ReadOnlySpan<char> element, int wordLength) => !element[wordLength..].TrimStart(" \t").StartsWith('=');

    private static bool IsConnectionScheme(ReadOnlySpan<char> scheme) =>
        scheme.Equals("NTLM", StringComparison.OrdinalIgnoreCase)
        || scheme.Equals("Negotiate", StringComparison.OrdinalIgnoreCase)
        || scheme.Equals("Kerberos", StringComparison.OrdinalIgnoreCase);

    private static List<string> TakeFirst(StringValues values, int count)
    {
        List<string> taken = new(values.Count);
        for (var i = 0; i < count; i++)
        {
            taken.Add(values[i]!);
        }

        return taken;
    }

    private static StringValues ToValues(List<string> lines) => lines.Count == 0 ? StringValues.Empty : lines.ToArray();
}
