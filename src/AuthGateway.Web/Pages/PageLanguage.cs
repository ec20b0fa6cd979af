using System.Globalization;

namespace AuthGateway.Web.Pages;

/// <summary>The language of gateway pages, chosen by <c>Accept-Language</c>.</summary>
public static class PageLanguage
{
    /// <summary>The language when nothing better is known.</summary>
    public const string Default = "en";

    /// <summary>Languages the pages have.</summary>
    public static IReadOnlyList<string> All { get; } = ["en", "de"];

    /// <summary>The known language with the highest weight, the first of equals; <c>en</c> when none is asked for. Reads at most 512 characters.</summary>
    public static string Choose(string? acceptLanguage)
    {
        var best = Default;
        var bestWeight = 0m;
        var header = acceptLanguage.AsSpan();
        header = header.Length > 512 ? header[..512] : header;
        foreach (var range in header.Split(','))
        {
            var item = header[range].Trim();
            var weight = 1m;
            var semicolon = item.IndexOf(';');
            if (semicolon >= 0)
            {
                var parameter = item[(semicolon + 1)..].Trim();
                item = item[..semicolon].TrimEnd();
                if (!parameter.StartsWith("q=", StringComparison.OrdinalIgnoreCase)
                    || !decimal.TryParse(parameter[2..], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out weight)
                    || weight > 1)
                {
                    continue;
                }
            }

            if (weight > bestWeight && Known(item) is { } language)
            {
                (best, bestWeight) = (language, weight);
            }
        }

        return best;
    }

    // de, de-AT and de-CH-1996 are all de; "*" is whatever we like best.
    private static string? Known(ReadOnlySpan<char> tag)
    {
        if (tag is "*")
        {
            return Default;
        }

        var hyphen = tag.IndexOf('-');
        var primary = hyphen < 0 ? tag : tag[..hyphen];
        foreach (var language in All)
        {
            if (primary.Equals(language, StringComparison.OrdinalIgnoreCase))
            {
                return language;
            }
        }

        return null;
    }
}
