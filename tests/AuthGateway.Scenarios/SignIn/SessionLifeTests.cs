using System.Net;
using System.Net.WebSockets;
using System.Text;
using AuthGateway.TestKit.Gateway;

namespace AuthGateway.Scenarios.SignIn;

/// <summary>What a session is good for and for how long: signed out, revoked, killed and restarted, with requests running under it.</summary>
[Collection(SignInGroup.Name)]
public sealed class SessionLifeTests(SignInGateway gateway)
{
    [Fact]
    public async Task A_revoked_session_takes_its_open_WebSocket_with_it()
    {
        var user = await gateway.NewUserAsync();
        using var person = gateway.Inside();
        await person.SignInAsync("/owa/", user, SignInGateway.Password);
        using var socket = await ConnectAsync(person);
        socket.State.ShouldBe(WebSocketState.Open);

        var revoke = await gateway.Process.RunCliAsync(["session", "revoke", "--user", user]);
        revoke.ExitCode.ShouldBe(0, revoke.Error);
        using var within = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        await Should.ThrowAsync<WebSocketException>(() => socket.ReceiveAsync(new ArraySegment<byte>(new byte[16]), within.Token));
        (await person.GetAsync("/owa/")).Status.ShouldBe(302);
        (await gateway.Process.RunCliAsync(["session", "list", "--user", user, "--json"])).Output.ShouldNotContain(user);
    }

    [Fact]
    public async Task ME_03_no_WebSocket_without_a_session_nor_for_a_page_of_another_site()
    {
        var user = await gateway.NewUserAsync();
        using var stranger = gateway.Inside();
        await Should.ThrowAsync<WebSocketException>(() => ConnectAsync(stranger));
        using var person = gateway.Inside();
        await person.SignInAsync("/owa/", user, SignInGateway.Password);
        var before = gateway.Echo.Count;
        await Should.ThrowAsync<WebSocketException>(() => ConnectAsync(person, "https://evil.test"));
        gateway.Echo.Count.ShouldBe(before);
    }

    [Fact]
    public async Task Signing_out_in_one_tab_cuts_what_the_other_has_open()
    {
        var user = await gateway.NewUserAsync();
        using var person = gateway.Inside();
        await person.SignInAsync("/owa/", user, SignInGateway.Password);
        using var socket = await ConnectAsync(person);
        await person.SubmitAsync(await person.GetAsync("/.agw/sign-out"));
        using var within = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        await Should.ThrowAsync<WebSocketException>(() => socket.ReceiveAsync(new ArraySegment<byte>(new byte[16]), within.Token));
    }

    [Fact]
    public async Task A_disabled_user_loses_his_session_and_a_changed_password_too()
    {
        foreach (var verb in new[] { "disable", "passwd" })
        {
            var user = await gateway.NewUserAsync();
            using var person = gateway.Inside();
            await person.SignInAsync("/owa/", user, SignInGateway.Password);
            (await person.GetAsync("/owa/")).Status.ShouldBe(200);
            var run = verb == "disable"
                ? await gateway.Process.RunCliAsync(["user", "disable", user])
                : await gateway.Process.RunCliAsync(["user", "passwd", user, "--password-stdin"], "another correct horse\n");
            run.ExitCode.ShouldBe(0, run.Error);
            (await Deadline.PollAsync(TimeSpan.FromSeconds(10), () => person.IsSignedOutAsync("/owa/"))).ShouldBeTrue();
        }
    }

    [Fact]
    public async Task A_killed_gateway_knows_its_sessions_and_used_codes_again()
    {
        var user = await gateway.NewUserAsync();
        var (enrolled, seed) = await gateway.EnrolAsync(user);
        using var person = gateway.Outside();
        await person.SignInAsync("/owa/", user, SignInGateway.Password);
        var page = await person.OpenAsync("/.agw/factor?rd=%2Fowa%2F");
        var code = await SignInGateway.CodeAsync(seed);
        (await person.SubmitAsync(page, ("one-time-code", code))).Status.ShouldBe(303);
        await gateway.Process.KillAsync();
        await gateway.Process.StartAsync();

        using var after = gateway.Outside();
        after.Cookies["__Host-agw"] = person.Session!;
        (await after.GetAsync("/owa/x")).Status.ShouldBe(200);
        gateway.Echo.Requests[^1].Header("Authorization").ShouldBe("Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{SignInGateway.Password}")));
        using var thief = gateway.Outside();
        await thief.SignInAsync("/owa/", user, SignInGateway.Password);
        page = await thief.OpenAsync("/.agw/factor?rd=%2Fowa%2F");
        (await thief.SubmitAsync(page, ("one-time-code", code))).Status.ShouldBe(401, "a code used before the power cut is used");
        enrolled.Dispose();
    }

    [Fact]
    public async Task Nothing_in_the_state_folder_holds_a_cookie_a_seed_or_a_password()
    {
        var user = await gateway.NewUserAsync();
        var (person, seed) = await gateway.EnrolAsync(user);
        using (person)
        {
            await person.GetAsync("/owa/");
            var cookie = person.Session.ShouldNotBeNull();
            foreach (var file in Directory.EnumerateFiles(gateway.Process.State, "*", SearchOption.AllDirectories))
            {
                var text = Encoding.Latin1.GetString(await ReadSharedAsync(file));
                text.Contains(cookie, StringComparison.Ordinal).ShouldBeFalse(file);
                text.Contains(seed, StringComparison.Ordinal).ShouldBeFalse(file);
                text.Contains(SignInGateway.Password, StringComparison.Ordinal).ShouldBeFalse(file);
            }

            gateway.Process.Errors.Contains(cookie, StringComparison.Ordinal).ShouldBeFalse();
            gateway.Process.Errors.Contains(seed, StringComparison.Ordinal).ShouldBeFalse();
        }
    }

    private static async Task<byte[]> ReadSharedAsync(string file)
    {
        await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var bytes = new MemoryStream();
        await stream.CopyToAsync(bytes);
        return bytes.ToArray();
    }

    private static async Task<ClientWebSocket> ConnectAsync(Person person, string origin = $"https://{SignInGateway.Mail}")
    {
        var socket = new ClientWebSocket();
        socket.Options.HttpVersion = HttpVersion.Version11;
        socket.Options.SetRequestHeader("Origin", origin);
        if (person.Session is { } session)
        {
            socket.Options.SetRequestHeader("Cookie", $"__Host-agw={session}");
        }

        await socket.ConnectAsync(new Uri($"wss://{SignInGateway.Mail}/owa/ws"), person.Invoker, CancellationToken.None);
        return socket;
    }
}
