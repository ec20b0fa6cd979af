using AuthGateway.Browser.Support;
using Microsoft.Playwright;

namespace AuthGateway.Browser.SignIn;

/// <summary>Every page of the gateway looked at: for everybody's eyes and for those who do not use theirs.</summary>
[Collection(BrowserCollection.Name)]
public sealed class PortalLooksTests(BrowserFixture browser, SampleGateway gateway) : IClassFixture<SampleGateway>
{
    private readonly List<string> _faults = [];

    [Theory]
    [InlineData("en-US", ColorScheme.Light, "desktop", "lock1")]
    [InlineData("de-DE", ColorScheme.Dark, "phone", "lock2")]
    public async Task EveryPage_IsSound(string locale, ColorScheme scheme, string screen, string user)
    {
        var visitor = Visitor.Outside with { Locale = locale, Scheme = scheme, Screen = Screens.Named(screen) };
        await using var visit = await browser.OpenAsync(gateway.Process, visitor);
        var page = visit.Page;
        Task LookAsync(string name) => LookAtAsync(visit, visitor, screen, name);

        await page.GotoAsync("/SOGo/");
        await LookAsync("sign-in");
        await page.TypePasswordAsync(user, "wrong");
        await LookAsync("sign-in-error");
        await page.TypePasswordAsync(user);
        await LookAsync("enrol");
        await page.TypeCodeAsync(Steps.WrongCode);
        await LookAsync("enrol-error");
        var (app, _) = await page.EnrolAsync("Pixel");
        await LookAsync("enrol-codes");
        await page.GotoAsync("/.agw/account");
        await LookAsync("account");
        foreach (var details in await page.Locator("details > summary").AllAsync())
        {
            await details.ClickAsync();
        }

        await LookAsync("account-open");
        await page.GotoAsync("/.agw/sign-in?rd=%2F.agw%2Faccount");
        await page.GotoAsync("/.agw/sign-in");
        await LookAsync("sign-in-already");
        await page.GotoAsync("/.agw/sign-out");
        await LookAsync("sign-out");
        await page.SignOutAsync();
        await LookAsync("sign-out-done");

        await page.GotoAsync("/SOGo/");
        await page.TypePasswordAsync(user);
        await LookAsync("factor");
        await page.TypeCodeAsync(Steps.WrongCode);
        await LookAsync("factor-error");
        await page.ChooseRecoveryAsync();
        await LookAsync("factor-recovery");
        await page.TypeCodeAsync("AAAAA-AAAAA");
        await LookAsync("factor-recovery-error");
        await page.GotoAsync("/.agw/factor?rd=%2F.agw%2Faccount");
        await page.TypeCodeAsync(await app.NextAsync());
        page.Url.ShouldBe($"{Steps.Mail}/.agw/account");
        await page.GotoAsync("/.agw/nothing-here");
        await LookAsync("nothing-here");

        await visit.Context.ClearCookiesAsync();
        await page.GotoAsync("/SOGo/");
        await visit.Context.ClearCookiesAsync();
        await page.TypePasswordAsync(user);
        await LookAsync("no-cookies");
        _faults.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("en-US", ColorScheme.Light, "desktop", "u0011")]
    [InlineData("de-DE", ColorScheme.Dark, "phone", "u0012")]
    public async Task EnrolmentCode_IsSound_AndIsAskedForFarOutside(string locale, ColorScheme scheme, string screen, string user)
    {
        var visitor = Visitor.FarOutside with { Locale = locale, Scheme = scheme, Screen = Screens.Named(screen) };
        await using var visit = await browser.OpenAsync(gateway.Process, visitor);
        await visit.Page.GotoAsync("/SOGo/");
        await visit.Page.TypePasswordAsync(user);
        (await visit.Page.Locator("#key").CountAsync()).ShouldBe(0, "a stolen password must not see a key");
        await LookAtAsync(visit, visitor, screen, "enrol-invite");
        await visit.Page.TypeCodeAsync("AAAAA-AAAAA-AAAAA-AAAAA");
        (await visit.Page.Locator("#key").CountAsync()).ShouldBe(0);
        await LookAtAsync(visit, visitor, screen, "enrol-invite-error");
        _faults.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("en-US", ColorScheme.Light, "desktop", "u0013")]
    [InlineData("de-DE", ColorScheme.Dark, "phone", "u0014")]
    public async Task PasswordPages_AreSound(string locale, ColorScheme scheme, string screen, string user)
    {
        var visitor = Visitor.Inside with { Locale = locale, Scheme = scheme, Screen = Screens.Named(screen) };
        await using var visit = await browser.OpenAsync(gateway.Process, visitor);
        var page = visit.Page;
        await page.GotoAsync("/.agw/password");
        await LookAtAsync(visit, visitor, screen, "password");
        await page.TypeNewPasswordAsync(user, "one thing", "another thing");
        await LookAtAsync(visit, visitor, screen, "password-error");
        await page.TypeNewPasswordAsync(user, "a new password", "a new password");
        (await page.Locator("a[href*='sign-in']").CountAsync()).ShouldBePositive("the password serves, so signing in comes first");
        await LookAtAsync(visit, visitor, screen, "password-sign-in-first");

        await page.GotoAsync("/.agw/account");
        await page.TypePasswordAsync(user);
        await LookAtAsync(visit, visitor, screen, "account-with-password");
        await page.Locator("a[href='/.agw/password']").ClickAsync();
        await page.Locator("#new").WaitForAsync();
        await LookAtAsync(visit, visitor, screen, "password-signed-in");
        _faults.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("en-US", ColorScheme.Dark, "phone")]
    [InlineData("en-US", ColorScheme.Dark, "tablet")]
    [InlineData("de-DE", ColorScheme.Light, "tablet")]
    [InlineData("de-DE", ColorScheme.Light, "desktop")]
    public async Task SignIn_IsSound_AtEveryWidth(string locale, ColorScheme scheme, string screen)
    {
        var visitor = Visitor.Outside with { Locale = locale, Scheme = scheme, Screen = Screens.Named(screen) };
        await using var visit = await browser.OpenAsync(gateway.Process, visitor);
        await visit.Page.GotoAsync("/SOGo/");
        await LookAtAsync(visit, visitor, screen, "sign-in");
        _faults.ShouldBeEmpty();
    }

    // One faulty page must not hide the next ones.
    private async Task LookAtAsync(BrowserVisit visit, Visitor visitor, string screen, string name)
    {
        var language = visitor.Locale[..2];
        try
        {
            await visit.ShouldBeSoundAsync(language);
        }
        catch (ShouldAssertException e)
        {
            _faults.Add($"{name}: {e.Message}");
        }

        await Screenshots.SaveAsync(visit.Page, $"{name}-{language}-{visitor.Scheme.ToString().ToLowerInvariant()}-{screen}");
    }
}
