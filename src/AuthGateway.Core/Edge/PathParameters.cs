namespace AuthGateway.Core.Edge;

/// <summary>Path parameters (<c>;jsessionid=1</c>): servlet containers cut them off before they match, others do not.</summary>
internal static class PathParameters
{
    /// <summary>Every segment up to its first <c>;</c>, and the empty ones that leaves collapsed.</summary>
    public static string Remove(string path)
    {
        var result = new char[path.Length];
        var count = 0;
        var skipping = false;
        foreach (var c in path)
        {
            if (c == '/')
            {
                skipping = false;
                if (count > 0 && result[count - 1] == '/')
                {
                    continue;
                }
            }
            else if (skipping || c == ';')
            {
                skipping = true;
                continue;
            }

            result[count++] = c;
        }

        return new string(result, 0, count);
    }

    public static string CollapseSlashes(string path)
    {
        if (!path.Contains("//", StringComparison.Ordinal))
        {
            return path;
        }

        var result = new char[path.Length];
        var count = 0;
        foreach (var c in path)
        {
            if (c != '/' || count == 0 || result[count - 1] != '/')
            {
                result[count++] = c;
            }
        }

        return new string(result, 0, count);
    }
}
