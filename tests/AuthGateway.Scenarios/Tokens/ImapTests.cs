using System.Text;
using System.Text.Json;
using AuthGateway.Scenarios.SignIn;
using AuthGateway.Scenarios.Support;
using AuthGateway.TestKit.Gateway;

namespace AuthGateway.Scenarios.Tokens;

/// <summary>Single sign-on into Dovecot's IMAP, by way of SOGo and by hand: nobody but the directory ever learns a password.</summary>
[Collection(TokenGroup.Name)]
public sealed class ImapTests(TokenGateway gateway)
{
    private const string Inbox = "/SOGo/so/{0}/Mail/0/folderINBOX/view";

    private static readonly (string, string) Browser = ("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0");

    [Fact]
    public async Task Password_and_code_of_an_app_open_the_inbox_in_SOGo()
    {
        using var person = gateway.Outside();
        var page = await person.SignInAsync("/SOGo/", "carol", "carol-pw");
        page = await person.OpenAsync(person.Local(page.Location!));
        var seed = SignInGateway.SeedOf(page);
        page = await person.SubmitAsync(page, ("one-time-code", await SignInGateway.CodeAsync(seed, -1)));
        page.Status.ShouldBe(200, page.Answer.ToString());

        await OpensInboxAsync("carol", person);
        gateway.Process.Errors.ShouldNotContain("agwt1-");
    }

    [Fact]
    public async Task A_ticket_alone_opens_the_inbox_where_no_password_was_ever_typed()
    {
        using var program = gateway.Client(null);
        var before = Dovecot().Length;
        var answer = await program.SendAsync(
            "POST", string.Format(null, Inbox, "alice"), Json(), Browser, ("Sec-Fetch-Site", "same-origin"), ("Authorization", Tickets.Header("alice", "alice-pw")));
        answer.Status.ShouldBe(200, answer.ToString());
        Subjects(answer).ShouldBeGreaterThan(0, "alice's inbox has a message from the start");
        Dovecot()[before..].ShouldContain("imap-login: Info: Login: user=<alice>");
    }

    [Fact]
    public async Task A_Basic_login_reaches_SOGo_as_a_token_too()
    {
        using var program = gateway.Client("alice");
        var answer = await program.SendAsync("POST", string.Format(null, Inbox, "alice"), Json(), Browser, ("Sec-Fetch-Site", "same-origin"));
        answer.Status.ShouldBe(200, answer.ToString());
        Subjects(answer).ShouldBeGreaterThan(0);

        var path = $"/shown/{Guid.NewGuid():N}";
        (await program.GetAsync(path)).Status.ShouldBe(200);
        gateway.Shown(path).Token.ShouldStartWith("agwt1-");
        var password = Convert.ToBase64String(Encoding.UTF8.GetBytes("alice:alice-pw"));
        gateway.Echo.Requests.ShouldNotContain(request => request.Text.Contains(password, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_same_token_logs_in_to_IMAP_until_its_session_is_signed_out()
    {
        using var person = await gateway.SignedInAsync("lock6");
        var (login, token) = await gateway.ShownToAsync(person);
        login.ShouldBe("lock6");
        (await gateway.ShownToAsync(person)).Token.ShouldBe(token, "what an upstream remembers of it stays useful");
        (await TokenGateway.ImapLoginAsync("lock6", token)).ShouldStartWith("OK");
        (await TokenGateway.ImapLoginAsync("LOCK6@bed.test", token)).ShouldStartWith("OK", customMessage: "another name of his");
        (await TokenGateway.ImapLoginAsync("alice", token)).ShouldStartWith("NO", customMessage: "somebody else");

        await person.SubmitAsync(await person.GetAsync("/.agw/sign-out"));
        for (var i = 0; i < 12; i++)
        {
            (await TokenGateway.ImapLoginAsync("lock6", token)).ShouldStartWith("NO");
        }

        // Two more than the directory bears: none of them was tried as a password there.
        (await FailuresInDirectoryAsync("lock6")).ShouldBe(0);
        (await FailuresInDirectoryAsync("alice")).ShouldBe(0);
        (await TokenGateway.ImapLoginAsync("lock6", "lock6-pw")).ShouldStartWith("OK", customMessage: "his own password is none of the gateway's business");
    }

    [Fact]
    public async Task A_revoked_session_takes_its_token_along()
    {
        using var person = await gateway.SignedInAsync("bob");
        var (_, token) = await gateway.ShownToAsync(person);
        (await TokenGateway.ImapLoginAsync("bob", token)).ShouldStartWith("OK");
        (await gateway.Process.RunCliAsync(["session", "revoke", "--user", "bob"])).ExitCode.ShouldBe(0);
        (await Deadline.PollAsync(TimeSpan.FromSeconds(10), async () => (await TokenGateway.ImapLoginAsync("bob", token)).StartsWith("NO", StringComparison.Ordinal))).ShouldBeTrue();
    }

    private async Task OpensInboxAsync(string user, Person person)
    {
        var before = Dovecot().Length;
        var page = await person.SendAsync("POST", string.Format(null, Inbox, user), Json(), Browser, ("Sec-Fetch-Site", "same-origin"));
        page.Status.ShouldBe(200, page.Answer.ToString());
        JsonDocument.Parse(page.Text).RootElement.TryGetProperty("headers", out _).ShouldBeTrue(page.Text);
        Dovecot()[before..].ShouldContain($"imap-login: Info: Login: user=<{user}>");
    }

    private static int Subjects(Answer answer) => JsonDocument.Parse(answer.Text).RootElement.GetProperty("uids").GetArrayLength();

    private static StringContent Json() => new("{}", Encoding.UTF8, "application/json");

    private static string Dovecot() => File.ReadAllText(Path.Combine(Bed.Folder, "log", "dovecot.log"));

    private static async Task<int> FailuresInDirectoryAsync(string user)
    {
        var run = await ProgramRun.ExecuteAsync(
            "ldapsearch",
            ["-LLL", "-x", "-H", "ldap://127.0.0.1:3890", "-D", "cn=admin,dc=bed,dc=test", "-w", "adminpw", "-b", $"uid={user},ou=people,dc=bed,dc=test", "pwdFailureTime"]);
        run.ExitCode.ShouldBe(0, run.Error);
        return run.Output.Split('\n').Count(line => line.StartsWith("pwdFailureTime", StringComparison.Ordinal));
    }
}
