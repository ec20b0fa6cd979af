using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using AuthGateway.Scenarios.Support;
using AuthGateway.TestKit.Gateway;

namespace AuthGateway.Scenarios.Tokens;

/// <summary>The endpoint and the program that asks it, without a mail server.</summary>
[Collection(TokenGroup.Name)]
public sealed class VerifyTests(TokenGateway gateway)
{
    private const string NoToken = "agwt1-0123456789012345678901234567890123456789012";

    private static readonly HttpClient Http = new(new SocketsHttpHandler { UseProxy = false });

    [Fact]
    public async Task A_verifier_learns_login_mail_service_and_end_by_form_and_by_json()
    {
        using var person = await gateway.SignedInAsync("grace");
        var (_, token) = await gateway.ShownToAsync(person);
        foreach (var content in new HttpContent[] { Form(("user", "grace@bed.test"), ("token", token), ("client", "192.0.2.7")), Json(new { user = "grace", token, service = "shown" }) })
        {
            using var answer = await SendAsync(content);
            answer.StatusCode.ShouldBe(HttpStatusCode.OK);
            using var said = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
            said.RootElement.GetProperty("login").GetString().ShouldBe("grace");
            said.RootElement.GetProperty("mail").GetString().ShouldBe("grace@bed.test");
            said.RootElement.GetProperty("service").GetString().ShouldBe("shown");
            var expires = said.RootElement.GetProperty("expires").GetDateTimeOffset();
            expires.ShouldBeInRange(DateTimeOffset.UtcNow.AddMinutes(8), DateTimeOffset.UtcNow.AddMinutes(11));
        }

        var record = await gateway.Process.AuditRecordAsync(entry => entry.GetProperty("reason").GetString() == "token-verified", "--event", "verification");
        record.GetProperty("verdict").GetString().ShouldBe("allow");
        (await gateway.Process.RunCliAsync(["audit", "search", "--json", "--limit", "1000"])).Output.ShouldNotContain(token[6..]);
    }

