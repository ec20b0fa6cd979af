using System.Reflection;
using System.Text.RegularExpressions;
using AuthGateway.Web;
using AuthGateway.Web.Pages;
using AuthGateway.Web.Portal.Account;

namespace AuthGateway.Tests.Web.Portal;

public sealed class PhraseTests
{
    public static TheoryData<string> All => new(Phrases().Keys);

    [Theory]
    [MemberData(nameof(All))]
    public void Phrase_EveryLanguage_HasItWithTheSameHolesAndNoShouting(string name)
    {
        var phrase = Phrases()[name];

        phrase.En.ShouldNotBeNullOrWhiteSpace();
        phrase.De.ShouldNotBeNullOrWhiteSpace();
        Holes(phrase.De).ShouldBe(Holes(phrase.En));
        (phrase.En + phrase.De).ShouldNotContain("!");
        phrase.De.EndsWith('?').ShouldBe(phrase.En.EndsWith('?'));
        (phrase.De.EndsWith('.') || !phrase.En.EndsWith('.')).ShouldBeTrue();
    }

    [Fact]
    public void Phrases_AreFound() => Phrases().Count.ShouldBeGreaterThan(80);

    [Theory]
    [InlineData("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Windows", "Firefox auf Windows")]
    [InlineData("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0", "Edge on Windows", "Edge auf Windows")]
    [InlineData("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1", "Safari on iPhone", "Safari auf iPhone")]
    [InlineData("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36", "Chrome on Android", "Chrome auf Android")]
    [InlineData("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15", "Safari on macOS", "Safari auf macOS")]
    [InlineData("SomeApp (Android)", "Android", "Android")]
    [InlineData("curl/8.0", "Unknown device", "Unbekanntes Gerät")]
    [InlineData("", "Unknown device", "Unbekanntes Gerät")]
    public void Device_UserAgent_InWords(string userAgent, string en, string de) =>
        (DeviceWords.Of(userAgent, "en"), DeviceWords.Of(userAgent, "de")).ShouldBe((en, de));

    [Theory]
    [InlineData(20, "just now")]
    [InlineData(-20, "just now")]
    [InlineData(61, "1 min ago")]
    [InlineData(7_300, "2 h ago")]
    [InlineData(90_000, "a day ago")]
    [InlineData(864_000, "10 days ago")]
    [InlineData(8_640_000, "2025-12-04")]
    public void Time_Relative_InWords(int seconds, string words)
    {
        var now = new DateTimeOffset(2026, 3, 14, 9, 0, 0, TimeSpan.Zero);

        RelativeTime.Of(now.AddSeconds(-seconds), now, "en").ToString().ShouldEndWith($">{words}</time>");
    }

    private static Dictionary<string, Phrase> Phrases() => typeof(WebServices).Assembly.GetTypes()
        .SelectMany(type => type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
        .Where(field => field.FieldType == typeof(Phrase))
        .ToDictionary(field => $"{field.DeclaringType!.Name}.{field.Name}", field => (Phrase)field.GetValue(null)!, StringComparer.Ordinal);

    private static string[] Holes(string text) => [.. Regex.Matches(text, @"\{\d\}").Select(match => match.Value).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
}
