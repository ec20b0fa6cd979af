using AuthGateway.Browser.SignIn;
using AuthGateway.Browser.Support;
using Microsoft.Playwright;

namespace AuthGateway.Browser.ActFor;

/// <summary>A holder of the right opens another user's web mail and comes back to her own, in a real browser before the real SOGo.</summary>
[Collection(BrowserCollection.Name)]
public sealed class ActForTests(BrowserFixture browser, ActForGateway gateway) : IClassFixture<ActForGateway>
{
    private const string Page = "/.agw/act-for";

    [Theory]
    [InlineData("en-US", ColorScheme.Light, "desktop", "alice")]
    [InlineData("de-DE", ColorScheme.Dark, "phone", "bob")]
    public async Task HolderOfTheRight_OpensAnothersWebMail_AndComesBack(string locale, ColorScheme scheme, string screen, string actor)
    {
        await using var visit = await browser.OpenAsync(gateway.Process, Visitor.Inside with { Locale = locale, Scheme = scheme, Screen = Screens.Named(screen) });
        var page = visit.Page;
        await page.GotoAsync(Page);
        await page.TypePasswordAsync(actor);
        page.Url.ShouldEndWith(Page);
        await ShouldBeUserAsync(page, actor);

        await page.GotoAsync(Page);
        await Screenshots.SaveAsync(page, $"act-for-{locale[..2]}");
        await page.Locator("#target").FillAsync("nobody");
        await page.Locator("#reason").FillAsync("ticket 17");
        await page.Keyboard.PressAsync("Enter");
        (await page.Error().InnerTextAsync()).ShouldNotBeNullOrWhiteSpace();

        // By the keyboard alone, as the page lets one do it.
        await page.Locator("#target").FillAsync("grace");
        await page.Keyboard.PressAsync("Tab");
        (await page.EvaluateAsync<string>("() => document.activeElement.id")).ShouldBe("reason");
        await page.Keyboard.PressAsync("Enter");
        var banner = page.Locator("aside.acting");
        await banner.WaitForAsync();
        (await banner.GetAttributeAsync("aria-label")).ShouldNotBeNullOrWhiteSpace();
        (await banner.Locator("button").CountAsync()).ShouldBe(1);
        await Screenshots.SaveAsync(page, $"acting-{locale[..2]}");
        (await page.EvaluateAsync<bool>("() => document.documentElement.scrollWidth <= window.innerWidth")).ShouldBeTrue("nothing hangs over the edge");

        await ShouldBeUserAsync(page, "grace");
        await page.GotoAsync("/.agw/account");
        await Screenshots.SaveAsync(page, $"acting-account-{locale[..2]}");
        await page.Locator("aside.acting button").ClickAsync();
        await page.WaitForURLAsync("**/.agw/account");
        (await page.Locator("aside.acting").CountAsync()).ShouldBe(0);
        await ShouldBeUserAsync(page, actor);

        var begun = await gateway.Process.AuditRecordAsync(record => record.GetProperty("reason").GetString() == "act-for-begun", "--user", actor);
        (begun.GetProperty("typedName").GetString(), begun.GetProperty("actedBy").GetProperty("login").GetString()).ShouldBe(("grace", actor));
        begun.GetProperty("detail").GetString().ShouldStartWith("because: ticket 17; session ");
        await gateway.Process.AuditRecordAsync(record => record.GetProperty("reason").GetString() == "act-for-ended", "--user", "grace");
    }

    [Fact]
    public async Task WhoHoldsNoRight_IsToldSo()
    {
        await using var visit = await browser.OpenAsync(gateway.Process, Visitor.Inside);
        await visit.Page.GotoAsync(Page);
        await visit.Page.TypePasswordAsync("carol");

        (await visit.Page.Locator("#target").CountAsync()).ShouldBe(0);
        (await visit.Page.Locator("h1").InnerTextAsync()).ShouldBe("You cannot act for this user here.");
    }

    /// <summary>SOGo's own page says whose it is.</summary>
    private static async Task ShouldBeUserAsync(IPage page, string user)
    {
        await page.GotoAsync($"/SOGo/so/{user}/Calendar/view");
        (await page.ContentAsync()).ShouldContain($"UserLogin = '{user}'");
    }
}
