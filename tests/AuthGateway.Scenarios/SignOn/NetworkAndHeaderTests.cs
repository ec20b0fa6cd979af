using AuthGateway.Scenarios.Attacks;
using AuthGateway.Scenarios.SignIn;
using AuthGateway.TestKit.Gateway;

namespace AuthGateway.Scenarios.SignOn;

/// <summary>A name from a trusted network, and the word of a trusted forwarder.</summary>
[Collection(SignOnGroup.Name)]
public sealed class NetworkAndHeaderTests(SignOnGateway gateway)
{
    private const string Inside = "127.0.0.88";
    private const string Outside = "127.200.0.88";

    private static readonly AttackRequest Kix = new("GET", SignOnGateway.Mail, "/kix/");

    [Theory]
    [InlineData("bob", "bob")]
    [InlineData("BOB", "bob")]
    [InlineData("lock3", "lock3")]
    public async Task A_listed_name_comes_in_from_the_network_without_a_password(string typed, string login)
    {
        using var person = gateway.Person(Inside);
        var page = await NameAsync(person, "/kiosk/", typed);
        (page.Status, page.Location).ShouldBe((303, "/kiosk/"));
        (await person.GetAsync("/kiosk/")).Status.ShouldBe(200);
        gateway.Echo.Requests[^1].All("X-Remote-User").ShouldBe([login]);
    }

    [Theory]
    [InlineData("alice")]
    [InlineData("bob2")]
    [InlineData("xbob")]
    [InlineData("bob@bed.test")]
    [InlineData("lock")]
    [InlineData("lock33")]
    [InlineData("bob\n")]
    [InlineData("*")]
    [InlineData("")]
    public async Task No_other_name_does(string typed)
    {
        using var person = gateway.Person(Inside);
        var page = await NameAsync(person, "/kiosk/", typed);
        if (typed == "bob\n")
        {
            // Blanks around a name are no part of it, as on the form with a password.
            page.Status.ShouldBe(303);
            return;
        }

        (page.Status, person.Session).ShouldBe((401, null));
    }

    [Fact]
    public async Task Outside_the_name_is_neither_asked_for_nor_taken()
    {
        using var person = gateway.Person(Outside);
        var form = await person.OpenAsync("/kiosk/");
        form.Text.ShouldNotContain("only-name");
        var page = await person.PostAsync("/.agw/sign-on?rd=%2Fkiosk%2F", Fields(form, "network", "bob"));
        (page.Status, person.Session).ShouldBe((303, null));
        page.Location.ShouldBe("/.agw/sign-in?rd=%2Fkiosk%2F");
    }

    [Theory]
    [InlineData("token")]
    [InlineData("another site")]
    public async Task The_name_is_taken_from_our_own_form_only(string fault)
    {
        using var person = gateway.Person(Inside);
        var fields = Fields(await person.OpenAsync("/kiosk/"), "network", "bob");
        if (fault == "token")
        {
            fields["form"] = new string('A', 43);
        }

        var page = fault == "token"
            ? await person.PostAsync("/.agw/sign-on?rd=%2Fkiosk%2F", fields)
            : await person.PostAsync("/.agw/sign-on?rd=%2Fkiosk%2F", fields, ("Sec-Fetch-Site", "cross-site"));
        (page.Status, person.Session).ShouldBe((403, null));
    }

    [Fact]
    public async Task A_name_alone_opens_no_other_service_no_account_and_no_factor()
    {
        using var person = gateway.Person(Inside);
        await NameAsync(person, "/kiosk/", "bob");
        (await person.GetAsync("/mail/")).Location.ShouldBe("/.agw/sign-in?rd=%2Fmail%2F&again=1");
        (await person.GetAsync("/.agw/account")).Location.ShouldNotBeNull().ShouldStartWith("/.agw/sign-in");
        (await person.GetAsync("/.agw/enrol")).Text.ShouldNotContain("otpauth");
    }

