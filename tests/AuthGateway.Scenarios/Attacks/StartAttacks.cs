using AuthGateway.TestKit.Gateway;

namespace AuthGateway.Scenarios.Attacks;

/// <summary>MT-07 and CR-01: what cannot be checked or is open to others stops the start, and a bad reload changes nothing.</summary>
[Collection(AttackGroup.Name)]
public sealed class StartAttacks(AttackGateway gateway)
{
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    [Theory]
    [InlineData("missing")]
    [InlineData("empty")]
    [InlineData("garbage")]
    [InlineData("leaf")]
    public async Task MT_07_without_a_sound_device_authority_there_is_no_start(string fault)
    {
        var run = await Refused(state => Spoil(state, fault));
        run.ExitCode.ShouldBe(3, run.Error + run.Output);
        (run.Error + run.Output).ShouldContain("devices.crt");
    }

    [Theory]
    [InlineData("missing")]
    [InlineData("garbage")]
    [InlineData("leaf")]
    public async Task MT_07_a_reload_without_a_sound_device_authority_changes_nothing(string fault)
    {
        await using var own = await GatewayProcess.StartAsync(gateway.Setup());
        var generation = await own.GenerationAsync();
        var status = await own.RefusedReloadAsync(() => Spoil(own.State, fault));
        status.ToString().ShouldContain("devices.crt");
        (await own.GenerationAsync()).ShouldBe(generation);
        var device = new AttackRequest("GET", AttackGateway.Mtls, "/").As("alice");
        (await gateway.SendAsync(HttpVersion.Http1, device, gateway.AliceDevice, gateway: own))!.Status.ShouldBe(200);
        (await gateway.SendAsync(HttpVersion.Http1, device, gateway.RevokedDevice, gateway: own))!.Status.ShouldBe(403);
    }

    [Fact]
    public async Task CR_01_a_key_that_others_may_read_stops_the_start()
    {
        var run = await Refused(state => File.SetUnixFileMode(Path.Combine(state, "pki", "gw.key"), Owner | UnixFileMode.GroupRead));
        run.ExitCode.ShouldBe(3, run.Error + run.Output);
        (run.Error + run.Output).ShouldContain("gw.key");
    }

    [Fact]
    public async Task CR_01_a_secret_that_others_may_read_stops_the_start()
    {
        var run = await Refused(state => File.SetUnixFileMode(Path.Combine(state, "secrets", "ldap-password"), Owner | UnixFileMode.OtherRead));
        run.ExitCode.ShouldBe(3, run.Error + run.Output);
        (run.Error + run.Output).ShouldContain("ldap-password");
        (run.Error + run.Output).ShouldNotContain("gatewaypw");
    }

    [Fact]
    public async Task CR_01_a_configuration_that_others_may_change_stops_the_start()
    {
        var run = await Refused(state => File.SetUnixFileMode(Path.Combine(state, "appsettings.json"), Owner | UnixFileMode.GroupWrite));
        run.ExitCode.ShouldBe(3, run.Error + run.Output);
        (run.Error + run.Output).ShouldContain("appsettings.json");
    }

    [Fact]
    public async Task CR_01_a_database_that_others_may_read_stops_the_start()
    {
        var run = await Refused(state =>
        {
            var path = Path.Combine(state, "authgateway.db");
            File.WriteAllBytes(path, []);
            File.SetUnixFileMode(path, Owner | UnixFileMode.OtherRead);
        });
        run.ExitCode.ShouldBeOneOf(3, 4);
        (run.Error + run.Output).ShouldContain("authgateway.db");
    }

    [Theory]
    [InlineData(32, UnixFileMode.OtherRead)]
    [InlineData(32, UnixFileMode.GroupRead)]
    [InlineData(31, UnixFileMode.None)]
    public async Task CR_01_a_master_key_that_others_may_read_or_that_is_none_stops_the_start(int length, UnixFileMode open)
    {
        var run = await Refused(state =>
        {
            var path = Path.Combine(state, "authgateway.key");
            File.WriteAllBytes(path, new byte[length]);
            File.SetUnixFileMode(path, Owner | open);
        });
        run.ExitCode.ShouldBe(4, run.Error + run.Output);
        (run.Error + run.Output).ShouldContain("authgateway.key");
    }

    [Theory]
    [InlineData("pki/gw.key")]
    [InlineData("secrets/ldap-password")]
    [InlineData("authgateway.db")]
    [InlineData("authgateway.key")]
    public async Task CR_01_a_link_in_the_place_of_a_secret_stops_the_start(string file)
    {
        var run = await Refused(state =>
        {
            var path = Path.Combine(state, file);
            var elsewhere = path + ".elsewhere";
            if (File.Exists(path))
            {
                File.Move(path, elsewhere);
            }
            else
            {
                File.WriteAllBytes(elsewhere, []);
                File.SetUnixFileMode(elsewhere, Owner);
            }

            File.CreateSymbolicLink(path, elsewhere);
        });
        run.ExitCode.ShouldBeOneOf(3, 4);
        (run.Error + run.Output).ShouldContain(Path.GetFileName(file));
    }

    private async Task<ProgramRun> Refused(Action<string> spoil)
    {
        var run = await GatewayProcess.RunRefusedAsync(gateway.Setup() with { Finish = spoil });
        (run.Error + run.Output).ShouldNotContain("Unhandled exception");
        return run;
    }

    private void Spoil(string state, string fault)
    {
        var path = Path.Combine(state, "pki", "devices.crt");
        switch (fault)
        {
            case "missing":
                File.Delete(path);
                break;
            case "empty":
                File.WriteAllText(path, "");
                break;
            case "garbage":
                File.WriteAllText(path, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
                break;
            default:
                File.WriteAllText(path, gateway.AliceDevice.ExportCertificatePem() + "\n");
                break;
        }
    }
}
