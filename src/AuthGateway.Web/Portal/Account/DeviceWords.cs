using AuthGateway.Web.Pages;

namespace AuthGateway.Web.Portal.Account;

/// <summary>What a User-Agent says in words its owner knows again: "Firefox on Windows". A hint, no proof: anybody may send any.</summary>
internal static class DeviceWords
{
    private static readonly Phrase s_on = new("{0} on {1}", "{0} auf {1}");
    private static readonly Phrase s_unknown = new("Unknown device", "Unbekanntes Gerät");

    // In this order: each of them also sends the marks of those below.
    private static readonly (string Mark, string Name)[] s_browsers =
    [
        ("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser/", "Samsung Internet"), ("Vivaldi/", "Vivaldi"), ("Firefox/", "Firefox"), ("FxiOS/", "Firefox"),
        ("CriOS/", "Chrome"), ("Chrome/", "Chrome"), ("Safari/", "Safari"),
    ];

    private static readonly (string Mark, string Name)[] s_systems =
    [
        ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("CrOS", "ChromeOS"), ("Windows", "Windows"), ("Mac OS X", "macOS"), ("Macintosh", "macOS"), ("Linux", "Linux"),
    ];

    /// <summary>The words; the sign that nothing is known when nothing is.</summary>
    public static string Of(string userAgent, string language)
    {
        var (browser, system) = (Find(s_browsers, userAgent), Find(s_systems, userAgent));
        return (browser, system) switch
        {
            (null, null) => s_unknown.In(language),
            (null, { } alone) => alone,
            ({ } alone, null) => alone,
            _ => s_on.In(language, browser, system),
        };
    }

    private static string? Find((string Mark, string Name)[] known, string userAgent) =>
        Array.Find(known, entry => userAgent.Contains(entry.Mark, StringComparison.Ordinal)).Name;
}
