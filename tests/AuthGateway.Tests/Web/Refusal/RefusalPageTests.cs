using System.Text;
using System.Text.RegularExpressions;
using AuthGateway.Core.Pipeline;
using AuthGateway.Core.Pipeline.Responders;
using AuthGateway.Core.Policies;
using AuthGateway.Web.Pages;
using AuthGateway.Web.Refusal;
using Microsoft.AspNetCore.Http;

namespace AuthGateway.Tests.Web.Refusal;

public sealed class RefusalPageTests
{
    private static readonly RefusalPage Page = new(new Branding(new GatewayState()));
    private static readonly DateTimeOffset s_at = new(2026, 11, 22, 3, 19, 40, TimeSpan.Zero);

    public static TheoryData<string> Reasons => new(VerdictReason.All.Keys
        .Except([VerdictReason.Allowed.Code, VerdictReason.Redirected.Code], StringComparer.Ordinal)      // nobody is refused with these
        .Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Reasons))]
    public void Words_EveryReason_HasSentencesInBothLanguages(string code)
    {
        var reason = VerdictReason.All[code];

        RefusalWords.Has(reason).ShouldBeTrue($"{code} has no words");
        foreach (var language in PageLanguage.All)
        {
            var text = RefusalWords.For(reason, language);
            text.What.ShouldEndWith(".");
            text.Remedy.ShouldEndWith(".");
            (text.What + text.Remedy).Contains('!').ShouldBeFalse();
        }

        (RefusalWords.For(reason, "de") == RefusalWords.For(reason, "en")).ShouldBeFalse();
    }

    [Theory]
    [MemberData(nameof(Reasons))]
    public void Render_EveryReason_HasNoScriptAndNoInlineStyle(string code)
    {
        var html = Render(VerdictReason.All[code]);

        Regex.IsMatch(html, @"<script|<style|\sstyle=|\son\w+=|javascript:", RegexOptions.IgnoreCase).ShouldBeFalse();
        html.ShouldNotContain($">{code}<");
    }

    [Theory]
    [InlineData("en", "Acting for &lt;anna&gt;")]
    [InlineData("de", "Sie handeln für &lt;anna&gt;")]
    public void Render_SessionThatActs_ShowsForWhomAndTheWayBack(string language, string words)
    {
        var model = new RefusalModel(VerdictReason.ActForDenied, "id", "mail.example.com", s_at, "Mail", "", language) { ActsFor = "<anna>" };
        var html = Encoding.UTF8.GetString(Page.Render(model, new HeaderDictionary()));

        html.ShouldContain($"<aside class=\"acting\" aria-label=\"{words}\">");
        html.ShouldContain("href=\"/.agw/act-for\"");
        Encoding.UTF8.GetString(Page.Render(model with { ActsFor = null }, new HeaderDictionary())).ShouldNotContain("acting");
    }

    [Fact]
    public void Render_WrongUnknownLocked_AreTheSameBytes()
    {
        VerdictReason[] alike = [VerdictReason.WrongPassword, VerdictReason.UnknownUser, VerdictReason.AccountLocked, VerdictReason.AddressLocked, VerdictReason.EmptyPassword, VerdictReason.AccountState];

        alike.Select(reason => Render(reason)).Distinct(StringComparer.Ordinal).Count().ShouldBe(1);
    }

    [Fact]
    public void Render_StrangersText_IsEncodedAndKeepsItsDirection()
    {
        var html = Render(VerdictReason.NotInGroup, host: "<script>alert(1)</script>\"'&\u202Egpj", contact: "<img src=x onerror=alert(1)>");

        html.ShouldNotContain("<script>");
        html.ShouldNotContain("<img");
        html.ShouldContain("&lt;script&gt;");
        html.ShouldContain("\\u202egpj");
        html.ShouldNotContain("202E;", Case.Insensitive);
    }

    [Fact]
    public void Render_Page_ShowsIdTimeHostAndContact()
    {
        var html = Render(VerdictReason.NoDeviceCertificate, contact: "+49 30 1234");

        html.ShouldContain("<code>abcdEFGH12345678</code>");
        html.ShouldContain("mail.example.com");
        html.ShouldContain("2026-11-22 03:19:40 UTC");
        html.ShouldContain("""<a href="tel:&#x2B;49301234">""");
        html.ShouldContain("This device is not registered.");
    }

    [Fact]
    public void Render_NoHostNoContact_LeavesTheirRowsOut()
    {
        var html = Render(VerdictReason.BadRequest, host: "", contact: "");

        html.ShouldNotContain("<dt>Address</dt>");
        html.ShouldNotContain("<dt>Helpdesk</dt>");
    }

    [Fact]
    public void Render_Headers_AreThoseOfGatewayPages()
    {
        IHeaderDictionary headers = new HeaderDictionary();
        Page.Render(Model(VerdictReason.NoRule, "h", "", "de"), headers);

        headers.ContentSecurityPolicy.ToString().ShouldBe(
            "default-src 'none'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; require-trusted-types-for 'script'");
        headers.XContentTypeOptions.ToString().ShouldBe("nosniff");
        headers["Referrer-Policy"].ToString().ShouldBe("no-referrer");
        headers["Cross-Origin-Opener-Policy"].ToString().ShouldBe("same-origin");
        headers["Cross-Origin-Resource-Policy"].ToString().ShouldBe("same-origin");
        headers.CacheControl.ToString().ShouldBe("no-store");
        headers.ContentLanguage.ToString().ShouldBe("de");
    }

    [Fact]
    public void Sentence_German_IsTheHeading() =>
        Page.Sentence(VerdictReason.IdentityMismatch, "de-AT").ShouldStartWith("Dieses Gerät ist auf eine andere Person registriert.");

    [Theory]
    [InlineData(null, "en")]
    [InlineData("", "en")]
    [InlineData("de", "de")]
    [InlineData("de-AT,de;q=0.9,en;q=0.8", "de")]
    [InlineData("en;q=0.3, de;q=0.7", "de")]
    [InlineData("fr, de;q=0.5, en;q=0.5", "de")]
    [InlineData("de;q=0, en", "en")]
    [InlineData("de;q=0", "en")]
    [InlineData("de;q=NaN, en;q=0.1", "en")]
    [InlineData("de;q=7, en;q=0.1", "en")]
    [InlineData("*", "en")]
    [InlineData("DEU", "en")]
    [InlineData(",;q=,;;,de", "de")]
    public void Language_AcceptLanguage_PicksTheHeaviestKnown(string? header, string expected) => PageLanguage.Choose(header).ShouldBe(expected);

    private static string Render(VerdictReason reason, string host = "mail.example.com", string contact = "Room 12, or helpdesk@example.com") =>
        Encoding.UTF8.GetString(Page.Render(Model(reason, host, contact, "en"), new HeaderDictionary()));

    private static RefusalModel Model(VerdictReason reason, string host, string contact, string language) =>
        new(reason, "abcdEFGH12345678", host, s_at, "Example Mail", contact, language);
}
