namespace AuthGateway.Core.Listeners;

/// <summary>The one spelling of a host name that tables are keyed on.</summary>
internal static class HostName
{
    /// <summary>Lower case without the trailing dot; null for what is not an ASCII host name.</summary>
    public static string? Canonical(string? name)
    {
        if (name is null || name.Length is 0 or > 254)
        {
            return null;
        }

        var end = name[^1] == '.' ? name.Length - 1 : name.Length;
        if (end == 0 || name[0] is '.' or '-' || name[end - 1] == '.')
        {
            return null;
        }

        var ready = end == name.Length;
        for (var i = 0; i < end; i++)
        {
            var c = name[i];
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '.' or '_') || (c == '.' && name[i - 1] == '.'))
            {
                return null;
            }

            ready &= !char.IsAsciiLetterUpper(c);
        }

        return ready ? name : name[..end].ToLowerInvariant();
    }
}
