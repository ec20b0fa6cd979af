using AuthGateway.Browser.Support;
using Microsoft.Playwright;

namespace AuthGateway.Browser.SignIn;

/// <summary>From outside for the first time, with an app to be set up: with eyes and mouse, without scripts, by keyboard, in German.</summary>
[Collection(BrowserCollection.Name)]
public sealed class FirstSignInTests(BrowserFixture browser, SampleGateway gateway) : IClassFixture<SampleGateway>
{
    [Fact]
    public async Task Enrolment_LeadsToTheInbox_WithoutASecondLogin()
    {
        await using var visit = await browser.OpenAsync(gateway.Process, Visitor.Outside);
        var page = visit.Page;
        await page.GotoAsync("/SOGo/");
        page.Url.ShouldBe($"{Steps.Mail}/.agw/sign-in?rd=%2FSOGo%2F");
        await page.TypePasswordAsync("alice");
        var (_, codes) = await page.EnrolAsync("Pixel");
        codes.Distinct(StringComparer.Ordinal).Count().ShouldBe(10);
        await page.ContinueAsync();
        await page.ShouldShowInboxAsync("alice");
        await page.GetByText("First message").First.WaitForAsync();
        visit.Complaints.ShouldBeEmpty();
    }

    [Fact]
    public async Task Enrolment_IsInGerman_ForAGermanBrowser()
    {
        await using var visit = await browser.OpenAsync(gateway.Process, Visitor.Outside with { Locale = "de-DE" });
        var page = visit.Page;
        await page.GotoAsync("/SOGo/");
        await page.ShouldBeHeadedAsync("Anmelden bei mail.bed.test");
        await page.TypePasswordAsync("u0001");
        await page.ShouldBeHeadedAsync("Authenticator-App einrichten");
        await page.EnrolAsync();
        await page.ShouldBeHeadedAsync("Ihre Wiederherstellungscodes");
        await page.ContinueAsync();
        await page.ShouldShowInboxAsync("u0001");
        await page.GotoAsync("/.agw/account");
        await page.ShouldBeHeadedAsync("Mein Konto");
        await page.SignOutAsync();
        await page.ShouldBeHeadedAsync("Sie sind abgemeldet");
    }

    [Fact]
    public async Task Language_IsChangedOnThePage_AndStaysWithTheWayToGo()
    {
        await using var visit = await browser.OpenAsync(gateway.Process, Visitor.Outside);
        var page = visit.Page;
        await page.GotoAsync("/SOGo/");
        await page.GetByText("Deutsch").ClickAsync();
        await page.ShouldBeHeadedAsync("Anmelden bei mail.bed.test");
        await page.TypePasswordAsync("u0002");
        await page.ShouldBeHeadedAsync("Authenticator-App einrichten");
        await page.EnrolAsync();
        await page.ContinueAsync();
        await page.ShouldShowInboxAsync("u0002");
    }

    [Fact]
    public async Task WithoutScripts_EveryStepWorks()
    {
        await using var visit = await browser.OpenAsync(gateway.Process, Visitor.Outside with { Scripts = false });
        var page = visit.Page;
        await page.GotoAsync("/SOGo/");
        await page.TypePasswordAsync("carol");
        var (app, _) = await page.EnrolAsync(scripts: false);
        await page.ContinueAsync();
        await page.WaitForURLAsync($"{Steps.Mail}/SOGo/so/carol/**");

        await page.SignOutAsync();
        await page.GotoAsync("/SOGo/");
        await page.TypePasswordAsync("carol");
        await page.TypeCodeAsync(await app.NextAsync(), scripts: false);
        await page.WaitForURLAsync($"{Steps.Mail}/SOGo/so/carol/**");
    }

    [Fact]
    public async Task WithTheKeyboardAlone_EveryStepWorks()
    {
        await using var visit = await browser.OpenAsync(gateway.Process, Visitor.Outside);
        var page = visit.Page;
        await page.GotoAsync("/SOGo/");

        // The first field gets the focus by itself, a moment after the page is there.
        await page.Locator("input[name=name]:focus").WaitForAsync();
        await page.Keyboard.TypeAsync("grace");
        await page.TabToAsync("password");
        await page.Keyboard.TypeAsync("grace-pw");
        await page.Keyboard.PressAsync("Enter");
        await page.Locator("#key").WaitForAsync();
        var app = await page.AppAsync();
        await page.TabToAsync("label");
        await page.Keyboard.TypeAsync("Phone");
        await page.TabToAsync("code");
        await page.Keyboard.TypeAsync(await app.NextAsync());
        await page.Keyboard.PressAsync("Enter");
        var next = page.Locator("main a.button.full");
        await next.WaitForAsync();
        await page.TabToAsync(next);
        await page.Keyboard.PressAsync("Enter");
        await page.ShouldShowInboxAsync("grace");

        await page.SignOutAsync();
        await page.GotoAsync("/SOGo/");
        await page.Locator("input[name=name]:focus").WaitForAsync();
        await page.Keyboard.TypeAsync("grace");
        await page.TabToAsync("password");
        await page.Keyboard.TypeAsync("grace-pw");
        await page.Keyboard.PressAsync("Enter");
        await page.Locator("input.code[data-digits]:focus").WaitForAsync();

        // The last digit sends the form.
        await page.Keyboard.TypeAsync(await app.NextAsync());
        await page.ShouldShowInboxAsync("grace");
    }

    [Fact]
    public async Task KeyThatIsTyped_AndPictureThatIsScanned_AreOne()
    {
        await using var visit = await browser.OpenAsync(gateway.Process, Visitor.Outside);
        var page = visit.Page;
        await page.GotoAsync("/SOGo/");
        await page.TypePasswordAsync("u0003");
        var typed = (await page.Locator("#key").InnerTextAsync()).Replace(" ", "", StringComparison.Ordinal);
        var link = await page.Locator("a[href^='otpauth:']").GetAttributeAsync("href");
        link.ShouldNotBeNull().ShouldContain($"secret={typed}");
        (await page.GetByRole(AriaRole.Img).BoundingBoxAsync()).ShouldNotBeNull().Width.ShouldBeGreaterThan(150);
    }
}
