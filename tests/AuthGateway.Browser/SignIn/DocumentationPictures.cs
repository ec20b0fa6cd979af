using AuthGateway.Browser.Support;
using Microsoft.Playwright;

namespace AuthGateway.Browser.SignIn;

/// <summary>The pictures of <c>docs/images</c>: <c>tests/screenshots.sh</c> takes them anew.</summary>
[Collection(BrowserCollection.Name)]
public sealed class DocumentationPictures(BrowserFixture browser, SampleGateway gateway) : IClassFixture<SampleGateway>
{
    [Fact]
    public async Task PagesOnTheWayIn_AreTaken()
    {
        await using var visit = await browser.OpenAsync(gateway.Process, Visitor.Outside with { Screen = Size(760, 560) });
        var page = visit.Page;
        await page.GotoAsync("/SOGo/");
        await Screenshots.SaveAsync(page, "sign-in");
        await page.TypePasswordAsync("alice");
        await Screenshots.SaveAsync(page, "enrol");
        await page.EnrolAsync("Pixel");
        await page.SignOutAsync();
        await page.GotoAsync("/SOGo/");
        await page.TypePasswordAsync("alice");
        await Screenshots.SaveAsync(page, "factor");
    }

    [Fact]
    public async Task Account_IsTaken()
    {
        await using var phone = await browser.OpenAsync(gateway.Process, Visitor.Inside with { Screen = Screens.Phone });
        await phone.Page.GotoAsync("/.agw/account");
        await phone.Page.TypePasswordAsync("bob");
        await using var visit = await browser.OpenAsync(gateway.Process, Visitor.Outside with { Screen = Size(960, 640) });
        await visit.Page.SignInWithNewAppAsync("/.agw/account", "bob", "Pixel");
        await visit.Page.Locator("table").First.WaitForAsync();
        await Screenshots.SaveAsync(visit.Page, "account");
    }

    [Fact]
    public async Task Password_IsTaken()
    {
        await using var visit = await browser.OpenAsync(gateway.Process, Visitor.Inside with { Screen = Size(760, 720) });
        await visit.Page.GotoAsync("/.agw/password");
        await visit.Page.Locator("#new").WaitForAsync();
        await Screenshots.SaveAsync(visit.Page, "password");
    }

    private static ViewportSize Size(int width, int height) => new() { Width = width, Height = height };
}
