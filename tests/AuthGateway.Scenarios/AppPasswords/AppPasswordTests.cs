using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json;
using AuthGateway.Scenarios.Groupware;
using AuthGateway.Scenarios.Support;
using AuthGateway.TestKit.Gateway;

namespace AuthGateway.Scenarios.AppPasswords;

/// <summary>Clients that store a password of their own, before the real SOGo and the real directory.</summary>
public sealed class AppPasswordTests(AppPasswordGateway gateway) : IClassFixture<AppPasswordGateway>
{
    private const string Principal =
        """<?xml version='1.0' encoding='UTF-8' ?><propfind xmlns="DAV:" xmlns:CAL="urn:ietf:params:xml:ns:caldav"><prop><current-user-principal /><resourcetype /><displayname /></prop></propfind>""";

    private const string Query =
        """<?xml version='1.0' encoding='UTF-8' ?><CAL:calendar-query xmlns="DAV:" xmlns:CAL="urn:ietf:params:xml:ns:caldav"><prop><getetag /></prop><CAL:filter><CAL:comp-filter name="VCALENDAR"><CAL:comp-filter name="VEVENT" /></CAL:comp-filter></CAL:filter></CAL:calendar-query>""";

    [Fact]
    public async Task A_calendar_client_works_with_an_app_password_and_is_refused_with_the_accounts()
    {
        var (login, password) = await gateway.NewPersonAsync();
        var secret = await gateway.AddAsync(login, "davx5", "--for", "dav");

        foreach (var name in new[] { login, $"{login}$davx5", $"{login}@bed.test" })
        {
            using var client = gateway.Client(name, secret);
            var found = await SendAsync(client, "PROPFIND", $"/SOGo/dav/{login}/", Principal, "0");
            found.Status.ShouldBe(207, found.ToString());
            found.Text.ShouldContain($"/SOGo/dav/{login}/");
            var report = await SendAsync(client, "REPORT", $"/SOGo/dav/{login}/Calendar/personal/", Query, "1");
            report.Status.ShouldBe(207, report.ToString());
        }

        using (var own = gateway.Client(login, password))
        {
            var refused = await SendAsync(own, "PROPFIND", $"/SOGo/dav/{login}/", Principal, "0");
            refused.Status.ShouldBe(401, refused.ToString());
            refused.Header("WWW-Authenticate").ShouldBe("Basic realm=\"Mail\", charset=\"UTF-8\"");
            (await gateway.ReasonAsync(refused)).ShouldBe("app-password-needed");
        }

        gateway.Directory.Count(password).ShouldBe(0, "the directory was not asked about the account's password");
        gateway.Directory.Count(secret).ShouldBe(0);
        var record = (await gateway.Process.AuditAsync("--user", login, "--event", "sign-in"))[^1];
        record.GetProperty("factors").GetString().ShouldBe("app-password");
        record.GetProperty("detail").GetString().ShouldBe("app password \"davx5\"");

        // What was listened to was the right wire: where the password is taken, it goes over it.
        using var control = gateway.Client(login, password);
        (await control.GetAsync("/own/")).Status.ShouldBe(200);
        gateway.Directory.Count(password).ShouldBe(1);
    }

    /// <summary>AP-01: where it is sent, by what, and what becomes of it. Everything but "anna, dav" and "files" is refused.</summary>
    public static TheoryData<string, string> Entries => new()
    {
        { "dav", "207" },
        { "files by Basic", "200" },
        { "own password's service by Basic", "app-password-scope" },
        { "activesync", "app-password-scope" },
        { "web service it is not for", "app-password-scope" },
        { "sign-in page", "app-password-scope" },
        { "sign-in page with the tag", "app-password-scope" },
        { "password page", "app-password-scope" },
        { "another user's name", "app-password-wrong" },
        { "another tag", "app-password-wrong" },
        { "a name nobody has", "app-password-wrong" },
        { "a typing error with the tag", "app-password-wrong" },
        { "a typing error", "app-password-wrong" },
        { "the account's password with a tag", "app-password-wrong" },
        { "network it is not for", "app-password-scope" },
        { "network it is for", "200" },
        { "no device", "app-password-scope" },
        { "another device", "app-password-scope" },
        { "its device", "200" },
        { "expired", "app-password-ended" },
    };

