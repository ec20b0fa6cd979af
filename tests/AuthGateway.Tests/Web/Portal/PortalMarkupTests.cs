using System.Text;
using System.Text.RegularExpressions;
using AuthGateway.Core.Backends;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Sessions;
using AuthGateway.Tests.Core.Backends;
using AuthGateway.Web.Pages;

namespace AuthGateway.Tests.Web.Portal;

/// <summary>Every page in both languages, with names of people who mean harm.</summary>
public sealed class PortalMarkupTests
{
    private const string Evil = "\"><img src=x onerror=alert(1)>\u202Egpj";

    public static TheoryData<string, string> Pages
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var page in new[] { "sign-in", "sign-in wrong", "sign-in again", "signed in", "factor", "factor wrong", "recovery", "enrol", "invite", "full", "codes", "account", "password", "password first", "password refused", "password done", "sign-out", "signed out", "nothing", "foreign", "cookies" })
            {
                data.Add(page, "en");
                data.Add(page, "de");
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task Page_HostileNames_AreTextAndNothingElse(string page, string language)
    {
        var answer = await ShowAsync(page, language);
        var html = answer.Text;

        html.ShouldStartWith("<!DOCTYPE html>");
        html.ShouldContain($"<html lang=\"{language}\">");
        html.ShouldNotContain("<img src=x");
        html.ShouldNotContain("\u202E");
        html.ShouldNotContain("202E;", Case.Insensitive);
        html.ShouldContain("&lt;img src=x onerror=alert(1)&gt;\\u202egpj");
        Regex.IsMatch(html, @"<style|\sstyle=|javascript:", RegexOptions.IgnoreCase).ShouldBeFalse();
        Regex.IsMatch(Regex.Replace(html, "onerror=alert", ""), @"\son\w+=", RegexOptions.IgnoreCase).ShouldBeFalse();
        Regex.Count(html, "<script").ShouldBe(1);
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task Page_Headers_AreThoseOfGatewayPages(string page, string language)
    {
        var answer = await ShowAsync(page, language);

        var nonce = Regex.Match(answer.Text, "nonce=\"([^\"]+)\"").Groups[1].Value;
        answer.Headers.ContentSecurityPolicy.ToString().ShouldBe(PageHeaders.ContentSecurityPolicyWithScript(System.Net.WebUtility.HtmlDecode(nonce)));
        answer.Headers.CacheControl.ToString().ShouldBe("no-store");
        answer.Headers["Referrer-Policy"].ToString().ShouldBe("no-referrer");
        answer.Headers["Cross-Origin-Opener-Policy"].ToString().ShouldBe("same-origin");
        answer.Headers.ContentLanguage.ToString().ShouldBe(language);
        answer.Headers.XFrameOptions.Count.ShouldBe(0);
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task Page_Structure_CanBeHeardAndWalkedByKeys(string page, string language)
    {
        var html = (await ShowAsync(page, language)).Text;

        Regex.Count(html, "<main ").ShouldBe(1);
        Regex.Count(html, "<h1>").ShouldBe(1);
        html.IndexOf("<h1>", StringComparison.Ordinal).ShouldBeLessThan(html.IndexOf("<h2", StringComparison.Ordinal) is var at and >= 0 ? at : int.MaxValue);
        Regex.Count(html, "autofocus").ShouldBeLessThanOrEqualTo(1);
        var ids = Regex.Matches(html, "\\sid=\"([^\"]+)\"").Select(match => match.Groups[1].Value).ToList();
        ids.Distinct(StringComparer.Ordinal).Count().ShouldBe(ids.Count);

        // Every field that shows has a label, and whatever is named by its id is there.
        foreach (Match input in Regex.Matches(html, "<input (?![^>]*type=\"hidden\")[^>]*>"))
        {
            var id = Regex.Match(input.Value, "id=\"([^\"]+)\"").Groups[1].Value;
            html.ShouldContain($"<label for=\"{id}\">");
        }

        Regex.Matches(html, "aria-describedby=\"([^\"]+)\"").Select(match => match.Groups[1].Value).Except(ids, StringComparer.Ordinal).ShouldBeEmpty();
        foreach (Match form in Regex.Matches(html, "<form[^>]*>.*?</form>", RegexOptions.Singleline))
        {
            form.Value.ShouldStartWith("<form method=\"post\" action=\"/.agw/");
            form.Value.ShouldContain("name=\"form\"");
        }
    }

    [Fact]
    public async Task SignIn_WithStyleAndScript_StaysWithinThirtyKilobytes()
    {
        var page = await new PortalBed().Browser().GetAsync("/.agw/sign-in?rd=%2Ffiles%2F");

        (Encoding.UTF8.GetByteCount(page.Text) + GatewayAssets.Style.Length + GatewayAssets.Script.Content.Length).ShouldBeLessThan(30 * 1024);
    }

    private static async Task<PortalAnswer> ShowPasswordAsync(PortalBed bed, PortalBrowser browser, string page)
    {
        var directory = new PeopleBackend("ad");
        var person = directory.Add("alice", PortalBed.Right);
        person.Identity = bed.User;
        bed.Directory = directory;
        if (page == "password")
        {
            person.Notice = new PasswordNotice(3, null);
            await browser.SignInAsync();
            return await browser.GetAsync("/.agw/password");
        }

        if (page == "password first")
        {
            return await browser.GetAsync("/.agw/password");
        }

        person.State = AccountStates.MustChange;
        directory.Answer = page == "password refused" ? new PasswordChange.Refused("policy", Evil) : null;
        return await browser.PostAsync("/.agw/password", ("name", "alice"), ("password", PortalBed.Right), ("new", "brand new"), ("repeat", "brand new"));
    }

    private static async Task<PortalAnswer> ShowAsync(string page, string language)
    {
        var bed = new PortalBed { Product = Evil, HelpdeskContact = Evil, User = new UserIdentity("ad", "1", Evil, Evil, Evil, [], []) };
        var browser = bed.Browser(page == "invite" ? PortalBed.Outside : PortalBed.Inside);
        browser.Language = language;
        switch (page)
        {
            case "sign-in":
                return await browser.GetAsync("/.agw/sign-in?rd=%2Ffiles%2F%22%3E%3Cimg");
            case "sign-in wrong":
                return await browser.SignInAsync("/files/", "wrong", Evil);
            case "cookies":
                return await browser.SendAsync("POST", "/.agw/sign-in", "form=x", []);
            case "nothing":
                return await browser.GetAsync("/.agw/nothing");
            case "foreign":
                return await browser.SendAsync("POST", "/.agw/sign-in?rd=%2Ffiles%2F%22%3E", "form=x", [("Origin", "https://evil.test")]);
            case "enrol" or "invite":
                await browser.SignInAsync("/owa/");
                return await browser.GetAsync("/.agw/enrol");
            default:
                break;
        }

        if (page.StartsWith("password", StringComparison.Ordinal))
        {
            return await ShowPasswordAsync(bed, browser, page);
        }

        var app = await bed.AddAppAsync(Evil);
        await browser.SignInAsync(page is "factor" or "factor wrong" or "recovery" ? "/owa/" : "/files/");
        switch (page)
        {
            case "sign-in again":
                return await browser.GetAsync("/.agw/sign-in?again=1");
            case "signed in":
                return await browser.GetAsync("/.agw/sign-in");
            case "factor":
                return await browser.GetAsync("/.agw/factor?rd=%2Fowa%2F");
            case "factor wrong":
                return await browser.PostAsync("/.agw/factor?rd=%2Fowa%2F", ("code", "1"));
            case "recovery":
                return await browser.GetAsync("/.agw/factor?method=recovery");
            case "sign-out":
                return await browser.GetAsync("/.agw/sign-out");
            case "signed out":
                return await browser.PostAsync("/.agw/sign-out");
            default:
                break;
        }

        await browser.PostAsync("/.agw/factor?rd=%2F.agw%2Faccount", ("code", bed.Code(app)));
        if (page == "codes")
        {
            return await browser.PostAsync("/.agw/account/recovery-codes");
        }

        for (var i = 0; i < 4; i++)
        {
            await bed.AddAppAsync(Evil + i);
        }

        if (page == "full")
        {
            return await browser.GetAsync("/.agw/enrol");
        }

        // A second session, begun by a browser that says strange things of itself.
        await bed.Sessions.BeginAsync(new SessionStart(PortalBed.Host, bed.User, default, true, null, Evil, Evil), new(), CancellationToken.None);
        return await browser.GetAsync("/.agw/account");
    }
}
