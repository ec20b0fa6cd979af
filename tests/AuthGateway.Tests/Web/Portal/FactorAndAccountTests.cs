using System.Text.RegularExpressions;
using AuthGateway.Core.Factors.Enrolment;
using AuthGateway.Core.Factors.Totp;

namespace AuthGateway.Tests.Web.Portal;

public sealed class FactorAndAccountTests
{
    private readonly PortalBed _bed = new();

    [Fact]
    public async Task Factor_WrongUsedAndLocked_ReadAlike()
    {
        var app = await _bed.AddAppAsync();
        var code = _bed.Code(app);
        var first = _bed.Browser();
        await first.SignInAsync("/owa/");
        (await first.PostAsync("/.agw/factor?rd=%2Fowa%2F", ("code", code[..3] + " " + code[3..]))).Status.ShouldBe(303);

        var second = _bed.Browser();
        await second.SignInAsync("/owa/");
        var used = await second.PostAsync("/.agw/factor?rd=%2Fowa%2F", ("code", code));
        for (var i = 0; i < 10; i++)
        {
            var wrong = await second.PostAsync("/.agw/factor?rd=%2Fowa%2F", ("code", "nonsense"));
            (wrong.Status, Neutral(wrong.Text)).ShouldBe((401, Neutral(used.Text)));
        }

        used.Text.ShouldContain("This code is not valid (any more). Wait for the next one and type it in.");
        _bed.Audit.Records.ShouldContain(record => record.Reason == "factor-locked");
    }

    [Fact]
    public async Task Factor_Methods_AreOneClickApart()
    {
        await _bed.AddAppAsync("Anna's Pixel");
        var browser = await SignedInWithCodesAsync();

        var byApp = (await browser.GetAsync("/.agw/factor?rd=%2Fowa%2F")).Text;
        byApp.ShouldContain("autocomplete=\"one-time-code\"");
        byApp.ShouldContain("inputmode=\"numeric\"");
        byApp.ShouldContain("data-digits=\"6\"");
        byApp.ShouldContain("method=recovery");
        byApp.ShouldContain("Anna&#x27;s Pixel");
        byApp.ShouldContain("helpdesk@example.com");
        (await browser.GetAsync("/.agw/factor?method=recovery")).Text.ShouldContain("name=\"method\" value=\"recovery\"");
    }

    [Fact]
    public async Task Enrolment_Inside_ShowsThreeStepsAndThenTheCodesOnce()
    {
        var browser = _bed.Browser();
        await browser.SignInAsync("/owa/");
        var page = (await browser.GetAsync("/.agw/enrol?rd=%2Fowa%2F")).Text;
        Regex.Count(page, "<li>\\s*<h2>").ShouldBe(3);
        page.ShouldContain("<svg class=\"qr\"");

        var wrong = await browser.PostAsync("/.agw/enrol?rd=%2Fowa%2F", ("step", "confirm"), ("code", "000000"), ("label", "My phone"));
        (wrong.Status, wrong.Text.Contains("value=\"My phone\"", StringComparison.Ordinal)).ShouldBe((401, true));
        var done = await browser.PostAsync("/.agw/enrol?rd=%2Fowa%2F", ("step", "confirm"), ("code", CodeOf(page)), ("label", "My phone"));

        done.Status.ShouldBe(200);
        Regex.Count(done.Text, "<li><code>[0-9A-Z]{5}-[0-9A-Z]{5}</code></li>").ShouldBe(10);
        done.Text.ShouldContain("href=\"/owa/\"");
        (await browser.GetAsync("/.agw/account")).Text.ShouldContain("My phone");
    }

