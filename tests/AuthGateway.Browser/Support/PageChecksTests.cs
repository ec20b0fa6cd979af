using AuthGateway.TestKit.Gateway;

namespace AuthGateway.Browser.Support;

/// <summary>That the checks of pages find what they look for; a check that finds nothing looks the same from outside.</summary>
[Collection(BrowserCollection.Name)]
public sealed class PageChecksTests(BrowserFixture browser, SampleGateway gateway) : IClassFixture<SampleGateway>
{
    [Theory]
    [InlineData("<p>Sound.</p>", true)]
    [InlineData("<p style='color: #bbb; background: #fff'>Too pale.</p>", false)]
    [InlineData("<p style='width: 3000px'>Too wide.</p>", false)]
    [InlineData("<h1>Twice.</h1>", false)]
    [InlineData("<script>console.error('Broken.')</script>", false)]
    [InlineData("<script>missing()</script>", false)]
    public async Task FaultyPage_IsFoundOut(string part, bool sound)
    {
        await using var visit = await browser.OpenAsync(gateway.Process, Visitor.Inside);
        await visit.Page.SetContentAsync($"<!DOCTYPE html><html lang='en'><head><title>Page</title></head><body><main><h1>Page</h1>{part}</main></body></html>");
        var check = () => visit.ShouldBeSoundAsync("en");
        if (sound)
        {
            await check();
        }
        else
        {
            await Assert.ThrowsAsync<ShouldAssertException>(check);
        }
    }

    [Fact]
    public async Task OathTool_ShowsTheCodesOfTheStandard()
    {
        // RFC 6238, appendix B: the last six of eight digits.
        const string Secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
        (await OathTool.CodeAsync(Secret, DateTimeOffset.FromUnixTimeSeconds(59))).ShouldBe("287082");
        (await OathTool.CodeAsync(Secret, DateTimeOffset.FromUnixTimeSeconds(1111111109))).ShouldBe("081804");
    }
}