    [Fact]
    public async Task The_policy_s_other_factors_are_still_asked_for()
    {
        using var person = gateway.Person(Inside);
        (await NameAsync(person, "/kiosk-two/", "bob")).Location.ShouldNotBeNull().ShouldStartWith("/.agw/");
        (await person.GetAsync("/kiosk-two/")).Status.ShouldBe(302);
        (await person.GetAsync("/.agw/enrol")).Text.ShouldNotContain("otpauth", Case.Sensitive, "a name alone enrols no app");
    }

    [Fact]
    public async Task Basic_with_an_empty_password_stays_refused()
    {
        (await gateway.SendAsync(HttpVersion.Http1, new AttackRequest("GET", SignOnGateway.Mail, "/kiosk/").As("bob", ""), source: Inside)).Status.ShouldBe(401);
        (await gateway.SendAsync(HttpVersion.Http1, new AttackRequest("GET", SignOnGateway.Mail, "/kiosk/").As("bob", "anything"), source: Inside)).Status.ShouldBe(401);
    }

    /// <summary>Who sends it, what is sent, what comes of it.</summary>
    public static TheoryData<HttpVersion, string, string, int, string> Headers
    {
        get
        {
            var table = new TheoryData<HttpVersion, string, string, int, string>();
            foreach (var version in new[] { HttpVersion.Http1, HttpVersion.Http2 })
            {
                table.Add(version, "forwarder", "X-KIX-User: alice", 200, "alice");
                table.Add(version, "forwarder", "x-kix-user: ALICE", 200, "alice");
                table.Add(version, "forwarder", "X-KIX-User: alice@bed.test", 200, "alice");
                table.Add(version, "forwarder", "X-KIX-User: alice|Authorization: Basic alice:wrong", 200, "alice");
                table.Add(version, "forwarder", "X-KIX-User: alice|Authorization: Basic bob:bob-pw", 403, "identity-mismatch");
                table.Add(version, "forwarder", "X-KIX-User: alice|X-KIX-User: alice", 403, "header-not-trusted");
                table.Add(version, "forwarder", "X-KIX-User: alice|X-KIX-User: bob", 403, "header-not-trusted");
                table.Add(version, "forwarder", "X-KIX-User: *", 403, "header-not-trusted");
                table.Add(version, "forwarder", "X-KIX-User: ali#ce", 403, "header-not-trusted");
                table.Add(version, "forwarder", "X-KIX-User: nobody", 401, "unknown-user");
                table.Add(version, "forwarder", "X-KIX-User: ", 401, "");
                table.Add(version, "forwarder", "X_KIX_User: alice", 400, "bad-request");
                table.Add(version, "forwarder", "X-KIX-User: alice|X_KIX_USER: bob", 400, "bad-request");
                table.Add(version, "forwarder", "X-Remote-User: alice", 401, "");
                table.Add(version, "elsewhere", "X-KIX-User: alice", 401, "");
                table.Add(version, "elsewhere", "X-KIX-User: alice|X-Forwarded-For: 127.0.0.201", 401, "");
                table.Add(version, "elsewhere", "X-KIX-User: bob|Authorization: Basic alice:alice-pw", 200, "alice");
                table.Add(version, "elsewhere", "X_KIX_User: alice", 400, "bad-request");
            }

            return table;
        }
    }

