using AuthGateway.Core.Backends;
using AuthGateway.Core.Identities;
using AuthGateway.Tests.Core.Backends;

namespace AuthGateway.Tests.Web.Portal.ActFor;

/// <summary>Carol is in a group that may act for users of the domain on <c>/files</c>, from inside.</summary>
public sealed class ActForPageTests
{
    private const string Page = "/.agw/act-for";

    private readonly PortalBed _bed = new();
    private readonly PeopleBackend _people = new("ad");

    public ActForPageTests()
    {
        _bed.Directory = _people;
        _people.Add("carol", "pw", "postmasters");
        _people.Add("grace", "pw", "postmasters");
        _people.Add("bob", "pw");
        _people.Add("anna", "pw");
        _bed.Acting.Grants.Add(new() { Groups = ["postmasters"], Domains = ["example.com"], Services = ["files"], Networks = ["office"] });
    }

    [Fact]
    public async Task Page_Off_DoesNotExist()
    {
        _bed.Acting.Grants.Clear();
        var browser = await SignedInAsync("carol");

        var answer = await browser.GetAsync(Page);

        (answer.Status, answer.Text.Contains("There is nothing at this address.", StringComparison.Ordinal)).ShouldBe((404, true));
        (await browser.PostAsync(Page, ("target", "anna"), ("reason", "x"))).Status.ShouldBe(404);
        (await browser.GetAsync("/.agw/account")).Text.ShouldNotContain(Page);
    }

    [Fact]
    public async Task Page_NobodySignedIn_LeadsThereAndBack()
    {
        var answer = await _bed.Browser().GetAsync(Page);

        (answer.Status, answer.Location).ShouldBe((302, "/.agw/sign-in?rd=%2F.agw%2Fact-for"));
        var browser = _bed.Browser();
        (await browser.SignInAsync(Page, "pw", "carol")).Location.ShouldBe(Page);
    }

    [Theory]
    [InlineData("bob", PortalBed.Inside)]
    [InlineData("anna", PortalBed.Inside)]
    [InlineData("carol", PortalBed.Outside)]
    public async Task Page_NoRight_IsRefused(string user, string address)
    {
        var browser = await SignedInAsync(user, address);

        (await browser.GetAsync(Page)).Status.ShouldBe(403);
        (await browser.PostAsync(Page, ("target", "anna"), ("reason", "x"))).Status.ShouldBe(403);
        (await browser.GetAsync("/.agw/account")).Text.ShouldNotContain(Page);
        _bed.Sessions.All().ShouldAllBe(session => session.ActsFor == null);
    }

    [Theory]
    [InlineData("en", "Act for another user", "Back to myself", "Acting for ANNA")]
    [InlineData("de", "Für eine andere Person handeln", "Zurück zu mir", "Sie handeln für ANNA")]
    public async Task Page_HolderOfTheRight_ActsAndComesBack(string language, string title, string back, string banner)
    {
        var browser = await SignedInAsync("carol");
        browser.Language = language;
        (await browser.GetAsync("/.agw/account")).Text.ShouldContain($"<a href=\"{Page}\">{title}</a>");
        var form = await browser.GetAsync(Page);
        form.Text.ShouldContain($"<h1>{title}</h1>");
        form.Text.ShouldNotContain("anna", Case.Insensitive, "nobody is listed");
        form.Text.ShouldContain("<label for=\"target\">");
        form.Text.ShouldContain("aria-describedby=\"reason-hint\"");
        var own = browser.Session;

        var begun = await browser.PostAsync(Page, ("target", " anna "), ("reason", "ticket 17"));

        (begun.Status, begun.Location, begun.Headers["Clear-Site-Data"].ToString()).ShouldBe((303, Page, "\"cache\", \"storage\""));
        string.Equals(browser.Session, own, StringComparison.Ordinal).ShouldBeFalse();
        foreach (var path in (string[])[Page, "/.agw/account", "/.agw/sign-out", "/.agw/sign-in?again=1", "/.agw/nowhere"])
        {
            var shown = await browser.GetAsync(path);
            shown.Text.ShouldContain($"<strong>{banner}</strong>", customMessage: path);
            shown.Text.ShouldContain($">{back}</button>", customMessage: path);
        }

        var ended = await browser.PostAsync(Page + "/end");
        (ended.Status, ended.Location).ShouldBe((303, "/.agw/account"));
        (await browser.GetAsync("/.agw/account")).Text.ShouldNotContain("class=\"acting\"");
        _bed.Audit.Records.Where(record => record.ActedBy?.Login == "carol").Select(record => (record.Reason, record.Identity)).ShouldBe(
            [("act-for-begun", "ad:id-anna"), ("act-for-ended", "ad:id-anna")]);
    }

    [Fact]
    public async Task Page_WhileActing_TheAccountIsStillHisOwn()
    {
        var browser = await ActingAsync();

        (await browser.GetAsync("/.agw/account")).Text.ShouldContain("Signed in as CAROL on");
        await browser.PostAsync("/.agw/account/revoke-others");
        _bed.Sessions.All().ShouldHaveSingleItem().User.Login.ShouldBe("carol");
        (await browser.PostAsync(Page, ("target", "bob"), ("reason", "x"))).Text.ShouldContain("You are acting for ANNA");
        _bed.Sessions.All().ShouldHaveSingleItem().ActsFor!.Login.ShouldBe("anna");
    }

