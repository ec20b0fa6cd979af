using AuthGateway.Core.Backends;
using AuthGateway.Tests.Core.Backends;

namespace AuthGateway.Tests.Web.Portal;

public sealed class PasswordPageTests
{
    private const string New = "brand new and long";

    private readonly PortalBed _bed = new();
    private readonly PeopleBackend _directory = new("ad");
    private readonly Person _alice;

    public PasswordPageTests()
    {
        _alice = _directory.Add("alice", PortalBed.Right);
        _bed.User = _alice.Identity;
        _bed.Directory = _directory;
    }

    [Fact]
    public async Task MustChange_FromTheSignInPageToTheNewPassword_AndIn()
    {
        _alice.State = AccountStates.MustChange;
        var browser = _bed.Browser();

        var form = await browser.SignInAsync("/files/");
        (form.Status, browser.Session).ShouldBe((200, null));
        form.Text.ShouldContain("<form method=\"post\" action=\"/.agw/password?rd=%2Ffiles%2F\">");
        form.Text.ShouldContain("value=\"alice\"");
        form.Text.ShouldContain("You must choose a new password before you can sign in.");
        form.Text.ShouldNotContain(PortalBed.Right);

        var done = await ChangeAsync(browser, "/.agw/password?rd=%2Ffiles%2F");
        (done.Status, _alice.Password).ShouldBe((200, New));
        done.Text.ShouldContain("Your password is changed");
        done.Text.ShouldContain("href=\"/.agw/sign-in?rd=%2Ffiles%2F\"");
        (await browser.SignInAsync("/files/", New)).Location.ShouldBe("/files/");
    }

    [Fact]
    public async Task MustChange_WrongPassword_ShowsNothingOfTheState()
    {
        var browser = _bed.Browser();
        var before = await browser.SignInAsync("/files/", "wrong");
        _alice.State = AccountStates.MustChange;
        var after = await browser.SignInAsync("/files/", "wrong");

        (after.Status, Neutral(after.Text)).ShouldBe((before.Status, Neutral(before.Text)));
    }

    [Fact]
    public async Task Form_UnknownWrongAndLocked_ReadAlike()
    {
        _alice.State = AccountStates.MustChange;
        var browser = _bed.Browser();
        var wrong = await ChangeAsync(browser, password: "wrong");
        var unknown = await ChangeAsync(browser, name: "nobody", password: "wrong");
        for (var i = 0; i < 6; i++)
        {
            await ChangeAsync(browser, password: $"wrong {i}");
        }

        var locked = await ChangeAsync(browser);

        (wrong.Status, unknown.Status, locked.Status).ShouldBe((401, 401, 401));
        Neutral(unknown.Text).Replace("nobody", "alice", StringComparison.Ordinal).ShouldBe(Neutral(wrong.Text));
        Neutral(locked.Text).ShouldBe(Neutral(wrong.Text));
        _alice.Password.ShouldBe(PortalBed.Right);
    }

    [Fact]
    public async Task SignedIn_FromTheAccountPage_ChangesAndIsSignedOut()
    {
        var browser = _bed.Browser();
        await browser.SignInAsync();
        (await browser.GetAsync("/.agw/account")).Text.ShouldContain("href=\"/.agw/password\"");
        var form = await browser.GetAsync("/.agw/password");
        form.Text.ShouldContain("<input type=\"hidden\" name=\"name\" autocomplete=\"username\" value=\"alice\">");

        var done = await ChangeAsync(browser, name: "somebody-else");

        (done.Status, _alice.Password, browser.Session).ShouldBe((200, New, null));
        (await browser.GetAsync("/.agw/account")).Location.ShouldNotBeNull().ShouldStartWith("/.agw/sign-in");
    }

