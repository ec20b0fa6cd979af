using AuthGateway.Scenarios.Support;

namespace AuthGateway.Scenarios.Groupware;

/// <summary>A browser before the SOGo that believes the gateway.</summary>
public sealed class WebmailTests(SogoGateway sogo) : IClassFixture<SogoGateway>
{
    private static readonly (string, string) Browser = ("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0");

    [Fact]
    public async Task Login_OpensOnesOwnPage()
    {
        using var browser = sogo.Web("alice");
        var entry = await browser.GetAsync("/SOGo/", Browser);
        entry.Status.ShouldBe(302, entry.ToString());
        entry.Header("Location").ShouldBeOneOf("/SOGo/alice", "https://mail.bed.test/SOGo/alice", "/SOGo/so/alice", "https://mail.bed.test/SOGo/so/alice");

        var page = await browser.GetAsync("/SOGo/so/alice/Mail/view", Browser);
        page.Status.ShouldBe(200);
        page.Text.ShouldContain("UserLogin = 'alice'");
    }

    [Fact]
    public async Task Mail_IsReadWithTheUsersPassword()
    {
        using var browser = sogo.Web("alice");
        var content = new StringContent("{}", System.Text.Encoding.UTF8, "application/json");
        var answer = await browser.SendAsync("POST", "/SOGo/so/alice/Mail/0/folderINBOX/view", content, Browser);
        answer.Status.ShouldBe(200, answer.ToString());
    }

    [Fact]
    public async Task NobodysPage_IsNotToBeHad()
    {
        using var browser = sogo.Web();
        var answer = await browser.GetAsync("/SOGo/so/alice/Mail/view", Browser);
        answer.Status.ShouldBe(401);
        answer.Header("WWW-Authenticate").ShouldBe("Basic realm=\"Mail\", charset=\"UTF-8\"");
    }

    [Fact]
    public async Task WrongPassword_IsRefused_ThoughTheUpstreamWouldBelieveIt()
    {
        using var browser = sogo.Web("lock5:wrong");
        var answer = await browser.GetAsync("/SOGo/so/lock5/Mail/view", Browser);
        answer.Status.ShouldBe(401);
        (await sogo.ReasonAsync(answer)).ShouldBe("wrong-password");
    }

    [Fact]
    public async Task UserWithoutTheGroup_GetsAPageWithTheHelpdesk()
    {
        using var browser = sogo.Web("dave");
        var answer = await browser.GetAsync("/SOGo/", Browser, ("Accept", "text/html"));
        answer.Status.ShouldBe(403);
        answer.Header("Content-Type").ShouldBe("text/html; charset=utf-8");
        answer.Text.ShouldContain("extension 100");
        (await sogo.ReasonAsync(answer)).ShouldBe("not-in-group");
    }

    [Theory]
    [InlineData("x-webobjects-remote-user")]
    [InlineData("X_Webobjects_Remote_User")]
    [InlineData("X-WebObjects-Remote-User")]
    public async Task ForgedIdentity_HasNoEffect(string header)
    {
        using var browser = sogo.Web("alice");
        var page = await browser.GetAsync("/SOGo/so/bob/Mail/view", Browser, (header, "bob"));
        page.Text.ShouldNotContain("UserLogin = 'bob'");
        page = await browser.GetAsync("/SOGo/so/alice/Mail/view", Browser, (header, "bob"));
        if (header.Contains('_', StringComparison.Ordinal))
        {
            // A spelling that only forgers use is refused before anything else is looked at.
            page.Status.ShouldBe(400);
        }
        else
        {
            page.Text.ShouldContain("UserLogin = 'alice'");
        }

        // Without a login it is no login either.
        using var nobody = sogo.Web();
        (await nobody.GetAsync("/SOGo/so/bob/Mail/view", Browser, (header, "bob"))).Status.ShouldBeOneOf(400, 401);
    }

    [Fact]
    public async Task Identity_IsToldOnce_AndAsTheDirectoryWritesIt()
    {
        using var browser = new GatewayClient(sogo.Gateway, SogoGateway.EchoHost, null, "ALICE:alice-pw");
        var path = $"/SOGo/so/alice/{Guid.NewGuid():N}";
        (await browser.GetAsync(path, Browser, ("x-webobjects-remote-user", "frank"), ("x-webobjects-auth-type", "None"))).Status.ShouldBe(200);

        var seen = sogo.Echo.Requests.Single(request => request.Target == path);
        seen.Header("x-webobjects-remote-user").ShouldBe("alice");
        seen.Header("x-webobjects-auth-type").ShouldBe("Basic");
        seen.Header("x-webobjects-server-url").ShouldBe($"https://{SogoGateway.EchoHost}");
        seen.Header("x-webobjects-server-port").ShouldBe("443");
        seen.Text.ShouldNotContain("frank");
    }

    [Theory]
    [InlineData("/SOGo/dav/alice/Calendar/")]
    [InlineData("/SOGo/Microsoft-Server-ActiveSync")]
    [InlineData("/sogo/microsoft-server-activesync")]
    [InlineData("/SOGo/DAV/alice/")]
    [InlineData("/SOGo/SOGoAPI")]
    [InlineData("/SOGo/casProxy")]
    public async Task OpenWeb_DoesNotOpenDavOrPhones(string path)
    {
        var before = sogo.Echo.Count;
        using var browser = new GatewayClient(sogo.Gateway, SogoGateway.WebOnlyHost);
        var answer = await browser.GetAsync(path, Browser);
        answer.Status.ShouldBeOneOf(403, 404);
        (await sogo.ReasonAsync(answer)).ShouldBeOneOf("closed-path", "no-service");
        sogo.Echo.Requests.Skip(before).ShouldNotContain(request => request.Target == path);
    }

    [Fact]
    public async Task PhonesPathBelowSogo_IsClosedOnTheWebHost()
    {
        using var browser = sogo.Web("alice");
        var answer = await browser.SendAsync("OPTIONS", "/SOGo/Microsoft-Server-ActiveSync");
        answer.Status.ShouldBe(403);
        (await sogo.ReasonAsync(answer)).ShouldBe("closed-path");
    }

    [Fact]
    public async Task StaticFiles_NeedNoLogin()
    {
        using var browser = sogo.Web();
        var answer = await browser.GetAsync("/SOGo.woa/WebServerResources/css/styles.css", Browser);
        answer.Status.ShouldBe(200, answer.ToString());
        answer.Body.Length.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task Root_LeadsToSogo_AndNeverReachesIt()
    {
        using var browser = sogo.Web();
        var answer = await browser.GetAsync("/", Browser);
        answer.Status.ShouldBeOneOf(301, 302, 307, 308);
        answer.Header("Location").ShouldBe("https://mail.bed.test/SOGo/");
    }
}