    [Theory]
    [InlineData("nobody")]
    [InlineData("grace")]
    [InlineData("carol")]
    [InlineData("anna*carol")]
    [InlineData("an\tna")]
    public async Task Page_SomebodyHeMayNot_ReadsAlike(string target)
    {
        var browser = await SignedInAsync("carol");

        var answer = await browser.PostAsync(Page, ("target", target), ("reason", "ticket <17>"));

        (answer.Status, answer.Text.Contains("You cannot act for this user here.", StringComparison.Ordinal)).ShouldBe((403, true));
        answer.Text.ShouldContain("value=\"ticket &lt;17&gt;\"");
        answer.Text.ShouldContain("role=\"alert\"");
    }

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("long")]
    public async Task Page_WithoutReason_AsksForOne(string reason)
    {
        var browser = await SignedInAsync("carol");

        (await browser.PostAsync(Page, ("target", "anna"), ("reason", reason == "long" ? new string('x', 201) : reason))).Status.ShouldBe(400);
        _bed.Sessions.All().ShouldHaveSingleItem().ActsFor.ShouldBeNull();
    }

    [Fact]
    public async Task Page_ProofTooOld_AsksForItAgain()
    {
        var browser = await SignedInAsync("carol");
        _bed.Clock.Advance(TimeSpan.FromSeconds(301));

        const string Again = "/.agw/sign-in?rd=%2F.agw%2Fact-for&again=1";
        (await browser.GetAsync(Page)).Location.ShouldBe(Again);
        (await browser.PostAsync(Page, ("target", "anna"), ("reason", "x"))).Location.ShouldBe(Again);
        (await browser.PostAsync(Again, ("name", "carol"), ("password", "pw"))).Location.ShouldBe(Page);
        (await browser.PostAsync(Page, ("target", "anna"), ("reason", "x"))).Status.ShouldBe(303);
        _bed.Sessions.All().ShouldHaveSingleItem().ActsFor!.Login.ShouldBe("anna");
    }

    [Fact]
    public async Task Page_EnrolledApp_AsksForItsCode()
    {
        _bed.User = _people.People["carol"].Identity;
        var app = await _bed.AddAppAsync();
        var browser = await SignedInAsync("carol");

        const string Code = "/.agw/factor?rd=%2F.agw%2Fact-for";
        (await browser.GetAsync(Page)).Location.ShouldBe(Code);
        (await browser.PostAsync(Page, ("target", "anna"), ("reason", "x"))).Location.ShouldBe(Code);
        (await browser.PostAsync(Code, ("code", _bed.Code(app)))).Location.ShouldBe(Page);
        (await browser.PostAsync(Page, ("target", "anna"), ("reason", "x"))).Status.ShouldBe(303);
    }

    [Fact]
    public async Task Page_FormOfAnotherSite_DoesNothing()
    {
        var browser = await SignedInAsync("carol");
        var body = PortalBrowser.Encode([("form", browser.Cookies["__Host-agw-form"]), ("target", "anna"), ("reason", "x")]);

        (await browser.SendAsync("POST", Page, body, [("Origin", "https://evil.test"), ("Sec-Fetch-Site", "cross-site")])).Status.ShouldBe(403);
        (await browser.SendAsync("POST", Page, PortalBrowser.Encode([("target", "anna"), ("reason", "x")]), [("Origin", $"https://{PortalBed.Host}"), ("Sec-Fetch-Site", "same-origin")])).Status.ShouldBe(403);
        _bed.Sessions.All().ShouldHaveSingleItem().ActsFor.ShouldBeNull();
        (await browser.GetAsync(Page + "/end")).Location.ShouldBe(Page);
    }

    [Fact]
    public async Task Page_RightGoneWhileActing_StillLeadsBack()
    {
        var browser = await ActingAsync();
        _bed.Acting.Grants.Clear();

        (await browser.GetAsync(Page)).Text.ShouldContain("Back to myself");
        (await browser.PostAsync(Page + "/end")).Status.ShouldBe(303);
        _bed.Sessions.All().ShouldHaveSingleItem().ActsFor.ShouldBeNull();
    }

    [Fact]
    public async Task Page_EvilNames_AreNeverMarkup()
    {
        var anna = _people.People["anna"];
        anna.Identity = new UserIdentity("ad", "id-anna", "anna", "anna@example.com", "<script>alert(1)</script>", [], []);
        var browser = await ActingAsync();

        (await browser.GetAsync(Page)).Text.ShouldNotContain("<script>alert");
    }

    private async Task<PortalBrowser> SignedInAsync(string user, string address = PortalBed.Inside)
    {
        var browser = _bed.Browser(address);
        (await browser.SignInAsync("/files/", "pw", user)).Status.ShouldBe(303);
        return browser;
    }

    private async Task<PortalBrowser> ActingAsync()
    {
        var browser = await SignedInAsync("carol");
        (await browser.PostAsync(Page, ("target", "anna"), ("reason", "ticket 17"))).Status.ShouldBe(303);
        return browser;
    }
}
