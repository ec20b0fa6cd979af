using System.Text.Json;
using AuthGateway.TestKit.Gateway;

namespace AuthGateway.Scenarios.Attacks;

/// <summary>LO, LD-01, LD-02, CA-01, EA-01 and AU-01: guessing, injecting and borrowing, against the real directory.</summary>
[Collection(AttackGroup.Name)]
public sealed class LoginAttacks(AttackGateway gateway)
{
    private static readonly AttackRequest Web = new("GET", AttackGateway.Mail, "/owa/");
    private static readonly AttackRequest Tree = new("GET", AttackGateway.Dav, "/dav/x");
    private static readonly AttackRequest Phone = new("OPTIONS", AttackGateway.Eas, "/Microsoft-Server-ActiveSync");

    public static TheoryData<HttpVersion> Versions => [HttpVersion.Http1, HttpVersion.Http2];

    [Fact]
    public async Task LO_01_after_five_failures_the_right_password_is_refused_like_a_wrong_one()
    {
        await Slapd.ForgetAsync("lock1");
        RawResponse? wrong = null;
        for (var guess = 1; guess <= 5; guess++)
        {
            wrong = await gateway.RefusedAsync(HttpVersion.Http1, Web.As("lock1", $"guess-{guess}"), 401);
        }

        var right = await gateway.RefusedAsync(HttpVersion.Http1, Web.As("lock1"), 401);
        Comparable(right!).ShouldBe(Comparable(wrong!));
        var unknown = await gateway.RefusedAsync(HttpVersion.Http1, Web.As("nobody-of-that-name", "x"), 401);
        Comparable(unknown!).ShouldBe(Comparable(wrong!));
        (await Slapd.FailuresAsync("lock1")).ShouldBe(5);
        await gateway.Process.AuditRecordAsync(record => Is(record, "reason", "account-locked"), "--user", "lock1");

        var clear = await gateway.Process.RunCliAsync(["lockout", "clear", "lock1"]);
        clear.ExitCode.ShouldBe(0, clear.Error + clear.Output);
        (await Deadline.PollAsync(TimeSpan.FromSeconds(10), async () => (await gateway.SendAsync(HttpVersion.Http1, Web.As("lock1")))?.Status == 200))
            .ShouldBeTrue("after the counter was cleared the right password must be accepted");
    }

    [Fact]
    public async Task LO_02_of_fifty_guesses_at_once_no_more_than_five_reach_the_directory()
    {
        await Slapd.ForgetAsync("lock2");
        var before = gateway.Echo.Count;
        var answers = await Task.WhenAll(Enumerable.Range(1, 50).Select(guess =>
            gateway.SendAsync(guess % 2 == 0 ? HttpVersion.Http1 : HttpVersion.Http2, Web.As(guess % 3 == 0 ? "LOCK2@bed.test" : "lock2", $"guess-{guess}"))));
        answers.ShouldAllBe(answer => answer != null && answer.Status == 401);
        gateway.Echo.Count.ShouldBe(before);
        (await Slapd.FailuresAsync("lock2")).ShouldBeInRange(1, 5);
        await gateway.RefusedAsync(HttpVersion.Http1, Web.As("lock2"), 401);
    }

