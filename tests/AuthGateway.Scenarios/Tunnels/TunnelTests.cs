using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using AuthGateway.Scenarios.Programs;
using AuthGateway.Scenarios.Support;
using AuthGateway.TestKit.Gateway;

namespace AuthGateway.Scenarios.Tunnels;

/// <summary>Directories and upstreams behind a real SSH server.</summary>
public sealed class TunnelTests
{
    private static readonly TimeSpan Back = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task A_login_is_checked_in_a_directory_behind_the_tunnel_whose_socket_is_nobody_elses()
    {
        await using var bed = await TunnelGateway.StartAsync();

        (await bed.LoginAsync()).ShouldBe(200, bed.Gateway.Errors);
        (await bed.LoginAsync("wrong")).ShouldBe(401, "a no comes through as well as a yes");

        var tunnel = await bed.StatusAsync();
        var command = TunnelGateway.CommandLine(tunnel.GetProperty("pid").GetInt32());
        command.ShouldStartWith("/usr/bin/ssh -F none ");
        command.ShouldContain("-o StrictHostKeyChecking=yes ");
        command.ShouldEndWith("-- agw-tunnel@127.0.0.1 ");
        command.ShouldContain(":localhost:3636 ");
        var folder = Path.Combine(bed.Gateway.State, "tunnels");
        File.GetUnixFileMode(folder).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        File.GetUnixFileMode(Directory.GetFiles(folder, "*.sock").ShouldHaveSingleItem()).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.GetUnixFileMode(Path.Combine(folder, "status.json")).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);

