using AuthGateway.Core.Backends;
using AuthGateway.Core.Edge;
using AuthGateway.Core.Lockout;

namespace AuthGateway.Tests.Web.Portal;

public sealed class SignInPageTests
{
    private readonly PortalBed _bed = new();

    [Fact]
    public async Task Middleware_RequestOfNoPage_GoesOn() => (await _bed.PassAsync()).ShouldBe(299);

    [Theory]
    [InlineData("/.agw", 302)]
    [InlineData("/.agw/", 302)]
    [InlineData("/.agw/Sign-In", 404)]
    [InlineData("/.agw/sign-in/", 404)]
    [InlineData("/.agw/nothing", 404)]
    [InlineData("/.AGW/sign-in", 404)]
    [InlineData("/.agw/account", 302)]
    [InlineData("/.agw/factor", 302)]
    [InlineData("/.agw/enrol", 302)]
    public async Task Get_Path_IsComparedAsItStands(string path, int status) => (await _bed.Browser().GetAsync(path)).Status.ShouldBe(status);

    [Fact]
    public async Task SignIn_PasswordIsEnough_LeadsOnAtOnce()
    {
        var browser = _bed.Browser();

        var answer = await browser.SignInAsync("/files/a?b=c");

        (answer.Status, answer.Location).ShouldBe((303, "/files/a?b=c"));
        (await browser.GetAsync("/.agw/account")).Status.ShouldBe(200);
    }

    [Fact]
    public async Task SignIn_CodeIsOwed_LeadsToFactorOrEnrolmentAndKeepsTheWish()
    {
        (await _bed.Browser().SignInAsync("/owa/x")).Location.ShouldBe("/.agw/enrol?rd=%2Fowa%2Fx");
        var app = await _bed.AddAppAsync();
        var browser = _bed.Browser();

        (await browser.SignInAsync("/owa/x")).Location.ShouldBe("/.agw/factor?rd=%2Fowa%2Fx");
        (await browser.GetAsync("/.agw/account")).Location.ShouldBe("/.agw/sign-in?rd=%2F.agw%2Faccount");
        var before = browser.Session;
        var proven = await browser.PostAsync("/.agw/factor?rd=%2Fowa%2Fx", ("code", _bed.Code(app)));

        (proven.Status, proven.Location).ShouldBe((303, "/owa/x"));
        (browser.Session == before).ShouldBeFalse();
    }

    [Theory]
    [InlineData("wrong", "alice", 401)]
    [InlineData("", "alice", 401)]
    [InlineData("wrong", "nobody", 401)]
    [InlineData("wrong", "a\u202eb", 401)]
    [InlineData("wrong", "", 401)]
    public async Task SignIn_Refused_KeepsTheNameAndNeverThePassword(string password, string name, int status)
    {
        var answer = await _bed.Browser().SignInAsync("/files/", password, name);

        answer.Status.ShouldBe(status);
        answer.Headers.WWWAuthenticate.Count.ShouldBe(0);
        answer.Text.ShouldContain("That did not work. Check your user name and password; after several tries you have to wait a while.");
        answer.Text.ShouldContain("role=\"alert\" tabindex=\"-1\" autofocus");
        answer.Text.ShouldContain(name == "a\u202eb" ? "value=\"a\\u202eb\"" : $"id=\"name\" name=\"name\" type=\"text\" value=\"{name}\"");
        answer.Text.ShouldNotContain("value=\"wrong\"");
    }

    [Theory]
    [InlineData(AccountStates.Disabled, true, "Your account is disabled.")]
    [InlineData(AccountStates.LogonHours, true, "Your account may not be used at this time of day.")]
    [InlineData(AccountStates.Disabled, false, "That did not work.")]
    [InlineData(AccountStates.Locked, false, "That did not work.")]
    public async Task SignIn_AccountState_IsToldOnlyWhereThePasswordWasRight(string state, bool isProven, string sentence)
    {
        _bed.Answer = new BackendAnswer.AccountState(state, isProven);

        var answer = await _bed.Browser().SignInAsync();

        answer.Status.ShouldBe(401);
        answer.Text.ShouldContain(sentence);
        answer.Text.Contains("Your account", StringComparison.Ordinal).ShouldBe(isProven);
        (await _bed.Browser().SignInAsync(password: "wrong")).Text.ShouldContain("That did not work.");
    }

    [Fact]
    public async Task SignIn_LockedAccount_ReadsLikeAWrongPassword()
    {
        for (var i = 0; i < 6; i++)
        {
            (await _bed.Browser().SignInAsync(password: $"wrong {i}")).Status.ShouldBe(401);
        }

        (await _bed.Browser().SignInAsync()).Text.ShouldContain("That did not work.");
        _bed.Guard.IsLocked(LockoutKey.ForUser(_bed.User)).ShouldBeTrue();
    }

    [Fact]
    public async Task SignIn_LockedAddress_SaysHowLong()
    {
        for (var i = 0; i < 20; i++)
        {
            (await _bed.Browser().SignInAsync(password: $"wrong {i}", name: $"user{i}")).Headers.RetryAfter.Count.ShouldBe(0);
        }

        var answer = await _bed.Browser().SignInAsync();

        (answer.Status, answer.Headers.RetryAfter.ToString()).ShouldBe((429, "600"));
    }

