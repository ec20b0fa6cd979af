using AuthGateway.Browser.Support;
using Microsoft.Playwright;

namespace AuthGateway.Browser.SignIn;

/// <summary>What a session opens and for how long: deep links, its end from elsewhere, the back button, two tabs.</summary>
[Collection(BrowserCollection.Name)]
public sealed class SessionTests(BrowserFixture browser, SampleGateway gateway) : IClassFixture<SampleGateway>
{
    [Fact]
    public async Task DeepLink_LeadsToItsMessage_ThroughPasswordAndCode()
    {
        // SOGo keeps the message behind the #, of which servers never hear.
        const string Path = "/SOGo/so/alice/Mail/view?x=1&y=a%20b%26c";
        const string Message = Path + "#!/Mail/0/INBOX/1";
        await using var visit = await browser.OpenAsync(gateway.Process, Visitor.Outside);
        var page = visit.Page;
        var (app, _) = await page.SignInWithNewAppAsync(Message, "alice");
        await page.GetByText("this is the test bed").First.WaitForAsync();
        new Uri(page.Url).PathAndQuery.ShouldBe(Path);

        await page.SignOutAsync();
        await page.GotoAsync(Message);
        await page.TypePasswordAsync("alice");
        await page.TypeCodeAsync(await app.NextAsync());
        await page.GetByText("this is the test bed").First.WaitForAsync();
        new Uri(page.Url).PathAndQuery.ShouldBe(Path);
    }

    [Fact]
    public async Task EndedFromAnotherBrowser_CutsWhatIsHeld_AndTheNextClickAsksForThePassword()
    {
        await using var left = await browser.OpenAsync(gateway.Process, Visitor.Inside);
        var page = left.Page;
        await page.GotoAsync("/SOGo/");
        await page.TypePasswordAsync("bob");
        await page.ShouldShowInboxAsync("bob");
        await HoldAsync(page);

        await using var near = await browser.OpenAsync(gateway.Process, Visitor.Inside);
        await near.Page.GotoAsync("/.agw/account");
        await near.Page.TypePasswordAsync("bob");
        await near.Page.Locator("form[action$=revoke-session] button").ClickAsync();
        (await HeldAsync(page)).ShouldBe("cut");

        await page.OpenCalendarAsync();
        await page.ShouldAskForPasswordAsync();
        await page.TypePasswordAsync("bob");
        await page.WaitForURLAsync($"{Steps.Mail}/SOGo/so/bob/Calendar/**");
    }

    [Fact]
    public async Task RevokedByTheHelpdesk_CutsWhatIsHeld_AndTheNextClickAsksForThePassword()
    {
        await using var visit = await browser.OpenAsync(gateway.Process, Visitor.Inside);
        var page = visit.Page;
        await page.GotoAsync("/SOGo/");
        await page.TypePasswordAsync("lock6");
        await page.ShouldShowInboxAsync("lock6");
        await HoldAsync(page);
        var revoke = await gateway.Process.RunCliAsync(["session", "revoke", "--user", "lock6"]);
        revoke.ExitCode.ShouldBe(0, revoke.Error);
        (await HeldAsync(page)).ShouldBe("cut");
        await page.OpenCalendarAsync();
        await page.ShouldAskForPasswordAsync();
    }

    [Fact]
    public async Task BackButton_AfterSignOut_ShowsNoMail()
    {
        await using var visit = await browser.OpenAsync(gateway.Process, Visitor.Inside);
        var page = visit.Page;
        await page.GotoAsync("/SOGo/so/lock6/Mail/view");
        await page.TypePasswordAsync("lock6");
        await page.ShouldShowInboxAsync("lock6");
        await page.SignOutAsync();
        var seen = new List<string>();
        while (await page.EvaluateAsync<bool>("() => window.navigation.canGoBack") && seen.Count < 5 && !page.Url.Contains("/.agw/sign-in", StringComparison.Ordinal))
        {
            await page.GoBackAsync();
            (await page.Locator("body").InnerTextAsync()).ShouldNotContain("lock6@bed.test");
            seen.Add(page.Url);
        }

        seen.ShouldContain(url => url.Contains("/.agw/sign-in?rd=%2FSOGo%2Fso%2Flock6", StringComparison.Ordinal));
    }

    [Fact]
    public async Task TwoTabs_AreOneSession()
    {
        await using var visit = await browser.OpenAsync(gateway.Process, Visitor.Inside);
        var first = visit.Page;
        var second = await visit.Context.NewPageAsync();
        await first.GotoAsync("/SOGo/");
        await second.GotoAsync("/SOGo/");
        await first.TypePasswordAsync("grace");
        await first.ShouldShowInboxAsync("grace");
        await second.ReloadAsync();
        await second.ShouldShowInboxAsync("grace");

        await second.SignOutAsync();
        await first.OpenCalendarAsync();
        await first.ShouldAskForPasswordAsync();
    }

    [Fact]
    public async Task TwoTabs_BothWithTheForm_MayBothSendIt()
    {
        await using var visit = await browser.OpenAsync(gateway.Process, Visitor.Inside);
        var first = visit.Page;
        var second = await visit.Context.NewPageAsync();
        await first.GotoAsync("/SOGo/");
        await second.GotoAsync("/SOGo/");
        await first.TypePasswordAsync("lock4");
        await first.ShouldShowInboxAsync("lock4");
        await second.TypePasswordAsync("lock4");
        await second.ShouldShowInboxAsync("lock4");
        await first.ReloadAsync();
        await first.ShouldShowInboxAsync("lock4");
    }

    [Fact]
    public async Task WithoutCookies_ThePageSaysSo_InsteadOfGoingInCircles()
    {
        await using var visit = await browser.OpenAsync(gateway.Process, Visitor.Inside);
        var page = visit.Page;
        await page.GotoAsync("/SOGo/");
        await visit.Context.ClearCookiesAsync();
        await page.TypePasswordAsync("lock5");
        await page.ShouldBeHeadedAsync("Your browser does not keep cookies.");

        // Once they are allowed, the page leads on.
        await page.Locator("main a.button").ClickAsync();
        await page.TypePasswordAsync("lock5");
        await page.ShouldShowInboxAsync("lock5");
    }

    private static async Task HoldAsync(IPage page)
    {
        var asked = page.WaitForRequestAsync($"**{SampleGateway.HoldPath}**");
        await page.EvaluateAsync($"() => {{ window.held = fetch('{SampleGateway.HoldPath}?seconds=600').then(answer => String(answer.status), () => 'cut'); }}");
        await asked;
    }

    private static Task<string> HeldAsync(IPage page) => page.EvaluateAsync<string>("() => window.held").WaitAsync(TimeSpan.FromSeconds(30));
}