    [Fact]
    public async Task LO_03_one_counter_for_every_service_and_every_spelling()
    {
        await Slapd.ForgetAsync("lock3");
        await gateway.RefusedAsync(HttpVersion.Http1, Web.As("lock3", "guess-1"), 401);
        await gateway.RefusedAsync(HttpVersion.Http2, Web.As("LOCK3", "guess-2"), 401);
        await gateway.RefusedAsync(HttpVersion.Http1, Tree.As("lock3@bed.test", "guess-3"), 401);
        await gateway.RefusedAsync(HttpVersion.Http2, Tree.As("Lock3", "guess-4"), 401);
        await gateway.RefusedAsync(HttpVersion.Http1, Phone.As("lock3", "guess-5"), 401);
        foreach (var request in new[] { Web, Tree, Phone })
        {
            await gateway.RefusedAsync(HttpVersion.Http1, request.As("lock3"), 401);
            await gateway.RefusedAsync(HttpVersion.Http2, request.As("lock3@bed.test", "lock3-pw"), 401);
        }

        (await Slapd.FailuresAsync("lock3")).ShouldBe(5);
        var list = await gateway.Process.RunCliAsync(["lockout", "list", "--locked", "--json"]);
        list.ExitCode.ShouldBe(0);
        list.Output.ShouldContain("user:");
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task LD_01_an_empty_password_is_refused_before_any_directory(HttpVersion version)
    {
        await Slapd.ForgetAsync("lock4");
        foreach (var request in new[] { Web, Tree, Phone })
        {
            await gateway.RefusedAsync(version, request.As("lock4", ""), 401);
        }

        (await Slapd.FailuresAsync("lock4")).ShouldBe(0);
        await gateway.Process.AuditRecordAsync(record => Is(record, "reason", "empty-password"), "--reason", "empty-password");
    }

    [Theory]
    [InlineData("*")]
    [InlineData("a*")]
    [InlineData("alice)(uid=*")]
    [InlineData("*)(objectClass=*")]
    [InlineData("\\2a")]
    [InlineData("alice\\00")]
    [InlineData("uid=alice,ou=people,dc=bed,dc=test")]
    [InlineData("alice ")]
    [InlineData(" alice")]
    [InlineData("\u0430lice")]
    public async Task LD_02_names_are_text_and_never_filters(string name)
    {
        foreach (var version in new[] { HttpVersion.Http1, HttpVersion.Http2 })
        {
            var response = await gateway.RefusedAsync(version, Web.As(name, "alice-pw"), 401);
            response!.Text.ShouldNotContain(name);
        }
    }

    [Theory]
    [InlineData("ALICE")]
    [InlineData("alice@bed.test")]
    [InlineData("al\uFF49ce")]
    public async Task Every_spelling_the_directory_takes_for_alice_is_told_on_as_alice(string name)
    {
        var (received, _) = await gateway.ForwardedAsync(HttpVersion.Http1, Web.As(name, "alice-pw"));
        received.All("X-Remote-User").ShouldBe(["alice"]);
    }

    [Fact]
    public async Task CA_01_a_changed_password_holds_no_longer_than_the_cache()
    {
        await Slapd.ForgetAsync("lock9");
        try
        {
            await gateway.ForwardedAsync(HttpVersion.Http1, Web.As("lock9"));
            await Slapd.SetPasswordAsync("lock9", "changed-pw");
            (await Deadline.PollAsync(TimeSpan.FromSeconds(6), async () => (await gateway.SendAsync(HttpVersion.Http1, Web.As("lock9")))?.Status == 401))
                .ShouldBeTrue("the cache lives for two seconds");
            await gateway.ForwardedAsync(HttpVersion.Http1, Web.As("lock9", "changed-pw"));
        }
        finally
        {
            await Slapd.SetPasswordAsync("lock9", "lock9-pw");
        }
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task EA_01_an_ActiveSync_query_for_somebody_else_is_refused(HttpVersion version)
    {
        static AttackRequest Sync(string query) => new AttackRequest("POST", AttackGateway.Eas, "/Microsoft-Server-ActiveSync?" + query) { Body = [] };
        await gateway.RefusedAsync(version, Sync("User=bob&DeviceId=D1&DeviceType=X&Cmd=Sync").As("alice"), 403);
        await gateway.Process.AuditRecordAsync(record => Is(record, "command", "Sync") && Is(record, "typedName", "alice") && Is(record, "verdict", "deny"), "--reason", "activesync-user");
        foreach (var user in new[] { "bed%5Cbob", "bob%40bed.test", "BOB", "alice%5Cbob" })
        {
            await gateway.RefusedAsync(version, Sync($"User={user}&DeviceId=D1&DeviceType=X&Cmd=Sync").As("alice"), 403);
        }

        foreach (var query in new[]
            {
                "User=alice&User=bob&DeviceId=D1&DeviceType=X&Cmd=Sync", "User=alice&user=bob&DeviceId=D1&DeviceType=X&Cmd=Sync",
                "User=alice&%55ser=bob&DeviceId=D1&DeviceType=X&Cmd=Sync", "User=alice&DeviceId=D%2F1&DeviceType=X&Cmd=Sync",
                "User=alice&DeviceId=D1&DeviceType=X&Cmd=Sync&Cmd=Ping", "User=alice;User=bob&DeviceId=D1&DeviceType=X&Cmd=Sync",
            })
        {
            await gateway.RefusedAsync(version, Sync(query).As("alice"), 400, 403);
        }

        await gateway.ForwardedAsync(version, Sync("User=alice&DeviceId=D1&DeviceType=X&Cmd=Sync").As("alice"));
        await gateway.ForwardedAsync(version, Sync("User=bed%5CALICE&DeviceId=D1&DeviceType=X&Cmd=Sync").As("alice"));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task AU_01_what_was_typed_makes_no_line_of_its_own(HttpVersion version)
    {
        await gateway.RefusedAsync(version, Web.As("x\r\n2026-11-22 LOGIN ok dave", "x"), 400);
        await gateway.Process.AuditRecordAsync(record => Is(record, "path", "/owa/"), "--reason", "credentials-malformed");

        const string Markup = "\"><img src=x onerror=alert(1)>";
        var shown = await gateway.RefusedAsync(version, Web.As(Markup, "x").With("User-Agent", "<script>\u001B[2J\u0007</script>"), 401, 400);
        shown?.Text.ShouldNotContain("<img");

        var text = await gateway.Process.RunCliAsync(["audit", "search", "--limit", "50"]);
        text.ExitCode.ShouldBe(0, text.Error);
        text.Output.ShouldNotContain('\u001B');
        text.Output.ShouldNotContain("\n2026-11-22 LOGIN ok dave");
        var json = await gateway.Process.RunCliAsync(["audit", "search", "--limit", "50", "--json"]);
        json.Output.ShouldNotContain('\u001B');
        gateway.Process.Errors.ShouldNotContain("\n2026-11-22 LOGIN ok dave");
        gateway.Process.Errors.ShouldNotContain('\u001B');

        // The names whole: an id drawn at random holds "-pw" now and then.
        foreach (var password in new[] { "alice-pw", "bob-pw", "dave-pw", "frank-pw", "lock1-pw", "lock9-pw", "load-pw" })
        {
            gateway.Process.Errors.ShouldNotContain(password);
        }
    }

    [Theory]
    [InlineData("Basic")]
    [InlineData("Basic ")]
    [InlineData("Basic  YWxpY2U6YWxpY2UtcHc=")]
    [InlineData("Basic YWxpY2U6YWxpY2UtcHc")]
    [InlineData("Basic YWxpY2U6YWxpY2UtcHd=")]
    [InlineData("Basic YWxpY2U6YWxp Y2UtcHc=")]
    [InlineData("Basic YWxpY2U=")]
    [InlineData("Basic OnB3")]
    [InlineData("Basic ====")]
    public async Task Credentials_have_one_spelling(string line) =>
        await gateway.RefusedAsync(HttpVersion.Http1, Web.With("Authorization", line), 400);

    [Theory]
    [InlineData("Bearer alice")]
    [InlineData("NTLM TlRMTVNTUAABAAAA")]
    [InlineData("Negotiate TlRMTVNTUAABAAAA")]
    [InlineData("Digest username=\"alice\"")]
    public async Task Other_schemes_are_no_login(string line)
    {
        var response = await gateway.RefusedAsync(HttpVersion.Http1, Web.With("Authorization", line), 401);
        response!.All("WWW-Authenticate").ShouldHaveSingleItem().ShouldStartWith("Basic ");
    }

    private static bool Is(JsonElement record, string field, string value) => record.TryGetProperty(field, out var found) && found.GetString() == value;

    /// <summary>What a client can tell two refusals apart by: everything but the request's own id and the time.</summary>
    private static string Comparable(RawResponse response)
    {
        var id = response.Header("X-Request-Id");
        id.ShouldNotBeNullOrEmpty();
        return string.Join('\n', response.ToString().Replace(id, "(id)", StringComparison.Ordinal).Split('\n').Where(line => !line.StartsWith("Date:", StringComparison.OrdinalIgnoreCase)));
    }
}