    [Fact]
    public async Task SignedInByThePasswordAlone_WithAnApp_ProvesTheAppFirst()
    {
        var app = await _bed.AddAppAsync();
        var browser = _bed.Browser();
        await browser.SignInAsync();

        (await browser.GetAsync("/.agw/password")).Location.ShouldBe("/.agw/factor?rd=%2F.agw%2Fpassword");
        (await ChangeAsync(browser)).Location.ShouldBe("/.agw/factor?rd=%2F.agw%2Fpassword");
        _alice.Password.ShouldBe(PortalBed.Right);

        (await browser.PostAsync("/.agw/factor?rd=%2F.agw%2Fpassword", ("code", _bed.Code(app)))).Location.ShouldBe("/.agw/password");
        await ChangeAsync(browser);
        _alice.Password.ShouldBe(New);
    }

    [Fact]
    public async Task NotSignedInThoughThePasswordServes_SignsInFirst()
    {
        var page = await ChangeAsync(_bed.Browser());

        (page.Status, _alice.Password).ShouldBe((200, PortalBed.Right));
        page.Text.ShouldContain("href=\"/.agw/sign-in?rd=%2F.agw%2Fpassword\"");
    }

    [Fact]
    public async Task Directory_RefusesTheNewOne_ItsWordsAreText()
    {
        _alice.State = AccountStates.PasswordExpired;
        _directory.Answer = new PasswordChange.Refused("policy", "<b>Too & short</b>");

        var page = await ChangeAsync(_bed.Browser());

        page.Status.ShouldBe(400);
        page.Text.ShouldContain("This new password was not accepted");
        page.Text.ShouldContain("&lt;b&gt;Too &amp; short&lt;/b&gt;");
        page.Text.ShouldNotContain(New);
    }

    [Theory]
    [InlineData("too-young", "changed only a short while ago")]
    [InlineData("too-short", "The new password is too short.")]
    [InlineData("too-long", "1 to 256 characters")]
    [InlineData("too-common", "tried first or were stolen")]
    [InlineData("login-name", "must not be your user name")]
    [InlineData("repeated", "one character repeated")]
    [InlineData("characters", "cannot be typed everywhere")]
    [InlineData("unchecked", "cannot be checked at the moment")]
    [InlineData("same", "is the current one")]
    [InlineData("not-allowed", "cannot be changed here")]
    [InlineData("locked", "is locked at the moment")]
    [InlineData("a word of tomorrow", "cannot be changed here")]
    public async Task Directory_RuleWord_HasASentence(string rule, string sentence)
    {
        _alice.State = AccountStates.MustChange;
        _directory.Answer = new PasswordChange.Refused(rule, null);

        (await ChangeAsync(_bed.Browser())).Text.ShouldContain(sentence);
    }

    [Theory]
    [InlineData("one", "two", "not typed the same way twice")]
    [InlineData("", "", "1 to 256 characters")]
    [InlineData(PortalBed.Right, PortalBed.Right, "Choose another")]
    public async Task NewPassword_Unfit_IsToldBeforeAnybodyIsAsked(string first, string second, string sentence)
    {
        var browser = _bed.Browser();
        var page = await browser.PostAsync("/.agw/password", ("name", "alice"), ("password", PortalBed.Right), ("new", first), ("repeat", second));

        (page.Status, _directory.Changes).ShouldBe((400, 0));
        page.Text.ShouldContain(sentence);
    }

    [Fact]
    public async Task Outside_WhereOnlyInsideIsAllowed_SaysWhere()
    {
        _bed.PasswordChangeFrom = "10.0.0.0/8";
        _alice.State = AccountStates.MustChange;
        var outside = _bed.Browser(PortalBed.Outside);

        var page = await outside.SignInAsync();
        page.Status.ShouldBe(403);
        page.Text.ShouldContain("from the network of your organisation only");
        (await outside.GetAsync("/.agw/password")).Status.ShouldBe(403);
        (await ChangeAsync(outside)).Status.ShouldBe(403);
        _alice.Password.ShouldBe(PortalBed.Right);
        (await ChangeAsync(_bed.Browser())).Status.ShouldBe(200);
        _alice.Password.ShouldBe(New);
    }