        (await bed.Gateway.StopAsync()).ShouldBe(0);
        bed.Processes().ShouldBeEmpty();
        Directory.GetFiles(folder, "*.sock").ShouldBeEmpty();
    }

    [Fact]
    public async Task Inside_the_tunnel_TLS_is_checked_against_the_directorys_own_name()
    {
        await using var bed = await TunnelGateway.StartAsync((gateway, _) => gateway.Directory()["TlsName"] = "another.bed.test");

        (await bed.LoginAsync()).ShouldBe(503);
        bed.Gateway.Errors.ShouldContain("as another.bed.test");

        await bed.ReloadAsync(gateway => gateway.Directory()["TlsName"] = "mail.bed.test");
        (await bed.LoginAsync()).ShouldBe(200, "the name the certificate carries, whatever the tunnel's end is called");
    }

    [Fact]
    public async Task An_upstream_behind_a_tunnel_of_its_own_is_reached_through_it()
    {
        await using var bed = await TunnelGateway.StartAsync((gateway, bed) =>
        {
            gateway["Tunnels"]!["shop"] = bed.NewTunnel(TunnelGateway.Tunnel(gateway)["Fingerprint"]!.GetValue<string>());
            gateway["Upstreams"]!["static"] = new JsonObject { ["Destinations"] = new JsonArray(bed.Echo.Url), ["Tunnel"] = "shop" };
        });
        await bed.BecomesAsync("up", "shop");
        using var client = new GatewayClient(bed.Gateway, TunnelGateway.Host);

        (await client.GetAsync("/SOGo.woa/WebServerResources/x.css")).Status.ShouldBe(200);
        bed.Echo.Requests.ShouldHaveSingleItem().Header("Host").ShouldNotBeNull();

        await bed.Server.StopAsync();
        (await client.GetAsync("/SOGo.woa/WebServerResources/x.css")).Status.ShouldBe(502, "without its tunnel it is not reached, though it listens on this machine");
    }

    [Fact]
    public async Task A_killed_tunnel_is_back_within_ten_seconds_and_logins_meanwhile_read_503_and_count_nobody()
    {
        await using var bed = await TunnelGateway.StartAsync();
        (await bed.LoginAsync()).ShouldBe(200);
        var first = (await bed.StatusAsync()).GetProperty("pid").GetInt32();

        SshServer.Kill(first);
        await bed.RecoversAsync(Back);
        (await bed.StatusAsync()).GetProperty("pid").GetInt32().ShouldNotBe(first);

        await bed.Server.StopAsync();
        await bed.BecomesAsync("waiting");
        (await bed.LoginAsync()).ShouldBe(503);
        (await bed.LoginAsync("wrong")).ShouldBe(503, "nobody can say that it is wrong");
        (await bed.FailuresAsync()).ShouldBe(0);
        var status = await bed.Gateway.RunCliAsync(["tunnel", "status"]);
        status.ExitCode.ShouldBe(4, status.Error);
        status.Output.ShouldContain("office");
        // What ssh says of its end depends on who was faster, the server's goodbye or the closed socket.
        (await bed.StatusAsync()).GetProperty("lastError").GetString().ShouldNotBeNullOrWhiteSpace();

        await bed.Server.StartAsync();
        await bed.RecoversAsync(Back);
        (await bed.FailuresAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task A_black_hole_is_noticed_in_time_and_the_tunnel_is_back_within_ten_seconds_of_its_end()
    {
        await using var bed = await TunnelGateway.StartAsync();
        (await bed.LoginAsync()).ShouldBe(200);

        bed.Network.Freeze();
        var watch = Stopwatch.StartNew();
        var lost = await bed.BecomesAsync("waiting");
        // Two intervals of a second; with the default of 15 s, three are 45 s.
        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(4));
        lost.GetProperty("failure").GetString().ShouldBe("silent");
        (await bed.LoginAsync()).ShouldBe(503);

        // Long enough for the waits to have grown to their longest.
        (await Deadline.PollAsync(TimeSpan.FromSeconds(20), () => bed.Network.Accepted >= 5)).ShouldBeTrue("it tries again");
        bed.Network.Restore();
        await bed.RecoversAsync(Back);
        (await bed.FailuresAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task A_session_of_the_server_that_hangs_is_left_for_another()
    {
        await using var bed = await TunnelGateway.StartAsync();
        (await bed.LoginAsync()).ShouldBe(200);
        var sessions = bed.Server.Sessions();
        sessions.ShouldNotBeEmpty();
        try
        {
            SshServer.Signal("STOP", sessions);
            await bed.RecoversAsync(Back);
        }
        finally
        {
            SshServer.Signal("KILL", sessions);
        }
    }

    [Fact]
    public async Task A_password_or_a_key_with_a_passphrase_opens_the_tunnel_too()
    {
        await using var bed = await TunnelGateway.StartAsync((gateway, _) =>
        {
            TunnelGateway.Tunnel(gateway).Remove("KeyFile");
            TunnelGateway.Tunnel(gateway)["PasswordFile"] = "secrets/tunnel-password";
        });
        (await bed.LoginAsync()).ShouldBe(200);
        bed.Processes().Select(TunnelGateway.CommandLine).ShouldAllBe(line => !line.Contains(SshServer.Password, StringComparison.Ordinal));

        await bed.ReloadAsync(gateway =>
        {
            TunnelGateway.Tunnel(gateway).Remove("PasswordFile");
            TunnelGateway.Tunnel(gateway)["KeyFile"] = "secrets/locked-key";
            TunnelGateway.Tunnel(gateway)["KeyPassphraseFile"] = "secrets/passphrase";
        });
        await bed.RecoversAsync(Back);
    }

    [Fact]
    public async Task A_wrong_password_is_given_to_the_server_once_and_then_no_more()
    {
        await using var bed = await TunnelGateway.StartAsync(
            (gateway, _) =>
            {
                TunnelGateway.Tunnel(gateway).Remove("KeyFile");
                TunnelGateway.Tunnel(gateway)["PasswordFile"] = "secrets/wrong-password";
            },
            state: "refused");
        (await bed.StatusAsync()).GetProperty("failure").GetString().ShouldBe("login-refused");
        var connections = bed.Network.Accepted;
        await StaysAsync(TimeSpan.FromSeconds(4), () => bed.Network.Accepted == connections);
        (await bed.LoginAsync()).ShouldBe(503);

        File.Copy(Path.Combine(bed.Gateway.State, "secrets", "tunnel-password"), Path.Combine(bed.Gateway.State, "secrets", "wrong-password"), overwrite: true);
        await bed.BecomesAsync("up", within: TimeSpan.FromSeconds(20));
        (await bed.LoginAsync()).ShouldBe(200);
    }

    [Fact]
    public async Task A_remote_forward_offers_a_service_of_ours_on_the_far_loopback()
    {
        var port = 0;
        await using var bed = await TunnelGateway.StartAsync((gateway, bed) =>
        {
            using var probe = new TcpListener(IPAddress.Loopback, 0);
            probe.Start();
            port = ((IPEndPoint)probe.LocalEndpoint).Port;
            TunnelGateway.Tunnel(gateway)["Forwards"] = new JsonArray(
                new JsonObject { ["Direction"] = "remote", ["Listen"] = $"127.0.0.1:{port}", ["Target"] = new Uri(bed.Echo.Url).Authority });
        });

        using var http = new HttpClient();
        using var answer = await http.GetAsync(new Uri($"http://127.0.0.1:{port}/from-there"));
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        bed.Echo.Requests.ShouldContain(request => request.Target == "/from-there");

        var trial = await bed.Gateway.RunCliAsync(["tunnel", "test", TunnelGateway.Name, "--json"]);
        trial.ExitCode.ShouldBe(0, trial.Error);
        trial.Output.ShouldContain("held by the running gateway");
        await bed.Gateway.StopAsync();
        trial = await bed.Gateway.RunCliAsync(["tunnel", "test", TunnelGateway.Name]);
        trial.ExitCode.ShouldBe(0, trial.Error + trial.Output);
        trial.Output.ShouldContain("the server listens, and the target here is reachable");
    }

    [Fact]
    public async Task A_gateway_that_is_killed_leaves_no_ssh_behind_and_the_next_one_starts_one()
    {
        await using var bed = await TunnelGateway.StartAsync();
        bed.Processes().Count.ShouldBe(1);

        await bed.Gateway.KillAsync();
        (await Deadline.PollAsync(TimeSpan.FromSeconds(5), () => bed.Processes().Count == 0)).ShouldBeTrue("the kernel ends it with the gateway");
        await bed.Gateway.StartAsync();
        await bed.BecomesAsync("up");
        bed.Processes().Count.ShouldBe(1);
        (await bed.LoginAsync()).ShouldBe(200);
    }

    [Fact]
    public async Task A_process_left_behind_is_ended_at_the_next_start_and_a_strangers_is_not()
    {
        await using var bed = await TunnelGateway.StartAsync();
        await bed.Gateway.StopAsync();
        var folder = Path.Combine(bed.Gateway.State, "tunnels");
        using var sleeper = Process.Start(new ProcessStartInfo("setsid", ["python3", "-c", "import time; time.sleep(300)", "-o", $"UserKnownHostsFile={folder}/{TunnelGateway.Name}.known_hosts"]))!;
        using var stranger = Process.Start("/bin/sleep", ["300"]);
        try
        {
            await File.WriteAllTextAsync(Path.Combine(folder, $"{TunnelGateway.Name}.pid"), $"{sleeper.Id}");
            await File.WriteAllTextAsync(Path.Combine(folder, "other.pid"), $"{stranger.Id}");
            await bed.Gateway.StartAsync();
            await bed.BecomesAsync("up");
            (await Deadline.PollAsync(TimeSpan.FromSeconds(5), () => sleeper.HasExited)).ShouldBeTrue("its command line names our file");
            stranger.HasExited.ShouldBeFalse("a number alone proves nothing");
        }
        finally
        {
            stranger.Kill();
        }
    }

    [Fact]
    public async Task A_reload_opens_a_changed_tunnel_anew_and_leaves_the_others_alone()
    {
        await using var bed = await TunnelGateway.StartAsync((gateway, bed) =>
        {
            gateway["Tunnels"]!["shop"] = bed.NewTunnel(TunnelGateway.Tunnel(gateway)["Fingerprint"]!.GetValue<string>());
            gateway["Upstreams"]!["static"] = new JsonObject { ["Destinations"] = new JsonArray(bed.Echo.Url), ["Tunnel"] = "shop" };
        });
        var office = (await bed.StatusAsync()).GetProperty("pid").GetInt32();
        var shop = (await bed.BecomesAsync("up", "shop")).GetProperty("pid").GetInt32();

        await bed.ReloadAsync(gateway => TunnelGateway.Tunnel(gateway, "shop")["KeepAliveCount"] = 3);

        (await Deadline.PollAsync(Back, async () => await bed.StatusAsync("shop") is var now && now.GetProperty("state").GetString() == "up" && now.GetProperty("pid").GetInt32() != shop)).ShouldBeTrue();
        (await bed.StatusAsync()).GetProperty("pid").GetInt32().ShouldBe(office);
        ProgramGateway.Lives(shop).ShouldBeFalse();
        (await bed.LoginAsync()).ShouldBe(200);

        await bed.ReloadAsync(gateway =>
        {
            gateway["Upstreams"]!["static"]!.AsObject().Remove("Tunnel");
            gateway["Tunnels"]!.AsObject().Remove("shop");
        });
        (await Deadline.PollAsync(Back, () => bed.Processes().SequenceEqual([office]))).ShouldBeTrue("a tunnel that is configured no more is closed");
    }

    [Fact]
    public async Task The_test_verb_says_of_each_forward_whether_its_target_answers()
    {
        await using var bed = await TunnelGateway.StartAsync((gateway, _) => TunnelGateway.Tunnel(gateway)["Forwards"] = new JsonArray(
            new JsonObject { ["Listen"] = "127.0.0.1:@port:closed@", ["Target"] = "127.0.0.1:9" }));

        var trial = await bed.Gateway.RunCliAsync(["tunnel", "test", TunnelGateway.Name, "--json"]);

        trial.ExitCode.ShouldBe(4, trial.Error);
        var forwards = JsonDocument.Parse(trial.Output).RootElement.GetProperty("forwards").EnumerateArray().ToList();
        forwards.Single(forward => forward.GetProperty("forward").GetString()!.EndsWith("127.0.0.1:9", StringComparison.Ordinal)).GetProperty("isReachable").GetBoolean().ShouldBeFalse();
        forwards.Single(forward => forward.GetProperty("forward").GetString()!.EndsWith("localhost:3636", StringComparison.Ordinal)).GetProperty("isReachable").GetBoolean().ShouldBeTrue();
        (await bed.Gateway.RunCliAsync(["tunnel", "test", "nobody"])).ExitCode.ShouldBe(1);
        var status = await bed.Gateway.RunCliAsync(["tunnel", "status", "--json"]);
        status.ExitCode.ShouldBe(0, status.Error);
        JsonDocument.Parse(status.Output).RootElement[0].GetProperty("owner").GetString().ShouldBe("AuthGateway:Backends[0]");

        await bed.Gateway.StopAsync();
        (await bed.Gateway.RunCliAsync(["tunnel", "status"])).ExitCode.ShouldBe(4, "the state of a gateway that does not run is no state");
    }

    [Fact]
    public async Task A_second_namer_a_taken_port_and_an_open_key_are_told_before_the_start()
    {
        var run = await TunnelGateway.RefusedAsync((gateway, bed) =>
        {
            gateway["Upstreams"]!["static"] = new JsonObject { ["Destinations"] = new JsonArray(bed.Echo.Url), ["Tunnel"] = TunnelGateway.Name };
            TunnelGateway.Tunnel(gateway)["Forwards"] = new JsonArray(new JsonObject { ["Listen"] = "127.0.0.1:@port:public@", ["Target"] = "10.0.0.1:389" });
            TunnelGateway.Tunnel(gateway)["KeyFile"] = "/etc/hostname";
        });

        run.ExitCode.ShouldBe(3);
        run.Error.ShouldContain("AuthGateway:Upstreams:static:Tunnel");
        run.Error.ShouldContain("The gateway's own listener \"public\" has this port.");
        run.Error.ShouldContain("chmod 600 /etc/hostname");
    }

    private static async Task StaysAsync(TimeSpan during, Func<bool> condition) =>
        (await Deadline.PollAsync(during, () => !condition())).ShouldBeFalse();
}
