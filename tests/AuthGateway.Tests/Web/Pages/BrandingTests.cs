using System.Text;
using System.Text.RegularExpressions;
using AuthGateway.Core.Pipeline;
using AuthGateway.Web.Pages;

namespace AuthGateway.Tests.Web.Pages;

public sealed class BrandingTests
{
    [Theory]
    [InlineData("#ffffff", "#000000", 21)]
    [InlineData("#ffffff", "#ffffff", 1)]
    [InlineData("#777777", "#ffffff", 4.48)]
    [InlineData("#1f5fd6", "#ffffff", 5.8)]
    public void Contrast_Pairs_AreThoseOfTheGuidelines(string one, string other, double ratio) => ColorContrast.Between(one, other).ShouldBe(ratio, 0.1);

    [Theory]
    [InlineData("#1f5fd6")]
    [InlineData("#000000")]
    [InlineData("#8b0000")]
    [InlineData("#0f766e")]
    [InlineData("#4b0082")]
    public void Rules_DarkMode_CanBeReadOnEveryGround(string color)
    {
        var dark = Regex.Matches(Branding.RulesFor(color), "--brand: (?<color>#[0-9a-f]{6})").Select(match => match.Groups["color"].Value).Last();

        ColorContrast.Between(dark, "#1c2027").ShouldBeGreaterThanOrEqualTo(4.5);
        ColorContrast.Between(dark, "#14171c").ShouldBeGreaterThanOrEqualTo(4.5);
    }

    [Theory]
    [InlineData("light")]
    [InlineData("dark")]
    public void Style_TokensOfEachScheme_CanBeRead(string scheme)
    {
        var blocks = Regex.Matches(Encoding.UTF8.GetString(GatewayAssets.Style.Span), @":root \{.*?\}", RegexOptions.Singleline);
        var tokens = Regex.Matches(blocks[scheme == "light" ? 0 : 1].Value, "--([a-z-]+): (#[0-9a-f]{6})").ToDictionary(match => match.Groups[1].Value, match => match.Groups[2].Value, StringComparer.Ordinal);

        foreach (var ground in new[] { "background", "surface" })
        {
            foreach (var text in new[] { "text", "muted", "brand", "good", "warn", "bad" })
            {
                ColorContrast.Between(tokens[text], tokens[ground]).ShouldBeGreaterThanOrEqualTo(4.5, $"{text} on {ground}");
            }

            ColorContrast.Between(tokens["control"], tokens[ground]).ShouldBeGreaterThanOrEqualTo(3, $"control on {ground}");
        }

        ColorContrast.Between(tokens["on-brand"], tokens["brand"]).ShouldBeGreaterThanOrEqualTo(4.5);
    }
}