    [Fact]
    public async Task BackendWithoutNewPasswords_HasNoSuchPage()
    {
        _bed.Directory = null;
        (await _bed.Browser().GetAsync("/.agw/password")).Status.ShouldBe(404);
        var browser = _bed.Browser();
        await browser.SignInAsync();

        (await browser.GetAsync("/.agw/account")).Text.ShouldNotContain("/.agw/password");
        (await browser.GetAsync("/.agw/password")).Text.ShouldContain("cannot be changed here");
    }

    [Fact]
    public async Task Notice_AfterSigningIn_IsShownOnceWithAWayOn()
    {
        _alice.Notice = new PasswordNotice(2, null);
        var browser = _bed.Browser();

        var signedIn = await browser.SignInAsync("/files/");
        signedIn.Location.ShouldBe("/.agw/password?rd=%2Ffiles%2F");
        var page = (await browser.GetAsync(signedIn.Location!)).Text;
        page.ShouldContain("Sign-ins left with it: 2.");
        page.ShouldContain("<a href=\"/files/\">Later</a>");
        (await browser.GetAsync("/.agw/account")).Text.ShouldContain("Sign-ins left with it: 2.");
    }

    [Fact]
    public async Task Notice_AfterACode_IsShownToo()
    {
        var app = await _bed.AddAppAsync();
        _alice.Notice = new PasswordNotice(null, TimeSpan.FromDays(3));
        var browser = _bed.Browser();
        await browser.SignInAsync("/owa/");

        (await browser.PostAsync("/.agw/factor?rd=%2Fowa%2F", ("code", _bed.Code(app)))).Location.ShouldBe("/.agw/password?rd=%2Fowa%2F");
        (await browser.GetAsync("/.agw/password?rd=%2Fowa%2F")).Text.ShouldContain("Your password expires on 2026-03-17.");
    }

    [Fact]
    public async Task Contact_OlderThanAllowed_IsNoLongerShown()
    {
        var browser = _bed.Browser();
        await browser.SignInAsync();
        var page = (await browser.GetAsync("/.agw/account")).Text;
        page.ShouldContain("Signed in as ALICE on");
        page.ShouldContain("alice@example.com");

        for (var i = 0; i < 44; i++)
        {
            _bed.Clock.Advance(TimeSpan.FromMinutes(15));
            await browser.GetAsync("/.agw/account");
        }

        // Eleven hours in, the session is alive, and so is the contact; a table with a shorter age forgets it.
        (await browser.GetAsync("/.agw/account")).Text.ShouldContain("alice@example.com");
        _bed.ContactMaxAge = TimeSpan.FromHours(10);
        var old = (await browser.GetAsync("/.agw/account")).Text;
        old.ShouldContain("Signed in as alice on");
        old.ShouldNotContain("alice@example.com");
    }

    [Fact]
    public async Task ForeignForm_IsNotRead()
    {
        _alice.State = AccountStates.MustChange;
        var browser = _bed.Browser();
        await browser.GetAsync("/.agw/password");
        var body = PortalBrowser.Encode([("form", "x"), ("name", "alice"), ("password", PortalBed.Right), ("new", New), ("repeat", New)]);

        (await browser.SendAsync("POST", "/.agw/password", body, [("Origin", "https://evil.test")])).Status.ShouldBe(403);
        (await browser.SendAsync("POST", "/.agw/password", body, [("Origin", $"https://{PortalBed.Host}")])).Status.ShouldBe(403);
        _alice.Password.ShouldBe(PortalBed.Right);
    }

    private static Task<PortalAnswer> ChangeAsync(PortalBrowser browser, string target = "/.agw/password", string name = "alice", string password = PortalBed.Right) =>
        browser.PostAsync(target, ("name", name), ("password", password), ("new", New), ("repeat", New));

    private static string Neutral(string page) => System.Text.RegularExpressions.Regex.Replace(page, "(nonce|value)=\"[^\"]{20,}\"", "");
}
