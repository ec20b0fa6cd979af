namespace AuthGateway.Core.Policies;

/// <summary>The one way a path is held against a prefix: at the edge of a segment, on the canonical path.</summary>
public static class PathPrefix
{
    /// <summary><c>/SOGo</c> matches <c>/SOGo</c> and <c>/SOGo/x</c>, not <c>/SOGoX</c>; <c>/</c> matches everything.</summary>
    public static bool Matches(string path, string prefix, StringComparison comparison)
    {
        if (!path.StartsWith(prefix, comparison))
        {
            return false;
        }

        return path.Length == prefix.Length || prefix[^1] == '/' || path[prefix.Length] == '/';
    }
}
