using Deque.AxeCore.Playwright;

namespace AuthGateway.Browser.Support;

/// <summary>What must hold for every page of the gateway, whatever it says.</summary>
internal static class PageChecks
{
    /// <summary>Language, title, one heading, nothing that axe finds, nothing to scroll sideways for, nothing the browser complained of.</summary>
    public static async Task ShouldBeSoundAsync(this BrowserVisit visit, string language)
    {
        var page = visit.Page;
        (await page.Locator("html").GetAttributeAsync("lang")).ShouldBe(language);
        (await page.TitleAsync()).ShouldNotBeNullOrWhiteSpace();
        (await page.Locator("h1").AllInnerTextsAsync()).ShouldHaveSingleItem().ShouldNotBeNullOrWhiteSpace();
        (await page.EvaluateAsync<int>("document.documentElement.scrollWidth - document.documentElement.clientWidth")).ShouldBe(0, "The page is wider than its window.");
        var axe = await page.RunAxe();
        axe.Violations.Select(violation => $"{violation.Id}: {violation.Help} ({string.Join("; ", violation.Nodes.Select(node => node.Html))})").ShouldBeEmpty();
        axe.Passes.ShouldNotBeEmpty("axe looked at nothing.");
        visit.Complaints.ShouldBeEmpty();
    }
}
