using AuthGateway.Browser.Support;
using Microsoft.Playwright;

namespace AuthGateway.Browser.SignIn;

/// <summary>The web mail that is told the password typed on the gateway's page.</summary>
[Collection(BrowserCollection.Name)]
public sealed class RoundcubeSignInTests(BrowserFixture browser, SampleGateway gateway) : IClassFixture<SampleGateway>
{
    private const string Inbox = Steps.Webmail + "/?_task=mail";

    [Fact]
    public async Task FromOutside_TheInboxOpens_WithoutASecondLogin()
    {
        await using var visit = await browser.OpenAsync(gateway.Process, Visitor.Outside);
        await visit.Page.SignInWithNewAppAsync(Inbox, "alice");
        await ShouldShowInboxAsync(visit.Page, "alice");
        await visit.Page.Locator("#messagelist tr.message").GetByText("First message").WaitForAsync();
        visit.Complaints.ShouldBeEmpty();
    }

    [Fact]
    public async Task AnotherUser_AtTheSameBrowser_SeesHisOwnMail()
    {
        await using var visit = await browser.OpenAsync(gateway.Process, Visitor.Inside);
        var page = visit.Page;
        await page.GotoAsync(Inbox);
        await page.TypePasswordAsync("alice");
        await ShouldShowInboxAsync(page, "alice");
        await page.SignOutAsync(Steps.Webmail);

        await page.GotoAsync(Inbox);
        await page.TypePasswordAsync("bob");
        await ShouldShowInboxAsync(page, "bob");
        (await page.ContentAsync()).ShouldNotContain("First message");
    }

    [Fact]
    public async Task AnotherUser_WithoutASignOutBetween_SeesHisOwnMailToo()
    {
        await using var visit = await browser.OpenAsync(gateway.Process, Visitor.Inside);
        var page = visit.Page;
        await page.GotoAsync(Inbox);
        await page.TypePasswordAsync("alice");
        await ShouldShowInboxAsync(page, "alice");
        await page.GotoAsync($"{Steps.Webmail}/.agw/sign-in?again=1&rd=%2F%3F_task%3Dmail");
        await page.TypePasswordAsync("carol");
        await ShouldShowInboxAsync(page, "carol");
        (await page.ContentAsync()).ShouldNotContain("First message");
    }

    private static async Task ShouldShowInboxAsync(IPage page, string user)
    {
        await page.Locator("#messagelist").WaitForAsync(new LocatorWaitForOptions { State = WaitForSelectorState.Attached });
        (await page.TitleAsync()).ShouldBe("Roundcube Webmail :: Inbox");
        (await page.Locator(".header-title.username").First.TextContentAsync()).ShouldNotBeNull().ShouldStartWith(user);
    }
}