    [Theory]
    [MemberData(nameof(Entries))]
    public async Task Ap01_an_app_password_opens_what_it_is_for_and_no_other_way_in(string entry, string outcome)
    {
        var (login, password) = await gateway.NewPersonAsync();
        var secret = await gateway.AddAsync(login, "cal", "--for", "calendars", "--for", "files");
        var before = gateway.Echo.Count;
        var calendar = $"/SOGo/dav/{login}/Calendar/personal/";
        var answer = entry switch
        {
            "dav" => await DavAsync(login, secret, calendar),
            "files by Basic" => await GetAsync(login, secret, "/files/a"),
            "own password's service by Basic" => await GetAsync(login, secret, "/own/a"),
            "activesync" => await PhoneAsync(login, secret, "Dev1"),
            "web service it is not for" => await GetAsync(login, secret, "/slow/a"),
            "sign-in page" => await SignInAsync(login, secret),
            "sign-in page with the tag" => await SignInAsync($"{login}$cal", secret),
            "password page" => await ChangeAsync(login, secret),
            "another user's name" => await DavAsync((await gateway.NewPersonAsync()).Login, secret, calendar),
            "another tag" => await DavAsync($"{login}$other", secret, calendar),
            "a name nobody has" => await DavAsync("nobody-at-all", secret, calendar),
            "a typing error with the tag" => await GetAsync($"{login}$cal", Mistyped(secret), "/files/a"),
            "a typing error" => await DavAsync(login, Mistyped(secret), calendar),
            "the account's password with a tag" => await GetAsync($"{login}$cal", password, "/files/a"),
            "network it is not for" => await GetAsync(login, await gateway.AddAsync(login, "lan", "--for", "web", "--network", "lan"), "/files/a"),
            "network it is for" => await GetAsync(login, await gateway.AddAsync(login, "lan", "--for", "web", "--network", "lan"), "/files/a", IPAddress.Parse("127.50.0.9")),
            "no device" => await OptionsAsync(login, await gateway.AddAsync(login, "phone", "--for", "activesync", "--device-id", "Dev1")),
            "another device" => await PhoneAsync(login, await gateway.AddAsync(login, "phone", "--for", "activesync", "--device-id", "Dev1"), "Dev2"),
            "its device" => await PhoneAsync(login, await gateway.AddAsync(login, "phone", "--for", "activesync", "--device-id", "Dev1"), "dev1"),
            _ => await ExpiredAsync(login),
        };

        if (int.TryParse(outcome, System.Globalization.NumberStyles.None, null, out var status))
        {
            answer.Status.ShouldBe(status, answer.ToString());
            gateway.Echo.Requests.Skip(before).ShouldAllBe(request => request.Header("Authorization") == null);
            return;
        }

        answer.Status.ShouldBe(401, answer.ToString());
        (await gateway.ReasonAsync(answer)).ShouldBe(outcome);
        gateway.Echo.Count.ShouldBe(before, "nothing reached an upstream");
        gateway.Directory.Count(secret).ShouldBe(0, "the directory never sees an app password");
        gateway.Directory.Count(password).ShouldBe(0);
    }

