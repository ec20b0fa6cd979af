using AuthGateway.Browser.Support;
using Microsoft.Playwright;

namespace AuthGateway.Browser.Pages;

/// <summary>The refusal page as people see it.</summary>
[Collection(BrowserCollection.Name)]
public sealed class RefusalPageTests(BrowserFixture browser, SampleGateway gateway) : IClassFixture<SampleGateway>
{
    public static TheoryData<string, ColorScheme, string> Looks()
    {
        var looks = new TheoryData<string, ColorScheme, string>();
        foreach (var locale in (string[])["en-US", "de-DE"])
        {
            foreach (var scheme in (ColorScheme[])[ColorScheme.Light, ColorScheme.Dark])
            {
                foreach (var screen in (string[])["phone", "tablet", "desktop"])
                {
                    looks.Add(locale, scheme, screen);
                }
            }
        }

        return looks;
    }

    [Theory]
    [MemberData(nameof(Looks))]
    public async Task FromOutside_IsSound_InEveryLook(string locale, ColorScheme scheme, string screen)
    {
        await using var visit = await browser.OpenAsync(gateway.Process, Visitor.Outside with { Locale = locale, Scheme = scheme, Screen = Screens.Named(screen) });
        var answer = await visit.Page.GotoAsync($"https://{SampleGateway.EchoHost}{SampleGateway.InsidePath}");
        answer!.Status.ShouldBe(403);
        var language = locale[..2];
        await visit.ShouldBeSoundAsync(language);
        await Screenshots.SaveAsync(visit.Page, $"refusal-{language}-{scheme.ToString().ToLowerInvariant()}-{screen}");
    }

    [Theory]
    [InlineData("en-US", "There is nothing at this address.")]
    [InlineData("de-DE", "Unter dieser Adresse gibt es nichts.")]
    public async Task UnknownPath_IsTold_WithoutScripts(string locale, string heading)
    {
        await using var visit = await browser.OpenAsync(gateway.Process, Visitor.Inside with { Locale = locale, Scripts = false });
        var answer = await visit.Page.GotoAsync("/nothing-here");
        answer!.Status.ShouldBe(404);
        (await visit.Page.Locator("h1").InnerTextAsync()).ShouldBe(heading);
        (await visit.Page.Locator("dl.facts .id code").InnerTextAsync()).ShouldBe(answer.Headers["x-request-id"]);
        visit.Complaints.ShouldBeEmpty();
    }
}
