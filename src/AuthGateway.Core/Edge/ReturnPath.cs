namespace AuthGateway.Core.Edge;

/// <summary>Where a browser goes after signing in: a path of this very host, or nowhere (<c>/</c>). An address of another site never passes.</summary>
public static class ReturnPath
{
    /// <summary>Longest path taken.</summary>
    public const int MaxLength = 2048;

    /// <summary>
    /// The path if it is one: starts with one slash that neither <c>/</c> nor <c>\</c> follows, printable ASCII only, nothing in front that decodes to
    /// a slash, backslash or control character, and still this host after a browser has resolved it. Anything else is <c>/</c>.
    /// </summary>
    public static string Sanitize(string? path)
    {
        if (path is not ['/', ..] || path.Length > MaxLength || path is ['/', '/' or '\\', ..] || path.AsSpan().ContainsAnyExceptInRange('!', '~') || path.Contains('\\', StringComparison.Ordinal))
        {
            return "/";
        }

        // Some servers and browsers decode once more before they resolve: an escape right behind the slash may become what is refused above.
        if (path is ['/', '%', ..] && path.Length >= 4 && IsDangerousEscape(path.AsSpan(2, 2)))
        {
            return "/";
        }

        const string Origin = "https://own.invalid";
        return Uri.TryCreate(new Uri(Origin), path, out var resolved) && resolved is { Host: "own.invalid", Scheme: "https", UserInfo: "", IsDefaultPort: true } ? path : "/";
    }

    private static bool IsDangerousEscape(ReadOnlySpan<char> hex) =>
        !byte.TryParse(hex, System.Globalization.NumberStyles.AllowHexSpecifier, System.Globalization.CultureInfo.InvariantCulture, out var value)
        || value is (byte)'/' or (byte)'\\' or (byte)'%' or <= 0x20 or 0x7F;
}
