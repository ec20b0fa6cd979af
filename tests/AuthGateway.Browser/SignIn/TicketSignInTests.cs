using AuthGateway.Browser.Support;
using AuthGateway.TestKit.Gateway;
using Microsoft.Playwright;

namespace AuthGateway.Browser.SignIn;

/// <summary>A browser on a computer that is logged in to the domain: the web mail opens by ticket.</summary>
[Collection(BrowserCollection.Name)]
public sealed class TicketSignInTests(BrowserFixture browser) : IAsyncLifetime
{
    private const string ByTicket = "a[href^='/.agw/ticket']";

    private GatewayProcess? _gateway;

    private GatewayProcess Gateway => _gateway ?? throw new InvalidOperationException("The gateway has not been started.");

    public async Task InitializeAsync()
    {
        await Bed.EnsureServiceAsync("krb5");
        _gateway = await GatewayProcess.StartAsync(new GatewaySetup
        {
            Configuration = Sample.Configuration(gateway =>
            {
                gateway["Policies"]!["domain"] = Sample.Node("""{ "Groups": ["mailusers"], "Factors": ["password|kerberos"] }""");
                gateway["Services"]!["webmail"]!["Rules"] = Sample.Node("""[{ "Policy": "domain" }]""");
                gateway["Services"]!["webmail"]!["Identity"] = "header";
                gateway["Kerberos"] = Sample.Node("""{ "Realms": { "BED.TEST": { "KeytabFile": "pki/http.keytab" } }, "From": ["inside"] }""");
            }),
            Prepare = state =>
            {
                var keytab = Path.Combine(state, "pki", "http.keytab");
                File.Copy(Bed.Kerberos("http.keytab"), keytab);
                File.SetUnixFileMode(keytab, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            },
        });
        var cache = Path.Combine(Gateway.State, "alice.cc");
        var kinit = await ProgramRun.ExecuteAsync("env", [$"KRB5_CONFIG={Bed.Kerberos("krb5.conf")}", $"KRB5CCNAME=FILE:{cache}", "kinit", "alice@BED.TEST"], "alice-pw\n");
        kinit.ExitCode.ShouldBe(0, kinit.Error);
    }

    public async Task DisposeAsync()
    {
        if (_gateway is not null)
        {
            await _gateway.DisposeAsync();
        }
    }

    [Fact]
    public async Task Inside_TheTicketOpensTheMail()
    {
        await using var visit = await OpenMemberAsync(Visitor.Inside);
        await visit.Page.GotoAsync($"{Steps.Mail}/SOGo/");
        await visit.ShouldBeSoundAsync("en");
        await Screenshots.SaveAsync(visit.Page, "sign-in-ticket");
        await visit.Page.Locator(ByTicket).ClickAsync();

        // On Linux the browser loads the Kerberos library only once a server has asked for a ticket: the first time in a profile none is sent.
        await visit.Page.ShouldBeHeadedAsync("Your browser sent no ticket.");
        await visit.Page.Locator(ByTicket + ":not([lang])").ClickAsync();

        // The name server that is not there takes its time.
        await visit.Page.WaitForURLAsync("**/SOGo/so/alice/**", new PageWaitForURLOptions { Timeout = 40_000 });
        (await visit.Context.CookiesAsync()).ShouldContain(cookie => cookie.Name == "__Host-agw");
        await visit.Page.GotoAsync($"{Steps.Mail}/.agw/account");
        (await visit.Page.ContentAsync()).ShouldContain("alice");
        (await Gateway.AuditRecordAsync(record => record.GetProperty("event").GetString() == "sign-in", "--user", "alice")).GetProperty("factors").GetString().ShouldBe("kerberos");
    }

    [Fact]
    public async Task BrowserWithoutATicket_IsToldWhatToDo()
    {
        await using var visit = await browser.OpenAsync(Gateway, Visitor.Inside);
        await visit.Page.GotoAsync($"{Steps.Mail}/SOGo/");
        await visit.Page.Locator(ByTicket).ClickAsync();
        await visit.Page.ShouldBeHeadedAsync("Your browser sent no ticket.");
        await visit.ShouldBeSoundAsync("en");
        await Screenshots.SaveAsync(visit.Page, "no-ticket");
        await visit.Page.Locator("a.button").ClickAsync();
        await visit.Page.TypePasswordAsync("alice");
        await visit.Page.WaitForURLAsync("**/SOGo/so/alice/**");
    }

    [Fact]
    public async Task Outside_NoTicketIsAskedFor()
    {
        await using var visit = await OpenMemberAsync(Visitor.Outside);
        await visit.Page.GotoAsync($"{Steps.Mail}/SOGo/");
        (await visit.Page.Locator(ByTicket).CountAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task PictureOfTheTicketPage_MakesNoSession()
    {
        await using var visit = await OpenMemberAsync(Visitor.Inside);
        await visit.Page.GotoAsync($"{Steps.Mail}/SOGo/");

        // From the second time on the browser would send a ticket, so it is no want of one that keeps the picture from making a session.
        await visit.Page.Locator(ByTicket).ClickAsync();
        await visit.Page.ShouldBeHeadedAsync("Your browser sent no ticket.");
        var answered = visit.Page.WaitForResponseAsync(response => response.Url.Contains("/.agw/ticket", StringComparison.Ordinal) && response.Request.ResourceType == "image");
        await visit.Page.EvaluateAsync("() => { new Image().src = '/.agw/ticket?rd=%2FSOGo%2F'; }");
        (await answered).Status.ShouldBe(403);
        (await visit.Context.CookiesAsync()).ShouldNotContain(cookie => cookie.Name == "__Host-agw");
    }

    /// <summary>The browser of a computer where alice has logged in to the domain.</summary>
    private Task<BrowserVisit> OpenMemberAsync(Visitor visitor) => browser.OpenProfileAsync(
        Gateway,
        visitor,
        Path.Combine(Gateway.State, $"profile-{Guid.NewGuid():N}"),
        ["--auth-server-allowlist=*.bed.test"],
        new Dictionary<string, string>(StringComparer.Ordinal) { ["KRB5_CONFIG"] = Bed.Kerberos("krb5.conf"), ["KRB5CCNAME"] = $"FILE:{Path.Combine(Gateway.State, "alice.cc")}" });
}