    [Fact]
    public async Task Enrolment_Outside_NeedsACodeOfTheHelpdesk()
    {
        var browser = _bed.Browser(PortalBed.Outside);
        await browser.SignInAsync("/owa/");
        var page = await browser.GetAsync("/.agw/enrol?rd=%2Fowa%2F");
        page.Text.ShouldContain("Enrolment code");
        page.Text.ShouldNotContain("otpauth");
        (await browser.PostAsync("/.agw/enrol?rd=%2Fowa%2F", ("step", "invite"), ("code", "nonsense"))).Status.ShouldBe(403);

        var (shown, hash) = EnrolmentCode.New();
        await _bed.Invitations.PutAsync("alice", hash, _bed.Clock.GetUtcNow().AddMinutes(30), CancellationToken.None);
        (await browser.PostAsync("/.agw/enrol?rd=%2Fowa%2F", ("step", "invite"), ("code", shown))).Location.ShouldBe("/.agw/enrol?rd=%2Fowa%2F");
        (await browser.GetAsync("/.agw/enrol?rd=%2Fowa%2F")).Text.ShouldContain("otpauth");
    }

    [Fact]
    public async Task Enrolment_OldSignIn_AsksForThePasswordAgainAndComesBack()
    {
        var browser = _bed.Browser();
        await browser.SignInAsync("/files/");
        _bed.Clock.Advance(TimeSpan.FromMinutes(6));

        var answer = await browser.GetAsync("/.agw/enrol?rd=%2F.agw%2Faccount");
        answer.Location.ShouldBe("/.agw/sign-in?rd=%2F.agw%2Fenrol%3Frd%3D%252F.agw%252Faccount&again=1");
        (await browser.GetAsync(answer.Location!)).Text.ShouldContain("Type your password once more");
    }

    [Fact]
    public async Task Enrolment_FirstAppThere_NeedsItsCodeFirst()
    {
        await _bed.AddAppAsync();
        var browser = _bed.Browser();
        await browser.SignInAsync("/files/");

        (await browser.GetAsync("/.agw/enrol")).Location.ShouldBe("/.agw/factor?rd=%2F.agw%2Fenrol");
    }

    [Fact]
    public async Task Account_ChangesOfFactors_NeedARecentCode()
    {
        var app = await _bed.AddAppAsync();
        var browser = _bed.Browser();
        await browser.SignInAsync("/files/");

        foreach (var path in new[] { "/.agw/account/remove-app", "/.agw/account/recovery-codes" })
        {
            (await browser.PostAsync(path, ("id", app.Id))).Location.ShouldBe("/.agw/factor?rd=%2F.agw%2Faccount");
        }

        (await browser.PostAsync("/.agw/factor?rd=%2F.agw%2Faccount", ("code", _bed.Code(app)))).Location.ShouldBe("/.agw/account");
        Regex.Count((await browser.PostAsync("/.agw/account/recovery-codes")).Text, "<li><code>").ShouldBe(10);
        (await browser.PostAsync("/.agw/account/remove-app", ("id", app.Id))).Location.ShouldBe("/.agw/account");
        (await browser.GetAsync("/.agw/account")).Text.ShouldContain("No app is set up.");
    }

    [Fact]
    public async Task Account_Sessions_AreSignedOutOneByOneAndTogether()
    {
        var (own, second, third) = (_bed.Browser(), _bed.Browser(), _bed.Browser());
        await own.SignInAsync();
        await second.SignInAsync();
        await third.SignInAsync();
        var page = (await own.GetAsync("/.agw/account")).Text;
        page.ShouldContain("Firefox on Windows");
        page.ShouldContain("✓ this one");
        var ids = Regex.Matches(page, "name=\"id\" value=\"([^\"]+)\"").Select(match => match.Groups[1].Value).ToList();
        ids.Count.ShouldBe(2);

        (await own.PostAsync("/.agw/account/revoke-session", ("id", ids[0]))).Location.ShouldBe("/.agw/account");
        new[] { await second.GetAsync("/.agw/account"), await third.GetAsync("/.agw/account") }.Count(answer => answer.Status == 302).ShouldBe(1);
        await own.PostAsync("/.agw/account/revoke-others");
        (await second.GetAsync("/.agw/account")).Status.ShouldBe(302);
        (await third.GetAsync("/.agw/account")).Status.ShouldBe(302);
        (await own.GetAsync("/.agw/account")).Status.ShouldBe(200);
    }

