using System.Net;
using System.Net.WebSockets;
using AuthGateway.Scenarios.SignIn;
using AuthGateway.Scenarios.Support;
using AuthGateway.TestKit.Gateway;

namespace AuthGateway.Scenarios.Accounts;

/// <summary>Who is let in without being asked, and what becomes of it when the directory thinks otherwise. The gateway asks every ten seconds.</summary>
[Collection(AccountsGroup.Name)]
public sealed class AccountRefreshTests(AccountsGateway gateway)
{
    // The interval, and a word for a machine that is busy.
    private static readonly TimeSpan s_soon = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData("locked for good")]
    [InlineData("out of the group")]
    [InlineData("deleted")]
    public async Task Somebody_who_may_no_longer_log_in_loses_session_socket_and_cached_login(string how)
    {
        var login = await gateway.NewPersonAsync();
        using var browser = gateway.Browser();
        (await browser.SignInAsync("/files/", login, AccountsGateway.Password)).Status.ShouldBe(303);
        (await browser.GetAsync("/files/")).Status.ShouldBe(200);
        using var socket = await ConnectAsync(browser);
        using var phone = new GatewayClient(gateway.Process, AccountsGateway.Host, login: $"{login}:{AccountsGateway.Password}");
        (await phone.GetAsync("/files/")).Status.ShouldBe(200);

        switch (how)
        {
            case "locked for good":
                await AccountsGateway.ChangeAsync(AccountsGateway.Dn(login), "replace: pwdAccountLockedTime\npwdAccountLockedTime: 000001010000Z");
                break;
            case "out of the group":
                await AccountsGateway.ChangeAsync(gateway.Served, $"delete: member\nmember: {AccountsGateway.Dn(login)}");
                break;
            default:
                await AccountsGateway.DeleteAsync(AccountsGateway.Dn(login));
                break;
        }

        (await Deadline.PollAsync(s_soon, () => browser.IsSignedOutAsync("/files/"))).ShouldBeTrue();
        (await phone.GetAsync("/files/")).Status.ShouldBe(401, "the cached login would have served for two minutes");
        using var within = new CancellationTokenSource(s_soon);
        await Should.ThrowAsync<WebSocketException>(() => socket.ReceiveAsync(new ArraySegment<byte>(new byte[16]), within.Token));
        var record = await gateway.Process.AuditRecordAsync(_ => true, "--user", login, "--reason", "account-ended");
        record.GetProperty("detail").GetString().ShouldNotBeNull().ShouldContain(how == "locked for good" ? "locked; 1 session ended" : "no longer among those the backend serves; 1 session ended");
    }

    [Fact]
    public async Task A_role_lost_in_the_directory_closes_its_pages_and_a_role_won_opens_them_without_a_new_sign_in()
    {
        var login = await gateway.NewPersonAsync();
        using var browser = gateway.Browser();
        await browser.SignInAsync("/news/", login, AccountsGateway.Password);
        (await browser.GetAsync("/news/")).Status.ShouldBe(200);
        var session = browser.Session;

        await AccountsGateway.ChangeAsync(gateway.Editors, $"delete: member\nmember: {AccountsGateway.Dn(login)}");
        (await Deadline.PollAsync(s_soon, async () => (await browser.GetAsync("/news/")).Status == 403)).ShouldBeTrue();
        (await browser.GetAsync("/files/")).Status.ShouldBe(200);
        (await gateway.Process.AuditAsync("--user", login, "--reason", "not-in-role")).ShouldNotBeEmpty();

        await AccountsGateway.ChangeAsync(gateway.Editors, $"add: member\nmember: {AccountsGateway.Dn(login)}");
        (await Deadline.PollAsync(s_soon, async () => (await browser.GetAsync("/news/")).Status == 200)).ShouldBeTrue();
        browser.Session.ShouldBe(session);
    }

    [Fact]
    public async Task A_withdrawal_by_attribute_beats_the_grant_by_group()
    {
        var login = await gateway.NewPersonAsync("\nemployeeType: External");
        using var phone = new GatewayClient(gateway.Process, AccountsGateway.Host, login: $"{login}:{AccountsGateway.Password}");

        (await phone.GetAsync("/news/")).Status.ShouldBe(403);
        (await phone.GetAsync("/files/")).Status.ShouldBe(200);
    }

    [Fact]
    public async Task Backend_test_tells_what_the_directory_says_of_a_person()
    {
        var login = await gateway.NewPersonAsync();

        var run = await gateway.Process.RunCliAsync(["backend", "test", "ad", "--user", login]);

        run.ExitCode.ShouldBe(0, run.Error);
        run.Output.ShouldContain($"mail       {login}@bed.test");
        run.Output.ShouldContain("phone      +49 30 1234");
        run.Output.ShouldContain("roles      Editor");
        run.Output.ShouldContain("services   not limited by groups");
    }

    [Fact]
    public async Task The_audit_says_who_somebody_is_to_people_at_sign_in_refusal_and_end()
    {
        var login = await gateway.NewPersonAsync();
        using var browser = gateway.Browser();
        await browser.SignInAsync("/files/", login, "not her password");
        await browser.SignInAsync("/files/", login, AccountsGateway.Password);
        (await browser.GetAsync("/files/")).Status.ShouldBe(200);
        await AccountsGateway.DeleteAsync(AccountsGateway.Dn(login));
        (await Deadline.PollAsync(s_soon, () => browser.IsSignedOutAsync("/files/"))).ShouldBeTrue();

        await gateway.Process.AuditRecordAsync(_ => true, "--user", login, "--reason", "account-ended");

        // Her address, in whatever case, finds the same.
        var records = await gateway.Process.AuditAsync("--user", $"{login.ToUpperInvariant()}@bed.test");

        records.Select(record => record.GetProperty("reason").GetString()).Distinct(StringComparer.Ordinal).ShouldBe(["account-ended", "allowed", "wrong-password"]);
        foreach (var contact in records.Select(record => record.GetProperty("contact")))
        {
            contact.GetProperty("displayName").GetString().ShouldNotBeNull().ShouldStartWith("Person Number ");
            (contact.GetProperty("mail").GetString(), contact.GetProperty("phone").GetString()).ShouldBe(($"{login}@bed.test", "+49 30 1234"));
        }

        var shown = await gateway.Process.RunCliAsync(["audit", "search", "--user", login]);
        shown.Output.ShouldEndWith($"mail      {login}@bed.test\nphone     +49 30 1234\n");
    }

    [Fact]
    public async Task The_account_page_shows_name_and_mail_of_the_directory()
    {
        var login = await gateway.NewPersonAsync();
        using var browser = gateway.Browser();
        await browser.SignInAsync("/.agw/account", login, AccountsGateway.Password);

        var page = (await browser.OpenAsync("/.agw/account")).Text;
        page.ShouldContain("Signed in as Person Number ");
        page.ShouldContain($"{login}@bed.test");
    }

    private static async Task<ClientWebSocket> ConnectAsync(Person person)
    {
        var socket = new ClientWebSocket();
        socket.Options.HttpVersion = HttpVersion.Version11;
        socket.Options.SetRequestHeader("Origin", $"https://{AccountsGateway.Host}");
        socket.Options.SetRequestHeader("Cookie", $"__Host-agw={person.Session}");
        await socket.ConnectAsync(new Uri($"wss://{AccountsGateway.Host}/files/ws"), person.Invoker, CancellationToken.None);
        return socket;
    }
}
