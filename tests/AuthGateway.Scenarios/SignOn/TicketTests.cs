using System.Net.Security;
using AuthGateway.Scenarios.Attacks;
using AuthGateway.Scenarios.SignIn;
using AuthGateway.TestKit.Gateway;

namespace AuthGateway.Scenarios.SignOn;

/// <summary>Kerberos tickets of a real KDC.</summary>
[Collection(SignOnGroup.Name)]
public sealed class TicketTests(SignOnGateway gateway)
{
    private const string Inside = "127.0.0.77";
    private const string Outside = "127.200.0.77";

    private static readonly (string, string)[] s_page = [("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "document"), ("Sec-Fetch-Site", "same-origin"), ("Accept", "text/html")];

    private static readonly AttackRequest Propfind = new AttackRequest("PROPFIND", SignOnGateway.Dav, "/alice/").With("Depth", "0");

    public static TheoryData<HttpVersion> Versions => [HttpVersion.Http1, HttpVersion.Http2];

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task A_program_comes_in_with_a_ticket_for_each_request(HttpVersion version)
    {
        for (var i = 0; i < 2; i++)
        {
            var response = await gateway.SendAsync(version, Propfind.With("Authorization", Tickets.Header("alice", "alice-pw", SignOnGateway.Dav)), source: Inside);
            response.Status.ShouldBe(200, response.ToString());
            gateway.Echo.Requests[^1].All("X-Remote-User").ShouldBe(["alice"]);
            gateway.Echo.Requests[^1].All("Authorization").ShouldBeEmpty();
            response.Header("WWW-Authenticate").ShouldNotBeNull().ShouldStartWith("Negotiate ");
        }
    }

    [Fact]
    public async Task The_gateway_proves_itself_to_the_client_too()
    {
        var (client, header) = Tickets.Mutual("alice", "alice-pw", SignOnGateway.Dav);
        using (client)
        {
            var response = await gateway.SendAsync(HttpVersion.Http1, Propfind.With("Authorization", header), source: Inside);
            client.GetOutgoingBlob(Convert.FromBase64String(response.Header("WWW-Authenticate")!["Negotiate ".Length..]), out var status);
            status.ShouldBe(NegotiateAuthenticationStatusCode.Completed);
        }
    }

    [Fact]
    public async Task Curl_comes_in_by_ticket()
    {
        var answer = await CurlAsync("alice", "127.0.0.1", "https://dav.bed.test:{0}/x");
        answer.ShouldEndWith(" 200");
        gateway.Echo.Requests[^1].All("X-Remote-User").ShouldBe(["alice"]);
    }

    [Fact]
    public async Task A_ticket_is_asked_for_inside_and_nowhere_else()
    {
        var inside = await gateway.SendAsync(HttpVersion.Http1, Propfind, source: Inside);
        inside.Status.ShouldBe(401);
        inside.All("WWW-Authenticate").Select(line => line.Split(' ')[0]).ShouldBe(["Negotiate", "Basic"]);
        var outside = await gateway.SendAsync(HttpVersion.Http1, Propfind, source: Outside);
        outside.Status.ShouldBe(401);
        outside.All("WWW-Authenticate").Select(line => line.Split(' ')[0]).ShouldBe(["Basic"]);
        (await gateway.SendAsync(HttpVersion.Http1, Propfind.With("Authorization", Tickets.Header("alice", "alice-pw", SignOnGateway.Dav)), source: Outside)).Status.ShouldBe(401);
    }

    /// <summary>What is sent, and the reason in the audit; empty where nothing is recorded.</summary>
    public static TheoryData<HttpVersion, string, int, string> Attacks
    {
        get
        {
            var table = new TheoryData<HttpVersion, string, int, string>();
            foreach (var version in new[] { HttpVersion.Http1, HttpVersion.Http2 })
            {
                table.Add(version, "empty", 401, "ticket-refused");
                table.Add(version, "no token", 401, "ticket-refused");
                table.Add(version, "garbage", 401, "ticket-refused");
                table.Add(version, "not base64", 401, "ticket-refused");
                table.Add(version, "ntlm", 401, "ticket-refused");
                table.Add(version, "ntlm inside", 401, "ticket-refused");
                table.Add(version, "damaged", 401, "ticket-refused");
                table.Add(version, "replayed", 401, "ticket-refused");
                table.Add(version, "other realm", 401, "realm-not-allowed");
                table.Add(version, "instance", 401, "realm-not-allowed");
                table.Add(version, "machine", 401, "realm-not-allowed");
                table.Add(version, "in no directory", 401, "unknown-user");
                table.Add(version, "from outside", 401, "");
                table.Add(version, "ntlm scheme", 401, "");
                table.Add(version, "two lines", 400, "bad-request");
                table.Add(version, "two in one line", 401, "ticket-refused");
                table.Add(version, "beside basic", 400, "bad-request");
            }

            return table;
        }
    }

    [Theory]
    [MemberData(nameof(Attacks))]
    public async Task No_ticket_but_a_sound_one_of_a_user_lets_anybody_in(HttpVersion version, string attack, int status, string reason)
    {
        var sound = Tickets.Header("alice", "alice-pw", SignOnGateway.Dav);
        var request = attack switch
        {
            "empty" => Propfind.With("Authorization", "Negotiate"),
            "no token" => Propfind.With("Authorization", "Negotiate ="),
            "garbage" => Propfind.With("Authorization", "Negotiate Z2FyYmFnZQ=="),
            "not base64" => Propfind.With("Authorization", "Negotiate a!b"),
            "ntlm" => Propfind.With("Authorization", "Negotiate " + Convert.ToBase64String("NTLMSSP\0\x01\0\0\0\x07\x82\x08\xa2\0\0\0\0"u8)),
            "ntlm inside" => Propfind.With("Authorization", "Negotiate YEgGBisGAQUFAqA+MDygDjAMBgorBgEEAYI3AgIKoioEKE5UTE1TU1AAAQAAAJeCCOIAAAAAAAAAAAAAAAAAAAAACgC6RwAAAA8="),
            "damaged" => Propfind.With("Authorization", Damage(sound)),
            "other realm" => Propfind.With("Authorization", Tickets.Header("alice", "alice-pw", SignOnGateway.Dav, "OTHER.TEST")),
            "instance" => Propfind.With("Authorization", Tickets.Header("alice/admin", "alice-pw", SignOnGateway.Dav)),
            "machine" => Propfind.With("Authorization", Tickets.Header("PHONE$", "machine-pw", SignOnGateway.Dav)),
            "in no directory" => Propfind.With("Authorization", Tickets.Header("stranger", "stranger-pw", SignOnGateway.Dav)),
            "ntlm scheme" => Propfind.With("Authorization", "NTLM " + Convert.ToBase64String("NTLMSSP\0\x01\0\0\0"u8)),
            "two lines" => Propfind.With("Authorization", sound).With("Authorization", Tickets.Header("bob", "bob-pw", SignOnGateway.Dav)),
            "two in one line" => Propfind.With("Authorization", $"{sound}, {Tickets.Header("bob", "bob-pw", SignOnGateway.Dav)}"),
            "beside basic" => Propfind.With("Authorization", sound).As("bob"),
            _ => Propfind.With("Authorization", sound),
        };
        if (attack == "replayed")
        {
            (await gateway.SendAsync(version, request, source: Inside)).Status.ShouldBe(200);
        }

        var before = gateway.Echo.Count;
        var response = await gateway.SendAsync(version, request, source: attack == "from outside" ? Outside : SignOnGateway.Insider);

        response.Status.ShouldBe(status, response.ToString());
        gateway.Echo.Count.ShouldBe(before);
        if (reason.Length > 0)
        {
            await gateway.Process.AuditRecordAsync(record => record.GetProperty("reason").GetString() == reason, "--request", response.Header("X-Request-Id")!);
        }
    }

    [Fact]
    public async Task The_ticket_page_makes_a_session_of_a_ticket()
    {
        using var person = gateway.Person(Inside);
        var form = await person.OpenAsync("/mail/");
        form.Text.ShouldContain("/.agw/ticket?rd=%2Fmail%2F");
        var asked = await person.GetAsync("/.agw/ticket?rd=%2Fmail%2F", s_page);
        (asked.Status, asked.Answer.Header("WWW-Authenticate")).ShouldBe((401, "Negotiate"));
        asked.Text.ShouldContain("Your browser sent no ticket.");

        var page = await Ticket(person, "/mail/", "alice");

        (page.Status, page.Location).ShouldBe((302, "/mail/"));
        (await person.GetAsync("/mail/x")).Status.ShouldBe(200);
        gateway.Echo.Requests[^1].All("X-Remote-User").ShouldBe(["alice"]);
        (await gateway.Process.RunCliAsync(["session", "list", "--user", "alice", "--json"])).Output.ShouldContain("kerberos");
    }

    [Fact]
    public async Task A_ticket_session_is_asked_for_the_password_where_the_upstream_needs_one()
    {
        using var person = gateway.Person(Inside);
        await Ticket(person, "/mail/", "bob");
        var page = await person.GetAsync("/basic/");
        (page.Status, page.Location).ShouldBe((302, "/.agw/sign-in?rd=%2Fbasic%2F&again=1"));
        page = await person.SubmitAsync(await person.GetAsync(page.Location!), ("username", "bob"), ("current-password", "bob-pw"));
        (page.Status, page.Location).ShouldBe((303, "/basic/"));
        (await person.GetAsync("/basic/")).Status.ShouldBe(200);
        gateway.Echo.Requests[^1].All("Authorization").ShouldBe([AttackRequest.Basic("bob", "bob-pw")]);
    }

    [Fact]
    public async Task A_second_factor_is_still_asked_for_after_a_ticket()
    {
        using var person = gateway.Person(Inside);
        var page = await Ticket(person, "/two/", "grace");
        page.Location.ShouldNotBeNull().ShouldStartWith("/.agw/");
        (await person.GetAsync("/two/")).Status.ShouldBe(302);
        (await person.GetAsync("/mail/")).Status.ShouldBe(302, "a session that owes a code opens nothing");
    }

    [Theory]
    [InlineData("Sec-Fetch-Dest", "image")]
    [InlineData("Sec-Fetch-Dest", "iframe")]
    [InlineData("Sec-Fetch-Dest", "")]
    [InlineData("Sec-Fetch-Mode", "no-cors")]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    [InlineData("Sec-Fetch-Site", "same-site")]
    [InlineData("Sec-Fetch-Site", "")]
    public async Task Nothing_but_a_page_that_is_opened_makes_a_session(string name, string value)
    {
        using var person = gateway.Person(Inside);
        (string, string)[] headers = [.. s_page.Where(header => header.Item1 != name), .. value.Length > 0 ? [(name, value)] : Array.Empty<(string, string)>()];
        var page = await person.SendAsync("GET", "/.agw/ticket?rd=%2Fmail%2F", null, [.. headers, ("Authorization", Tickets.Header("alice", "alice-pw"))]);
        (page.Status, person.Session).ShouldBe((403, null));
    }

    [Theory]
    [InlineData("from outside", 302)]
    [InlineData("ntlm", 403)]
    [InlineData("other realm", 403)]
    [InlineData("stranger", 403)]
    [InlineData("password asked for", 302)]
    public async Task The_ticket_page_refuses_what_the_corridor_refuses(string attack, int status)
    {
        using var person = gateway.Person(attack == "from outside" ? Outside : Inside);
        var header = attack switch
        {
            "ntlm" => "Negotiate TlRMTVNTUAABAAAA",
            "other realm" => Tickets.Header("alice", "alice-pw", realm: "OTHER.TEST"),
            "stranger" => Tickets.Header("stranger", "stranger-pw"),
            _ => Tickets.Header("alice", "alice-pw"),
        };
        var target = attack == "password asked for" ? "%2Fbasic%2F" : "%2Fmail%2F";
        var page = await person.SendAsync("GET", $"/.agw/ticket?rd={target}", null, [.. s_page, ("Authorization", header)]);
        (page.Status, person.Session).ShouldBe((status, null));
        page.Answer.Header("WWW-Authenticate").ShouldBeNull();
    }

    [Fact]
    public async Task Tickets_go_on_after_the_keytab_was_taken_away_and_put_back()
    {
        await using var own = await GatewayProcess.StartAsync(gateway.Setup());
        var keytab = Path.Combine(own.State, "pki", "http.keytab");
        File.GetUnixFileMode(Path.Combine(own.State, "kerberos.keytab")).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var generation = await own.GenerationAsync();

        // The first login opens the way to the directory, for which a busy machine may need longer than a login waits.
        (await Deadline.PollAsync(TimeSpan.FromSeconds(20), async () => await SendAsync(own) == 200)).ShouldBeTrue();

        // A keytab that cannot be read refuses the reload, and the keys in force stay.
        File.Move(keytab, keytab + ".away");
        await Deadline.PollAsync(TimeSpan.FromSeconds(10), async () => !(await own.StatusAsync()).GetProperty("lastLoad").GetProperty("inForce").GetBoolean());
        (await own.GenerationAsync()).ShouldBe(generation);
        (await SendAsync(own)).ShouldBe(200);
        File.Move(keytab + ".away", keytab);
        (await Deadline.PollAsync(TimeSpan.FromSeconds(10), async () => await own.GenerationAsync() > generation)).ShouldBeTrue();
        (await SendAsync(own)).ShouldBe(200);
    }

    [Fact]
    public async Task A_large_ticket_fits_and_larger_headers_do_not()
    {
        // The token itself is refused, which shows that it was read.
        (await gateway.SendAsync(HttpVersion.Http1, Propfind.With("Authorization", "Negotiate " + new string('A', 50_000)), source: Inside)).Status.ShouldBe(401);
        (await gateway.SendAsync(HttpVersion.Http1, Propfind.With("Authorization", "Negotiate " + new string('A', 70_000)), source: Inside)).Status.ShouldBe(431);
    }

    private static Task<Page> Ticket(Person person, string target, string user) => person.SendAsync(
        "GET", $"/.agw/ticket?rd={Uri.EscapeDataString(target)}", null, [.. s_page, ("Authorization", Tickets.Header(user, $"{user}-pw"))]);

    private static string Damage(string header)
    {
        var token = Convert.FromBase64String(header["Negotiate ".Length..]);
        token[^20] ^= 0xff;
        return "Negotiate " + Convert.ToBase64String(token);
    }

    private static async Task<int> SendAsync(GatewayProcess own)
    {
        var connect = new RawConnect(own.EndPoint("public")) { Sni = SignOnGateway.Dav, Source = System.Net.IPAddress.Parse(Inside) };
        var request = Propfind.With("Authorization", Tickets.Header("alice", "alice-pw", SignOnGateway.Dav));
        return (await RawHttp1.ExchangeAsync(connect, request.ToHttp1(connect.EndPoint.Port)))!.Status;
    }

    private async Task<string> CurlAsync(string user, string source, string url)
    {
        var port = gateway.Process.EndPoint("public").Port;
        var cache = Path.Combine(gateway.Process.State, $"{user}.cc");
        var script = $"export KRB5_CONFIG={Bed.Kerberos("krb5.conf")} KRB5CCNAME=FILE:{cache}; echo {user}-pw | kinit {user}@BED.TEST >/dev/null && "
            + $"curl -sk --interface {source} --negotiate -u : --resolve '*:{port}:127.0.0.1' -o /dev/null -w '%{{content_type}} %{{http_code}}' {string.Format(System.Globalization.CultureInfo.InvariantCulture, url, port)}";
        var run = await ProgramRun.ExecuteAsync("bash", ["-c", script], null, TimeSpan.FromSeconds(20));
        run.ExitCode.ShouldBe(0, run.Error);
        return run.Output;
    }
}
