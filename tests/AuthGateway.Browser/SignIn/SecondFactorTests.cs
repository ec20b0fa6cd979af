using AuthGateway.Browser.Support;

namespace AuthGateway.Browser.SignIn;

/// <summary>The page that asks for a code: right, wrong, twice, and without the phone. Inside it is not asked for.</summary>
[Collection(BrowserCollection.Name)]
public sealed class SecondFactorTests(BrowserFixture browser, SampleGateway gateway) : IClassFixture<SampleGateway>
{
    [Fact]
    public async Task WrongCode_IsTold_AndTheRightOneLeadsOn()
    {
        await using var visit = await browser.OpenAsync(gateway.Process, Visitor.Outside);
        var page = visit.Page;
        var (app, _) = await page.SignInWithNewAppAsync("/SOGo/", "alice");
        await page.ShouldShowInboxAsync("alice");
        await page.SignOutAsync();

        await page.GotoAsync("/SOGo/");
        await page.TypePasswordAsync("alice");
        await page.TypeCodeAsync(Steps.WrongCode);
        (await page.Error().InnerTextAsync()).ShouldNotBeNullOrWhiteSpace();
        (await page.Locator("#error:focus").CountAsync()).ShouldBe(1, "who does not see the page must hear the sentence first");
        await page.TypeCodeAsync(await app.NextAsync());
        await page.ShouldShowInboxAsync("alice");
    }

    [Fact]
    public async Task UsedCode_IsRefused_InAnotherBrowserToo()
    {
        await using var owner = await browser.OpenAsync(gateway.Process, Visitor.Outside);
        var (app, _) = await owner.Page.SignInWithNewAppAsync("/SOGo/", "bob");
        await owner.Page.SignOutAsync();
        await owner.Page.GotoAsync("/SOGo/");
        await owner.Page.TypePasswordAsync("bob");
        var code = await app.NextAsync();
        await owner.Page.TypeCodeAsync(code);
        await owner.Page.ShouldShowInboxAsync("bob");

        await using var watcher = await browser.OpenAsync(gateway.Process, Visitor.Outside);
        await watcher.Page.GotoAsync("/SOGo/");
        await watcher.Page.TypePasswordAsync("bob");
        await watcher.Page.TypeCodeAsync(code);
        await watcher.Page.Error().WaitForAsync();
        await watcher.Page.GotoAsync("/SOGo/so/bob/Mail/view");
        watcher.Page.Url.ShouldContain("/.agw/factor");
    }

    [Fact]
    public async Task RecoveryCode_OpensOnce()
    {
        await using var visit = await browser.OpenAsync(gateway.Process, Visitor.Outside);
        var page = visit.Page;
        var (_, codes) = await page.SignInWithNewAppAsync("/SOGo/", "carol");
        await page.SignOutAsync();

        await page.GotoAsync("/SOGo/");
        await page.TypePasswordAsync("carol");
        await page.ChooseRecoveryAsync();

        // As people type it: small, with blanks.
        await page.TypeCodeAsync(codes[4].ToLowerInvariant().Replace('-', ' '));
        await page.ShouldShowInboxAsync("carol");
        await page.GotoAsync("/.agw/account");
        await page.GetByText("9 of 10 left").WaitForAsync();
        await page.SignOutAsync();

        await page.GotoAsync("/SOGo/");
        await page.TypePasswordAsync("carol");
        await page.ChooseRecoveryAsync();
        await page.TypeCodeAsync(codes[4]);
        (await page.Error().InnerTextAsync()).ShouldContain("not valid");
        await page.TypeCodeAsync(codes[5]);
        await page.ShouldShowInboxAsync("carol");
    }

    [Fact]
    public async Task Inside_ThePasswordIsEnough()
    {
        await using var visit = await browser.OpenAsync(gateway.Process, Visitor.Inside);
        await visit.Page.GotoAsync("/SOGo/");
        await visit.Page.TypePasswordAsync("grace");
        await visit.Page.ShouldShowInboxAsync("grace");
        visit.Complaints.ShouldBeEmpty();
    }

    [Fact]
    public async Task WrongPassword_IsTold_KeepsTheName_AndTheRightOneLeadsOn()
    {
        await using var visit = await browser.OpenAsync(gateway.Process, Visitor.Inside);
        var page = visit.Page;
        await page.GotoAsync("/SOGo/");
        await page.TypePasswordAsync("lock3", "wrong");
        (await page.Error().InnerTextAsync()).ShouldNotBeNullOrWhiteSpace();
        (await page.Locator("input[name=name]").InputValueAsync()).ShouldBe("lock3");
        (await page.Locator("input[name=password]").InputValueAsync()).ShouldBeEmpty();
        await page.TypePasswordAsync("lock3");
        await page.ShouldShowInboxAsync("lock3");
    }
}
