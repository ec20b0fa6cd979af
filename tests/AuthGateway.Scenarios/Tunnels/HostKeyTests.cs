using AuthGateway.Scenarios.Support;
using AuthGateway.TestKit.Gateway;

namespace AuthGateway.Scenarios.Tunnels;

/// <summary>HP-03: a server that is somebody else.</summary>
public sealed class HostKeyTests
{
    private const string Other = "other_ed25519";

    [Fact]
    public async Task HP03_a_changed_host_key_is_refused_alarmed_and_never_accepted_by_itself()
    {
        await using var bed = await TunnelGateway.StartAsync();
        (await bed.LoginAsync()).ShouldBe(200);
        await bed.Server.StopAsync();
        await bed.BecomesAsync("waiting");
        await bed.Server.StartAsync(Other);
        var other = await SshServer.FingerprintAsync(Other);

        var refused = await bed.BecomesAsync("refused", within: TimeSpan.FromSeconds(15));
        refused.GetProperty("failure").GetString().ShouldBe("host-key-changed");
        refused.GetProperty("lastError").GetString()!.ShouldContain(other);
        (await bed.LoginAsync()).ShouldBe(503);
        (await bed.LoginAsync("wrong")).ShouldBe(503);
        (await bed.FailuresAsync()).ShouldBe(0);

        bed.Gateway.Errors.ShouldContain($"ERR Tunnel \"{TunnelGateway.Name}\"");
        (await bed.Gateway.AuditRecordAsync(_ => true, "--reason", "tunnel-host-key-changed")).GetProperty("verdict").GetString().ShouldBe("deny");
        (await bed.Gateway.HealthAsync()).ShouldContain($"alarm: tunnel {TunnelGateway.Name} is refused");
        var connections = bed.Network.Accepted;
        (await Deadline.PollAsync(TimeSpan.FromSeconds(4), () => bed.Network.Accepted != connections)).ShouldBeFalse("a server that is somebody else is left alone");

        // What the configuration pins cannot be overruled by the command line.
        var trust = await bed.Gateway.RunCliAsync(["tunnel", "trust", TunnelGateway.Name]);
        trust.ExitCode.ShouldBe(1);
        trust.Output.ShouldContain(other);
        trust.Error.ShouldContain("somebody is in between");
        (await bed.Gateway.RunCliAsync(["tunnel", "trust", TunnelGateway.Name, "--accept", other])).ExitCode.ShouldBe(1);
        (await bed.Gateway.RunCliAsync(["tunnel", "test", TunnelGateway.Name])).ExitCode.ShouldBe(1);
        (await bed.StatusAsync()).GetProperty("state").GetString().ShouldBe("refused");

        await bed.ReloadAsync(gateway => TunnelGateway.Tunnel(gateway)["Fingerprint"] = other);
        await bed.RecoversAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task A_key_that_is_another_from_the_start_is_refused_before_any_secret_is_shown()
    {
        var other = await OtherAsync();
        await using var bed = await TunnelGateway.StartAsync((gateway, _) => TunnelGateway.Tunnel(gateway)["Fingerprint"] = other, state: "refused");

        (await bed.StatusAsync()).GetProperty("failure").GetString().ShouldBe("host-key-changed");
        (await bed.LoginAsync()).ShouldBe(503);
        bed.Processes().ShouldBeEmpty();
    }

    [Fact]
    public async Task Without_a_fingerprint_nothing_is_trusted_until_an_administrator_has_one_learned()
    {
        await using var bed = await TunnelGateway.StartAsync((gateway, _) => TunnelGateway.Tunnel(gateway).Remove("Fingerprint"), state: "refused");
        (await bed.StatusAsync()).GetProperty("failure").GetString().ShouldBe("host-key-untrusted");
        (await bed.LoginAsync()).ShouldBe(503);
        var right = await SshServer.FingerprintAsync("host_ed25519");

        var shown = await bed.Gateway.RunCliAsync(["tunnel", "trust", TunnelGateway.Name]);
        shown.ExitCode.ShouldBe(1);
        shown.Output.ShouldContain(right);
        (await bed.StatusAsync()).GetProperty("state").GetString().ShouldBe("refused", "showing is not trusting");
        (await bed.Gateway.RunCliAsync(["tunnel", "trust", TunnelGateway.Name, "--accept", await SshServer.FingerprintAsync(Other)])).ExitCode.ShouldBe(1, "the server has no such key");

        var learned = await bed.Gateway.RunCliAsync(["tunnel", "trust", TunnelGateway.Name, "--accept", right]);
        learned.ExitCode.ShouldBe(0, learned.Error);
        await bed.BecomesAsync("up");
        (await bed.LoginAsync()).ShouldBe(200);
        (await bed.Gateway.AuditRecordAsync(_ => true, "--reason", "tunnel-key-learned")).GetProperty("detail").GetString()!.ShouldContain(right);

        // Learned is not accepted anew: a change is refused as ever, and only the administrator ends that.
        await bed.Server.StopAsync();
        await bed.Server.StartAsync(Other);
        await bed.BecomesAsync("refused", within: TimeSpan.FromSeconds(15));
        (await bed.Gateway.RunCliAsync(["tunnel", "trust", TunnelGateway.Name, "--accept", await SshServer.FingerprintAsync(Other)])).ExitCode.ShouldBe(0);
        await bed.BecomesAsync("up");
    }

    private static async Task<string> OtherAsync()
    {
        await Bed.EnsureServiceAsync("sshd");
        return await SshServer.FingerprintAsync(Other);
    }
}
