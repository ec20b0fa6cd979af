using System.Buffers;
using Microsoft.AspNetCore.Http;

namespace AuthGateway.Core.Edge;

/// <summary>What becomes of a client's header on the way to the upstream.</summary>
internal enum HeaderStanding
{
    /// <summary>Forwarded.</summary>
    Ordinary = 0,

    /// <summary>Removed: only the gateway may say this to the upstream.</summary>
    Protected = 1,

    /// <summary>Removed: a character outside <c>[A-Za-z0-9-]</c> in the name.</summary>
    Unforwardable = 2,

    /// <summary>A protected name in another spelling (<c>X_Remote_User</c>): an attack, refused with 400.</summary>
    Disguised = 3,
}

/// <summary>
/// The headers a client must never speak to an upstream with: they name the user, the client address, the certificate, the
/// original target or the method, and upstreams believe them because we stand before them. CGI maps every character that is
/// neither letter nor digit to <c>_</c>, so a name is compared with each such character read as <c>-</c>.
/// </summary>
internal static class ProtectedHeaders
{
    private static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    private static readonly string[] Names =
    [
        "Forwarded",
        "True-Client-IP",
        "CF-Connecting-IP",
        "Proxy",
        "X-Real-IP",
        "X-Client-IP",
        "X-Cluster-Client-IP",
        "X-Rewrite-URL",
        "X-Method-Override",
        "X-Content-Length",

        // Exchange: front-end to back-end, believed as the client's address or as proof of proxying.
        "X-MS-Forwarded-Client-IP",
        "X-MS-Proxy",

        // BlueMind: an API key opens any mailbox.
        "X-BM-ApiKey",
    ];

    /// <summary>Families by prefix. Exact names that begin like this are covered too.</summary>
    private static readonly string[] Families =
    [
        "Remote-",
        "SSL-",
        "Client-Cert",
        "Proxy-",
        "X-Remote-",
        "X-User",
        "X-Auth-",
        "X-Authenticated-",
        "X-WebAuth-",
        "X-Forwarded",
        "X-Original-",
        "X-HTTP-Method",
        "X-SSL-",
        "X-Client-Cert",
        "X-ARR-",
        "X-Envoy-",
        "X-AGW-",

        // SOGo believes x-webobjects-remote-user.
        "X-WebObjects-",
    ];

    private static readonly int LongestInteresting = LongestOf(Names, Families) + 1;

    // Two tables by one letter keep an ordinary header at two or three comparisons: the first letter, or the one after "X-".
    private static readonly Bucket[] ByFirst = Sort(Names, Families, extension: false);
    private static readonly Bucket[] ByThird = Sort(Names, Families, extension: true);

    public static HeaderStanding Classify(ReadOnlySpan<char> name)
    {
        if (!name.ContainsAnyExcept(NameCharacters))
        {
            return IsProtected(name) ? HeaderStanding.Protected : HeaderStanding.Ordinary;
        }

        // Longer than every name and prefix: cutting keeps "longer than" true and the copy small.
        Span<char> normalised = stackalloc char[64];
        var length = Math.Min(name.Length, LongestInteresting);
        for (var i = 0; i < length; i++)
        {
            normalised[i] = char.IsAsciiLetterOrDigit(name[i]) ? name[i] : '-';
        }

        return IsProtected(normalised[..length]) ? HeaderStanding.Disguised : HeaderStanding.Unforwardable;
    }

    /// <summary>
    /// Removes what must not reach the upstream. False when a name is disguised: the request is refused and nothing was removed.
    /// Read <c>X-Forwarded-For</c> before.
    /// </summary>
    public static bool Clean(IHeaderDictionary headers)
    {
        List<string>? doomed = null;
        foreach (var header in headers)
        {
            switch (Classify(header.Key))
            {
                case HeaderStanding.Disguised:
                    return false;
                case HeaderStanding.Protected or HeaderStanding.Unforwardable:
                    (doomed ??= []).Add(header.Key);
                    break;
            }
        }

        if (doomed is not null)
        {
            foreach (var name in doomed)
            {
                headers.Remove(name);
            }
        }

        return true;
    }

    private static bool IsProtected(ReadOnlySpan<char> name)
    {
        if (name.IsEmpty)
        {
            return false;
        }

        var extension = name.Length > 2 && (name[0] | 0x20) == 'x' && name[1] == '-';
        var letter = (name[extension ? 2 : 0] | 0x20) - 'a';
        if (letter is < 0 or > 25)
        {
            return false;
        }

        var bucket = (extension ? ByThird : ByFirst)[letter];
        foreach (var exact in bucket.Names)
        {
            if (name.Equals(exact, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        foreach (var family in bucket.Families)
        {
            if (name.StartsWith(family, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    private static Bucket[] Sort(string[] names, string[] families, bool extension)
    {
        var buckets = new Bucket[26];
        for (var letter = 0; letter < buckets.Length; letter++)
        {
            buckets[letter] = new Bucket(Select(names, letter, extension), Select(families, letter, extension));
        }

        return buckets;
    }

    private static string[] Select(string[] names, int letter, bool extension) => Array.FindAll(names, name =>
        name.StartsWith("X-", StringComparison.Ordinal) == extension && (name[extension ? 2 : 0] | 0x20) - 'a' == letter);

    private static int LongestOf(string[] names, string[] families)
    {
        var longest = 0;
        foreach (var name in (ReadOnlySpan<string>)[.. names, .. families])
        {
            longest = Math.Max(longest, name.Length);
        }

        return longest;
    }

    private readonly record struct Bucket(string[] Names, string[] Families);
}
