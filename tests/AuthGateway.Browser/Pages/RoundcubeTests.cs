using AuthGateway.Browser.Support;

namespace AuthGateway.Browser.Pages;

/// <summary>The second web mail, which is told the user's own password.</summary>
[Collection(BrowserCollection.Name)]
public sealed class RoundcubeTests(BrowserFixture browser, SampleGateway gateway) : IClassFixture<SampleGateway>
{
    [Fact]
    public async Task Inbox_OpensWithThePasswordTheGatewayPassesOn()
    {
        await using var visit = await browser.OpenAsync(gateway.Process, Visitor.Inside with { Login = "alice" });
        await visit.Page.GotoAsync("https://webmail.bed.test/?_task=mail");
        (await visit.Page.TitleAsync()).ShouldBe("Roundcube Webmail :: Inbox");
        await visit.Page.Locator("#messagelist tr.message").First.WaitForAsync();
        visit.Complaints.ShouldBeEmpty();
    }
}
