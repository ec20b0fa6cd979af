using Microsoft.Playwright;

namespace AuthGateway.Browser.Support;

/// <summary>What a page is called, read as people read it.</summary>
internal static class Headings
{
    /// <summary>Waits for this heading. A hyphen at which no line may end is a hyphen.</summary>
    public static async Task ShouldBeHeadedAsync(this IPage page, string heading)
    {
        await page.WaitForLoadStateAsync(LoadState.DOMContentLoaded);
        (await page.Locator("h1").InnerTextAsync()).Replace('\u2011', '-').ShouldBe(heading);
    }
}