    [Fact]
    public async Task Every_wrong_token_reads_alike_and_the_audit_knows_why()
    {
        using var person = await gateway.SignedInAsync("grace");
        var (_, token) = await gateway.ShownToAsync(person);
        var answers = new List<string>();
        foreach (var (user, shown, service, key, reason) in new[]
        {
            ("grace", NoToken, "", TokenGateway.Key, "token-unknown"),
            ("nobody-of-that-name", NoToken, "", TokenGateway.Key, "token-unknown"),
            ("grace", "grace-pw", "", TokenGateway.Key, "token-unknown"),
            ("grace", token + "x", "", TokenGateway.Key, "token-unknown"),
            ("alice", token, "", TokenGateway.Key, "token-other-user"),
            ("grace", token, "webmail", TokenGateway.Key, "token-other-service"),
            ("grace", token, "", TokenGateway.NarrowKey, "token-other-service"),
        })
        {
            using var answer = await SendAsync(service.Length == 0 ? Form(("user", user), ("token", shown)) : Form(("user", user), ("token", shown), ("service", service)), key);
            var id = answer.Headers.GetValues("X-Request-Id").Single();
            answer.Headers.Remove("X-Request-Id");
            answers.Add($"{(int)answer.StatusCode} {Headers(answer)} {await answer.Content.ReadAsStringAsync()}");
            (await gateway.Process.AuditRecordAsync(_ => true, "--request", id)).GetProperty("reason").GetString().ShouldBe(reason);
        }

        answers.Distinct(StringComparer.Ordinal).ShouldHaveSingleItem().ShouldStartWith("401 ");
        answers[0].ShouldEndWith("""{"error":"refused"}""");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("dovecot-0123456789abcdef0123456789abcdeX")]
    [InlineData(TokenGateway.FarKey)]
    [InlineData("")]
    public async Task Without_the_key_of_a_verifier_of_this_address_nothing_is_said(string? key)
    {
        using var person = await gateway.SignedInAsync("grace");
        var (_, token) = await gateway.ShownToAsync(person);
        using var answer = await SendAsync(Form(("user", "grace"), ("token", token)), key);
        answer.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await answer.Content.ReadAsStringAsync()).ShouldBe("""{"error":"verifier-refused"}""");
        (await gateway.Process.AuditRecordAsync(_ => true, "--request", answer.Headers.GetValues("X-Request-Id").Single())).GetProperty("reason").GetString().ShouldBe("verifier-refused");
    }

    [Fact]
    public async Task Nothing_but_a_small_sound_question_is_read()
    {
        foreach (var (content, status) in new (HttpContent, int)[]
        {
            (Form(("user", "grace")), 400),
            (Form(("token", NoToken)), 400),
            (Form(("user", "grace"), ("token", NoToken), ("role", "admin")), 400),
            (Form(("user", "grace"), ("token", NoToken), ("client", "somewhere")), 400),
            (new StringContent("user=grace&token=x&user=alice", Encoding.UTF8, "application/x-www-form-urlencoded"), 400),
            (new StringContent("""{"user":"grace","token":["x"]}""", Encoding.UTF8, "application/json"), 400),
            (new StringContent("""{"user":"grace","token":"x","user":"alice"}""", Encoding.UTF8, "application/json"), 400),
            (new StringContent("""{"user":"grace","token":"x"} {}""", Encoding.UTF8, "application/json"), 400),
            (new StringContent("[]", Encoding.UTF8, "application/json"), 400),
            (new StringContent("<x/>", Encoding.UTF8, "text/xml"), 415),
            (Form(("user", "grace"), ("token", new string('x', 5000))), 413),
            (Form([.. Enumerable.Range(0, 40).Select(i => ($"f{i}", "x"))]), 413),
            (new StringContent(new string('x', 70_000), Encoding.UTF8, "application/x-www-form-urlencoded"), 413),
        })
        {
            using var answer = await SendAsync(content);
            ((int)answer.StatusCode).ShouldBe(status, await answer.Content.ReadAsStringAsync());
        }

        using var request = new HttpRequestMessage(HttpMethod.Get, gateway.Url + "/.agw/verify?user=grace&token=" + NoToken);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", TokenGateway.Key);
        using var got = await Http.SendAsync(request);
        got.StatusCode.ShouldBe(HttpStatusCode.MethodNotAllowed, "a token has no place in an address");
    }

    [Fact]
    public async Task On_the_public_listener_there_is_no_such_thing()
    {
        using var person = await gateway.SignedInAsync("grace");
        var (_, token) = await gateway.ShownToAsync(person);
        using var client = gateway.Client(null);
        var answer = await client.SendAsync("POST", "/.agw/verify", Form(("user", "grace"), ("token", token)), ("Authorization", $"Bearer {TokenGateway.Key}"));
        answer.Status.ShouldBe(404, answer.ToString());
        answer.Text.ShouldNotContain("grace");
    }

    [Fact]
    public async Task The_program_says_it_by_the_checkpassword_interface()
    {
        using var person = await gateway.SignedInAsync("grace");
        var (_, token) = await gateway.ShownToAsync(person);
        var folder = Directory.CreateTempSubdirectory("agw-verify-");
        try
        {
            var key = Path.Combine(folder.FullName, "key");
            TokenGateway.WriteKey(key, TokenGateway.Key);

            var run = await CheckpasswordAsync(key, "grace@bed.test", token);
            run.ExitCode.ShouldBe(0, run.Error);
            run.Output.ShouldBe("USER=grace\nSERVICE=imap\n", "the program behind is run, knows the user, and keeps its environment but what was the caller's own");

            (await CheckpasswordAsync(key, "alice", token)).ExitCode.ShouldBe(1);
            (await CheckpasswordAsync(key, "grace", NoToken)).ExitCode.ShouldBe(1);
            (await CheckpasswordAsync(key, "grace", "grace-pw", "http://127.0.0.1:1")).ExitCode.ShouldBe(1, "what is no token is shown to nobody");
            (await CheckpasswordAsync(key, "grace", NoToken, options: "--before-passwords")).ExitCode.ShouldBe(111);
            (await CheckpasswordAsync(key, "grace", token, options: "--service webmail")).ExitCode.ShouldBe(1);
            (await CheckpasswordAsync(key, "grace", token, options: "--service shown")).ExitCode.ShouldBe(0);

            // What could not be found out.
            run = await CheckpasswordAsync(key, "grace", token, "http://127.0.0.1:1");
            run.ExitCode.ShouldBe(111);
            run.Error.ShouldContain("Connection refused");
            run.Error.ShouldNotContain(token);
            (await CheckpasswordAsync(Path.Combine(folder.FullName, "none"), "grace", token)).ExitCode.ShouldBe(111);
            TokenGateway.WriteKey(key, TokenGateway.FarKey);
            (await CheckpasswordAsync(key, "grace", token)).ExitCode.ShouldBe(111);
            TokenGateway.WriteKey(key, TokenGateway.Key);
            File.SetUnixFileMode(key, UnixFileMode.UserRead | UnixFileMode.OtherRead);
            (await CheckpasswordAsync(key, "grace", token)).ExitCode.ShouldBe(111);
            (await CheckpasswordAsync(key, "grace", token, options: "--tpyo x")).ExitCode.ShouldNotBe(0);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData("200 OK", "{\"login\":\"alice\"}")]
    [InlineData("401 Unauthorized", "{\"error\":\"refused\"}")]
    public async Task The_program_believes_nobody_who_took_the_gateways_port_and_shows_him_no_key(string status, string body)
    {
        using var thief = new TcpListener(IPAddress.Loopback, 0);
        thief.Start();
        var heard = Task.Run(async () =>
        {
            using var client = await thief.AcceptTcpClientAsync();
            var buffer = new byte[16 * 1024];
            var length = await client.GetStream().ReadAsync(buffer);
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {status}\r\nX-Agw-Seal: {new string('0', 64)}\r\nContent-Length: {body.Length}\r\n\r\n{body}"));
            return Encoding.ASCII.GetString(buffer, 0, length);
        });
        var folder = Directory.CreateTempSubdirectory("agw-verify-");
        try
        {
            var key = Path.Combine(folder.FullName, "key");
            TokenGateway.WriteKey(key, TokenGateway.Key);
            var run = await CheckpasswordAsync(key, "alice", NoToken, $"http://127.0.0.1:{((IPEndPoint)thief.LocalEndpoint).Port}");
            run.ExitCode.ShouldBe(111);
            run.Output.ShouldBeEmpty();
            run.Error.ShouldContain("holds this key");
            var said = await heard.WaitAsync(TimeSpan.FromSeconds(10));
            said.ShouldContain("Authorization: AGW-HMAC-SHA256 ");
            said.ShouldNotContain(TokenGateway.Key);

            // What he heard he may say again, and gets the answer to that very question; to another one he gets none.
            foreach (var (user, code) in new[] { ("alice", HttpStatusCode.Unauthorized), ("grace", HttpStatusCode.BadRequest) })
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, gateway.Url + "/.agw/verify") { Content = Form(("user", user), ("token", NoToken), ("client", "192.0.2.9")) };
                request.Headers.TryAddWithoutValidation("Authorization", said.Split("\r\n").Single(line => line.StartsWith("Authorization: ", StringComparison.Ordinal))["Authorization: ".Length..]);
                using var answer = await Http.SendAsync(request);
                answer.StatusCode.ShouldBe(code);
                answer.Headers.Contains("X-Agw-Seal").ShouldBeTrue();
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task The_program_says_it_on_standard_output_with_what_the_configuration_knows()
    {
        using var person = await gateway.SignedInAsync("grace");
        var (_, token) = await gateway.ShownToAsync(person);
        var run = await gateway.Process.RunCliAsync(["verify-session", "--stdin", "--json", "--verifier", "dovecot"], $"grace\n{token}\n");
        run.ExitCode.ShouldBe(0, run.Error);
        JsonDocument.Parse(run.Output).RootElement.GetProperty("login").GetString().ShouldBe("grace");
        (await gateway.Process.RunCliAsync(["verify-session", "--stdin", "--verifier", "dovecot"], $"alice\n{token}\n")).ExitCode.ShouldBe(1);

        // Over TLS, to the name in the certificate and to no other.
        var key = Path.Combine(gateway.Process.State, "verifier-key");
        TokenGateway.WriteKey(key, TokenGateway.NarrowKey);
        string[] words = ["verify-session", "--url", $"https://127.0.0.1:{gateway.Process.EndPoint("staff").Port}", "--key-file", key, "--ca", Path.Combine(gateway.Process.State, "pki", "ca.crt"), "--stdin"];
        (await ProgramRun.ExecuteAsync("dotnet", [Repository.Program, .. words, "--server-name", TokenGateway.Mail], $"grace\n{token}\n")).ExitCode.ShouldBe(1, "another service's token, and an answer");
        (await ProgramRun.ExecuteAsync("dotnet", [Repository.Program, .. words, "--server-name", "other.bed.example"], $"grace\n{token}\n")).ExitCode.ShouldBe(111);
        (await ProgramRun.ExecuteAsync("dotnet", [Repository.Program, "verify-session", "--url", "http://192.0.2.1:9080", "--key-file", key, "--stdin"], $"grace\n{token}\n")).Error.ShouldContain("write https://");
    }

    [Fact]
    public async Task After_a_restart_the_session_goes_on_and_its_old_token_does_not()
    {
        await using var process = await GatewayProcess.StartAsync(gateway.Setup());
        using var person = new SignIn.Person(process, TokenGateway.Mail, HttpVersion.Version11, IPAddress.Parse("127.1.9.1"));
        (await person.SignInAsync("/shown/", "grace", "grace-pw")).Status.ShouldBe(303);
        var (_, token) = await gateway.ShownToAsync(person);
        var url = $"http://127.0.0.1:{process.EndPoint("verify").Port}";
        (await SendAsync(Form(("user", "grace"), ("token", token)), url: url)).StatusCode.ShouldBe(HttpStatusCode.OK);

        // What the service no longer does, its tokens do not outlive; a closed network neither.
        var shown = TokenGateway.Configuration.IndexOf("/shown", StringComparison.Ordinal);
        await process.ReloadAsync(TokenGateway.Configuration[..shown] + TokenGateway.Configuration[shown..].Replace("[\"inside\"]", "[\"192.0.2.0/24\"]", StringComparison.Ordinal));
        (await SendAsync(Form(("user", "grace"), ("token", token)), url: url)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        await process.ReloadAsync(TokenGateway.Configuration);
        var (_, second) = await gateway.ShownToAsync(person);
        (second == token).ShouldBeFalse();
        (await SendAsync(Form(("user", "grace"), ("token", second)), url: url)).StatusCode.ShouldBe(HttpStatusCode.OK);

        await process.StopAsync();
        await process.StartAsync();
        (await SendAsync(Form(("user", "grace"), ("token", second)), url: url)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        var (_, third) = await gateway.ShownToAsync(person);
        (await SendAsync(Form(("user", "grace"), ("token", third)), url: url)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    private async Task<ProgramRun> CheckpasswordAsync(string keyFile, string user, string secret, string? url = null, string options = "")
    {
        // By a shell, for only a shell can open descriptor 3; the secret comes on its standard input.
        var script = $"""
            exec 3<&0 </dev/null
            export HOME=/root SHELL=/bin/sh EXTRA=x USER=root
            exec env -i PATH="$PATH" HOME=/root SHELL=/bin/sh EXTRA=x USER=root SERVICE=imap TCPREMOTEIP=192.0.2.9 dotnet {Repository.Program} verify-session --url {url ?? gateway.Url} --key-file {keyFile} {options} /bin/sh -c 'env | grep -E "^(USER|HOME|SHELL|EXTRA|SERVICE)=" | grep -v "^HOME=$"' 
            """;
        return await ProgramRun.ExecuteAsync("bash", ["-c", script], $"{user}\0{secret}\0" + "1700000000\0");
    }

    private async Task<HttpResponseMessage> SendAsync(HttpContent content, string? key = TokenGateway.Key, string? url = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, (url ?? gateway.Url) + "/.agw/verify") { Content = content };
        if (key is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {key}");
        }

        return await Http.SendAsync(request);
    }

    private static FormUrlEncodedContent Form(params (string Name, string Value)[] fields) => new(fields.Select(field => KeyValuePair.Create(field.Name, field.Value)));

    private static StringContent Json(object fields) => new(JsonSerializer.Serialize(fields), Encoding.UTF8, "application/json");

    private static string Headers(HttpResponseMessage answer) =>
        string.Join(", ", answer.Headers.Concat(answer.Content.Headers).Where(header => header.Key != "Date").Select(header => $"{header.Key}={string.Join('|', header.Value)}").Order(StringComparer.Ordinal));
}
