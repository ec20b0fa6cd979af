using System.Buffers;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace AuthGateway.Core.Forwarding;

/// <summary>
/// Cookies of an upstream's own session that a browser brings to the first request of a new sign-in: they may belong to the person who used
/// the browser before, so the upstream does not get them and the browser is told to forget them. What an upstream has set since is left alone.
/// </summary>
internal sealed class ForeignCookies(StringValues cookies, IAdmittedRequest admitted)
{
    private const int MostNames = 20;
    private const int MostPaths = 4;

    private static readonly SearchValues<char> s_token =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    /// <summary>Those that an upstream has set since the sign-in; the upstream gets them.</summary>
    public StringValues Own => string.Join("; ", cookies.SelectMany(line => (line ?? "").Split(';')).Select(pair => pair.Trim()).Where(pair => admitted.IsOwnCookie(NameOf(pair)))) is { Length: > 0 } own
        ? own
        : StringValues.Empty;

    /// <summary>Lets every cookie that the answer does not set anew expire, under the paths upstreams use: the root and each folder of the request.</summary>
    public void Expire(HttpContext context)
    {
        var response = context.Response.Headers;
        var set = response.SetCookie;
        var paths = Paths(context.Request.Path.Value ?? "/");
        foreach (var name in Names())
        {
            if (!Sets(set, name))
            {
                foreach (var path in paths)
                {
                    response.Append("Set-Cookie", $"{name}=; Max-Age=0; Path={path}; Secure; HttpOnly");
                }
            }
        }
    }

    private IEnumerable<string> Names() => cookies
        .SelectMany(line => (line ?? "").Split(';'))
        .Select(NameOf)
        .Where(name => name.Length is > 0 and <= 128 && !name.AsSpan().ContainsAnyExcept(s_token) && !admitted.IsOwnCookie(name))
        .Distinct(StringComparer.Ordinal)
        .Take(MostNames);

    private static string NameOf(string pair) => pair.Split('=')[0].Trim();

    private static List<string> Paths(string path)
    {
        var paths = new List<string> { "/" };
        for (var slash = path.IndexOf('/', 1); slash > 0 && paths.Count < (2 * MostPaths) + 1; slash = path.IndexOf('/', slash + 1))
        {
            // What a header can carry: a folder's name beyond that is no cookie path of any upstream.
            if (path.AsSpan(0, slash).ContainsAnyExceptInRange('!', '~') || path.AsSpan(0, slash).Contains(';'))
            {
                break;
            }

            paths.Add(path[..slash]);
            paths.Add(path[..(slash + 1)]);
        }

        return paths;
    }

    private static bool Sets(StringValues set, string name)
    {
        foreach (var line in set)
        {
            if (line is not null && line.Length > name.Length && line[name.Length] == '=' && line.StartsWith(name, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }
}