    [Theory]
    [MemberData(nameof(Headers))]
    public async Task The_header_is_believed_from_the_forwarder_and_goes_no_further(HttpVersion version, string sender, string lines, int status, string outcome)
    {
        var request = Kix;
        foreach (var line in lines.Split('|'))
        {
            var (name, value) = (line.Split(": ")[0], line[(line.IndexOf(": ", StringComparison.Ordinal) + 2)..]);
            request = value.StartsWith("Basic ", StringComparison.Ordinal) ? request.As(value[6..].Split(':')[0], value[6..].Split(':')[1]) : request.With(name, value);
        }

        var before = gateway.Echo.Count;
        var response = await gateway.SendAsync(version, request, source: sender == "forwarder" ? SignOnGateway.Forwarder.ToString() : Inside);

        response.Status.ShouldBe(status, response.ToString());
        if (status == 200)
        {
            gateway.Echo.Requests[^1].All("X-Remote-User").ShouldBe([outcome]);
            gateway.Echo.Requests[^1].Headers.ShouldNotContain(header => header.Key.Contains("kix", StringComparison.OrdinalIgnoreCase));
            return;
        }

        gateway.Echo.Count.ShouldBe(before);
        if (outcome.Length > 0)
        {
            await gateway.Process.AuditRecordAsync(record => record.GetProperty("reason").GetString() == outcome, "--request", response.Header("X-Request-Id")!);
        }
    }

    [Fact]
    public async Task A_session_of_somebody_else_beside_the_header_is_refused()
    {
        using var person = gateway.Person(SignOnGateway.Forwarder.ToString());
        (await person.SignInAsync("/mail/", "bob", "bob-pw")).Status.ShouldBe(303);
        (await person.GetAsync("/kix/", ("X-KIX-User", "bob"))).Status.ShouldBe(200);
        (await person.GetAsync("/kix/", ("X-KIX-User", "alice"))).Status.ShouldBe(403);
    }

    [Fact]
    public async Task Check_warns_of_every_such_service_and_refuses_what_could_not_work()
    {
        var run = await gateway.Process.RunCliAsync(["check"]);
        run.ExitCode.ShouldBe(0, run.Error);
        foreach (var key in (string[])["Services:kiosk:ValidUser", "Services:kiosk-two:ValidUser", "Services:kix"])
        {
            run.Error.ShouldContain($"AuthGateway:{key}");
        }

        // To a person in red.
        var state = gateway.Process.State;
        var shown = await ProgramRun.ExecuteAsync(
            "script", ["-qec", $"TERM=xterm dotnet {Repository.Program} check --config {gateway.Process.ConfigurationFile} --state {state}", "/dev/null"]);
        shown.Output.ShouldMatch("\\e\\[31m[^\\e]*AuthGateway:Services:kiosk:ValidUser");

        await using var probe = new TemporaryConfiguration(gateway, text => text.Replace("\"TrustedHeader\": { \"Name\": \"X-KIX-User\", \"From\": [\"127.0.0.192/27\"] },", "", StringComparison.Ordinal));
        (await probe.CheckAsync()).ShouldContain("TrustedHeader is not configured");
    }

    private static Dictionary<string, string> Fields(Page page, string way, string name)
    {
        var fields = page.Form("current-password").Fields;
        return new Dictionary<string, string>(StringComparer.Ordinal) { ["form"] = fields["form"], ["way"] = way, ["name"] = name };
    }

    private static async Task<Page> NameAsync(Person person, string target, string typed) =>
        await person.PostAsync($"/.agw/sign-on?rd={Uri.EscapeDataString(target)}", Fields(await person.OpenAsync(target), "network", typed));

    /// <summary>A configuration beside the running one, to be checked.</summary>
    private sealed class TemporaryConfiguration(SignOnGateway gateway, Func<string, string> change) : IAsyncDisposable
    {
        private readonly string _file = Path.Combine(gateway.Process.State, $"probe-{Guid.NewGuid():N}.json");

        public async Task<string> CheckAsync()
        {
            var text = await File.ReadAllTextAsync(gateway.Process.ConfigurationFile);
            await File.WriteAllTextAsync(_file, change(text));
            var run = await ProgramRun.ExecuteAsync("dotnet", [Repository.Program, "check", "--config", _file, "--state", gateway.Process.State]);
            run.ExitCode.ShouldNotBe(0);
            return run.Error;
        }

        public ValueTask DisposeAsync()
        {
            File.Delete(_file);
            return ValueTask.CompletedTask;
        }
    }
}
