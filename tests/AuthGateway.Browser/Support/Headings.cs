using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace AuthGateway.Browser.Support;

/// <summary>What a page is called, read as people read it.</summary>
internal static class Headings
{
    /// <summary>Waits for this heading. A hyphen at which no line may end is a hyphen.</summary>
    public static Task ShouldBeHeadedAsync(this IPage page, string heading)
    {
        var pattern = new Regex($"^\\s*{Regex.Escape(heading).Replace("-", "[-\u2011]", StringComparison.Ordinal)}\\s*$", RegexOptions.None, TimeSpan.FromSeconds(1));
        return page.Locator("h1").Filter(new LocatorFilterOptions { HasTextRegex = pattern }).WaitForAsync();
    }
}