    [Fact]
    public async Task Account_SessionOfSomebodyElse_IsNotSignedOut()
    {
        var (own, other) = (_bed.Browser(), _bed.Browser());
        await own.SignInAsync();
        var alice = _bed.User;
        _bed.User = new("ad", "2", "bob", null, null, [], []);
        await other.SignInAsync(name: "bob");
        var id = _bed.Sessions.OfUser("ad:2", new()).Single().Id;
        _bed.User = alice;

        await own.PostAsync("/.agw/account/revoke-session", ("id", id));

        (await other.GetAsync("/.agw/account")).Status.ShouldBe(200);
    }

    [Theory]
    [InlineData("/.agw/account")]
    [InlineData("/.agw/account/revoke-others")]
    [InlineData("/.agw/account/remove-app")]
    public async Task Account_PendingSession_IsLedToTheSignIn(string path)
    {
        await _bed.AddAppAsync();
        var browser = _bed.Browser();
        await browser.SignInAsync("/owa/");

        (await browser.GetAsync("/.agw/account")).Status.ShouldBe(302);
        (await browser.PostAsync(path)).Status.ShouldBe(303);
    }

    [Theory]
    [InlineData("/.agw/account/revoke-others")]
    [InlineData("/.agw/account/recovery-codes")]
    public async Task Account_OfAUserWithAnApp_IsClosedToThePasswordAlone(string action)
    {
        var owner = _bed.Browser();
        await owner.SignInAsync();
        await _bed.AddAppAsync();
        var thief = _bed.Browser();
        await thief.SignInAsync();

        var page = await thief.GetAsync("/.agw/account");
        (page.Status, page.Headers.Location.ToString()).ShouldBe((302, "/.agw/factor?rd=%2F.agw%2Faccount"));
        (await thief.PostAsync(action)).Headers.Location.ToString().ShouldStartWith("/.agw/factor");
        _bed.Sessions.Count.ShouldBe(2, "nobody's session was ended");
    }

    [Fact]
    public async Task Store_Down_IsAPageThatSaysSo()
    {
        var browser = _bed.Browser();
        await browser.SignInAsync();
        _bed.Apps.IsDown = true;

        var answer = await browser.GetAsync("/.agw/account");

        answer.Status.ShouldBe(503);
        answer.Text.ShouldContain("<h1>");
    }

    private async Task<PortalBrowser> SignedInWithCodesAsync()
    {
        var (_, kept) = AuthGateway.Core.Factors.RecoveryCodes.RecoveryCodeSet.New();
        await _bed.RecoveryCodes.ReplaceAsync(_bed.User.Key, kept, _bed.Clock.GetUtcNow(), CancellationToken.None);
        var browser = _bed.Browser();
        await browser.SignInAsync("/owa/");
        return browser;
    }

    private string CodeOf(string page)
    {
        var key = Regex.Match(page, "data-value=\"([A-Z2-7]+)\"").Groups[1].Value;
        var bits = string.Concat(key.Select(c => Convert.ToString("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".IndexOf(c), 2).PadLeft(5, '0')));
        var seed = Enumerable.Range(0, bits.Length / 8).Select(i => Convert.ToByte(bits.Substring(i * 8, 8), 2)).ToArray();
        return TotpCode.Of(TotpSeed.FromBytes(seed), TotpAlgorithm.Sha1, 6, TotpCode.StepOf(_bed.Clock.GetUtcNow()));
    }

    private static string Neutral(string text) => Regex.Replace(text, "nonce=\"[^\"]*\"|name=\"form\" value=\"[^\"]*\"", "");
}