    [Fact]
    public async Task A_revoked_app_password_is_refused_within_five_seconds_and_what_is_open_is_cut()
    {
        var (login, _) = await gateway.NewPersonAsync();
        var secret = await gateway.AddAsync(login, "phone", "--for", "web");
        using var client = gateway.Client(login, secret);
        (await client.GetAsync("/files/a")).Status.ShouldBe(200);
        var open = client.GetAsync("/slow/wait");
        (await Deadline.PollAsync(TimeSpan.FromSeconds(5), () => gateway.Silent.Requests.Any(request => request.Target == "/slow/wait"))).ShouldBeTrue();

        (await gateway.Process.RunCliAsync(["app-password", "revoke", login, "phone"])).ExitCode.ShouldBe(0);

        var watch = Stopwatch.StartNew();
        Answer? refused = null;
        (await Deadline.PollAsync(TimeSpan.FromSeconds(10), async () => (refused = await client.GetAsync("/files/a")).Status == 401)).ShouldBeTrue();
        await Should.ThrowAsync<HttpRequestException>(() => open);
        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(5));
        (await gateway.ReasonAsync(refused!)).ShouldBe("app-password-ended");
        gateway.Directory.Count(secret).ShouldBe(0, "neither before nor after");
    }

    [Fact]
    public async Task Somebody_disabled_in_the_directory_is_out_within_the_refresh_interval()
    {
        var (login, _) = await gateway.NewPersonAsync();
        var secret = await gateway.AddAsync(login, "phone", "--for", "web");
        using var client = gateway.Client(login, secret);
        (await client.GetAsync("/files/a")).Status.ShouldBe(200);

        await AppPasswordGateway.DisableAsync(login);

        Answer? refused = null;
        (await Deadline.PollAsync(TimeSpan.FromSeconds(20), async () => (refused = await client.GetAsync("/files/a")).Status == 401)).ShouldBeTrue();
        (await gateway.ReasonAsync(refused!)).ShouldBe("account-state");
        (await gateway.Process.RunCliAsync(["app-password", "add", login, "--tag", "more", "--for", "web"])).ExitCode.ShouldBe(1);
    }

    [Fact]
    public async Task While_the_directory_is_away_known_clients_go_on_and_others_wait()
    {
        var (login, _) = await gateway.NewPersonAsync();
        var (used, unused) = (await gateway.AddAsync(login, "used", "--for", "web"), await gateway.AddAsync(login, "unused", "--for", "web"));
        using var client = gateway.Client(login, used);
        (await client.GetAsync("/files/a")).Status.ShouldBe(200);
        using var other = gateway.Client(login, unused);
        gateway.Directory.Cut();
        try
        {
            // Beyond what a lookup is believed for: asked anew, and nobody answers.
            var since = Stopwatch.StartNew();
            (await Deadline.PollAsync(TimeSpan.FromSeconds(30), async () => (await client.GetAsync("/files/a")).Status == 200 && since.Elapsed > TimeSpan.FromSeconds(7))).ShouldBeTrue();
            (await other.GetAsync("/files/a")).Status.ShouldBe(503);
        }
        finally
        {
            gateway.Directory.Mend();
        }

        (await Deadline.PollAsync(TimeSpan.FromSeconds(20), async () => (await other.GetAsync("/files/a")).Status == 200)).ShouldBeTrue("and it passes");
    }

    [Fact]
    public async Task The_list_shows_last_use_and_client_and_never_the_password()
    {
        var (login, _) = await gateway.NewPersonAsync();
        var secret = await gateway.AddAsync(login, "phone", "--for", "web", "--expires", "90d");
        using var client = gateway.Client(login, secret);
        (await client.GetAsync("/files/a", ("User-Agent", "Calendar/1.0"))).Status.ShouldBe(200);

        var used = default(JsonElement);
        (await Deadline.PollAsync(TimeSpan.FromSeconds(60), async () =>
        {
            var run = await gateway.Process.RunCliAsync(["app-password", "list", login, "--json"]);
            run.ExitCode.ShouldBe(0, run.Error);
            run.Output.ShouldNotContain(secret);
            used = JsonSerializer.Deserialize<List<JsonElement>>(run.Output)!.Single();
            return used.TryGetProperty("usedAt", out _);
        })).ShouldBeTrue();
        used.GetProperty("usedAddress").GetString().ShouldBe(client.Source.ToString());
        used.GetProperty("usedUserAgent").GetString().ShouldBe("Calendar/1.0");
    }

    [Fact]
    public async Task Explain_tells_what_an_app_password_would_open()
    {
        (await ExplainAsync("https://mail.gw.test/SOGo/dav/x/", "app-password")).ShouldBe((0, "allowed"));
        (await ExplainAsync("https://mail.gw.test/SOGo/dav/x/", "password")).ShouldBe((1, "app-password-needed"));
        (await ExplainAsync("https://mail.gw.test/own/", "app-password")).ShouldBe((1, "app-password-scope"));
    }

    private async Task<(int Exit, string? Reason)> ExplainAsync(string url, string factor)
    {
        var run = await gateway.Process.RunCliAsync(["explain", url, "--method", url.Contains("dav", StringComparison.Ordinal) ? "PROPFIND" : "GET", "--user", "alice", "--factor", factor, "--json"]);
        using var json = JsonDocument.Parse(run.Output);
        return (run.ExitCode, json.RootElement.GetProperty("reason").GetString());
    }

    private static string Mistyped(string secret) => secret[..^1] + (secret[^1] == 'a' ? 'b' : 'a');

    private static Task<Answer> SendAsync(GatewayClient client, string method, string path, string body, string depth) => client.SendAsync(
        method,
        path,
        new StringContent(body, Encoding.UTF8, "application/xml"),
        ("Depth", depth),
        ("User-Agent", "DAVx5/4.3.15-ose (dav4jvm; okhttp/4.12.0) Android/14"),
        ("Accept-Encoding", "gzip"),
        ("Accept-Language", "en-US, en;q=0.7, *;q=0.5"));

    private async Task<Answer> DavAsync(string name, string secret, string path)
    {
        using var client = gateway.Client(name, secret);
        return await SendAsync(client, "PROPFIND", path, Principal, "0");
    }

    private async Task<Answer> GetAsync(string name, string secret, string path, IPAddress? source = null)
    {
        using var client = gateway.Client(name, secret, source: source);
        return await client.GetAsync(path);
    }

    private async Task<Answer> PhoneAsync(string login, string secret, string device)
    {
        using var client = gateway.Client(login, secret, AppPasswordGateway.PhoneHost);
        return await client.SendAsync(client.Command("FolderSync", Wbxml.FolderSync(), device, login));
    }

    private async Task<Answer> OptionsAsync(string login, string secret)
    {
        using var client = gateway.Client(login, secret, AppPasswordGateway.PhoneHost);
        return await client.SendAsync("OPTIONS", "/Microsoft-Server-ActiveSync");
    }

    private async Task<Answer> SignInAsync(string name, string secret)
    {
        using var browser = gateway.Browser();
        return (await browser.SignInAsync("/files/", name, secret)).Answer;
    }

    private async Task<Answer> ChangeAsync(string login, string secret)
    {
        using var browser = gateway.Browser();
        var page = await browser.OpenAsync("/.agw/password");
        var (fields, action) = page.Form("new-password");
        (fields["name"], fields["password"], fields["new"], fields["repeat"]) = (login, secret, "a new password of mine", "a new password of mine");
        return (await browser.PostAsync(action, fields)).Answer;
    }

    private async Task<Answer> ExpiredAsync(string login)
    {
        var secret = await gateway.AddAsync(login, "short", "--for", "web", "--expires", "1s");
        Answer? answer = null;
        (await Deadline.PollAsync(TimeSpan.FromSeconds(10), async () => (answer = await GetAsync(login, secret, "/files/a")).Status == 401)).ShouldBeTrue();
        return answer!;
    }
}