    [Fact]
    public async Task SignIn_StoreIsDown_SaysThatThePasswordIsNotTheProblem()
    {
        var browser = _bed.Browser();
        await browser.GetAsync("/.agw/sign-in");
        _bed.Lockouts.IsDown = true;

        var answer = await browser.SignInAsync();

        answer.Status.ShouldBe(503);
        answer.Text.ShouldContain("Your password is not the problem.");
    }

    [Theory]
    [InlineData("https://evil.test/")]
    [InlineData("//evil.test")]
    [InlineData("/\\evil.test")]
    [InlineData("/%5cevil.test")]
    [InlineData("/%2fevil.test")]
    [InlineData("/%09/evil.test")]
    [InlineData("javascript:alert(1)")]
    [InlineData("/\r\nSet-Cookie: a=b")]
    [InlineData("/.agw/sign-in?rd=/x")]
    [InlineData("/.agw/sign-out")]
    [InlineData("/.agw/account/revoke-others")]
    public async Task SignIn_WishToGoElsewhere_LeadsHome(string wish) => (await _bed.Browser().SignInAsync(wish)).Location.ShouldBe("/files");

    [Fact]
    public async Task SignedIn_Wish_IsFollowedOnceAndNeverInCircles()
    {
        var browser = _bed.Browser();
        await browser.SignInAsync();

        (await browser.GetAsync("/.agw/sign-in?rd=%2Ffiles%2Fx")).Location.ShouldBe("/files/x");
        var back = await browser.GetAsync("/.agw/sign-in?rd=%2Ffiles%2Fx");

        back.Status.ShouldBe(200);
        back.Text.ShouldContain("You are signed in");
        back.Text.ShouldContain("href=\"/files/x\"");
        back.Text.ShouldContain("again=1");
        (await browser.GetAsync("/.agw/sign-in?again=1&rd=%2Ffiles%2Fx")).Text.ShouldContain("current-password");
    }

    [Fact]
    public async Task SignIn_Again_EndsTheSessionBefore()
    {
        var browser = _bed.Browser();
        await browser.SignInAsync();
        var before = browser.Session!;
        await browser.SignInAsync();

        (browser.Session == before).ShouldBeFalse();
        browser.Cookies[GatewayCookies.Session] = before;
        (await browser.GetAsync("/.agw/account")).Status.ShouldBe(302);
    }

    [Fact]
    public async Task SignOut_AsksFirst_ThenEndsTheSessionEverywhere()
    {
        var browser = _bed.Browser();
        await browser.SignInAsync();
        var session = browser.Session!;
        (await browser.GetAsync("/.agw/sign-out")).Text.ShouldContain("Sign out?");

        var answer = await browser.PostAsync("/.agw/sign-out");

        answer.Status.ShouldBe(200);
        answer.Headers["Clear-Site-Data"].ToString().ShouldBe("\"cache\", \"cookies\", \"storage\"");
        answer.Headers.CacheControl.ToString().ShouldBe("no-store");
        browser.Session.ShouldBeNull();
        browser.Cookies[GatewayCookies.Session] = session;
        (await browser.GetAsync("/.agw/account")).Status.ShouldBe(302);
    }

    [Fact]
    public async Task Cookies_OfEveryKind_AreHostOnlySecureAndClosedToScripts()
    {
        var browser = _bed.Browser();
        string[] lines =
        [
            .. (await browser.GetAsync("/.agw/sign-in?lang=de")).SetCookies, .. (await browser.SignInAsync()).SetCookies,
            .. (await browser.GetAsync("/.agw/sign-in?rd=%2Ffiles%2F")).SetCookies, .. (await browser.PostAsync("/.agw/sign-out")).SetCookies,
        ];

        lines.Select(line => line.Split('=')[0]).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)
            .ShouldBe([GatewayCookies.Session, GatewayCookies.Form, GatewayCookies.Language, GatewayCookies.Sent]);
        foreach (var line in lines)
        {
            var attributes = line.Split("; ").Skip(1).ToList();
            attributes.Contains("Secure", StringComparer.Ordinal).ShouldBeTrue(line);
            attributes.Contains("HttpOnly", StringComparer.Ordinal).ShouldBeTrue(line);
            attributes.Contains("Path=/", StringComparer.Ordinal).ShouldBeTrue(line);
            attributes.Contains("SameSite=Lax", StringComparer.Ordinal).ShouldBeTrue(line);
            attributes.ShouldNotContain(attribute => attribute.StartsWith("Domain", StringComparison.OrdinalIgnoreCase));
        }

        lines.Where(line => line.StartsWith(GatewayCookies.Session + "=", StringComparison.Ordinal) && !line.Contains("Max-Age=0", StringComparison.Ordinal))
            .ShouldAllBe(line => !line.Contains("Max-Age", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Language_Chosen_StaysChosen()
    {
        var browser = _bed.Browser();
        (await browser.GetAsync("/.agw/sign-in")).Text.ShouldContain("<html lang=\"en\">");

        (await browser.GetAsync("/.agw/sign-in?lang=de")).Text.ShouldContain("<html lang=\"de\">");
        (await browser.GetAsync("/.agw/sign-in")).Text.ShouldContain("<html lang=\"de\">");
        (await browser.GetAsync("/.agw/sign-in?lang=xx")).Text.ShouldContain("<html lang=\"de\">");
    }
}
