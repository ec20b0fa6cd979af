using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using AuthGateway.Scenarios.Support;
using AuthGateway.TestKit.Gateway;

namespace AuthGateway.Scenarios.Reload;

/// <summary>The configuration changes while requests run.</summary>
public sealed class ReloadTests
{
    private const string Host = "mail.bed.test";
    private const int Reloads = 10;

    [Fact]
    public async Task TenReloadsUnderTraffic_LoseNoRequest_AndCutNoPoll()
    {
        await Bed.EnsureUpAsync();
        await using var echo = new EchoUpstream();
        await using var hold = await HoldUpstream.StartAsync();
        await using var gateway = await GatewayProcess.StartAsync(new GatewaySetup { Configuration = Configuration(0) });
        using var poller = new GatewayClient(gateway, "web.bed.test") { Timeout = TimeSpan.FromSeconds(90) };
        var poll = poller.GetAsync("/poll?seconds=20");
        await hold.WaitForCountAsync(1, TimeSpan.FromSeconds(10));
        using var stop = new CancellationTokenSource();
        var traffic = Enumerable.Range(0, 4).Select(number => DriveAsync(gateway, number, stop.Token)).ToList();

        var generations = new List<long> { await gateway.GenerationAsync() };
        for (var number = 1; number <= Reloads; number++)
        {
            await gateway.ReloadAsync(Configuration(number));
            generations.Add(await gateway.GenerationAsync());
        }

        await stop.CancelAsync();
        var served = await Task.WhenAll(traffic);
        served.SelectMany(each => each.Failures).ShouldBeEmpty();
        served.Sum(each => each.Count).ShouldBeGreaterThan(100);
        generations.ShouldBe(generations.Order().Distinct());
        var held = await poll;
        held.Status.ShouldBe(200, held.ToString());
        held.Text.ShouldBe("held 20 s\n");

        string Configuration(int number) => Sample.Configuration(configuration =>
        {
            configuration.AddHost("web.bed.test");
            configuration.AddService("poll", "web.bed.test", "generic-web", "open", hold.Url());
            configuration["Upstreams"]!["static"]!["Destinations"] = new JsonArray(echo.Url);
            configuration["Upstreams"]!["sogo"]!["Destinations"] = new JsonArray(echo.Url);
            configuration["Pages"]!["Product"] = $"Bed Mail {number}";
        });
    }

    [Theory]
    [InlineData("{ not JSON")]
    [InlineData("unknown option")]
    [InlineData("unknown upstream")]
    [InlineData("unknown policy")]
    public async Task FaultyConfiguration_IsRefused_AndTheOldOneStays(string fault)
    {
        await Bed.EnsureUpAsync();
        await using var echo = new EchoUpstream();
        var good = Sample.Configuration(configuration => configuration["Upstreams"]!["static"]!["Destinations"] = new JsonArray(echo.Url));
        await using var gateway = await GatewayProcess.StartAsync(new GatewaySetup { Configuration = good });
        var before = await gateway.GenerationAsync();

        var faulty = fault.StartsWith('{') ? fault : Sample.Configuration(configuration =>
        {
            switch (fault)
            {
                case "unknown option":
                    configuration["Lockout"]!["Acount"] = new JsonObject();
                    break;
                case "unknown upstream":
                    configuration["Services"]!["dav"]!["Upstream"] = "nowhere";
                    break;
                default:
                    configuration["Services"]!["dav"]!["Rules"]![0]!["Policy"] = "nobody-wrote-it";
                    break;
            }
        });
        var status = await gateway.RefusedReloadAsync(() => gateway.WriteConfiguration(faulty));

        status.GetProperty("generation").GetInt64().ShouldBe(before);
        status.GetProperty("lastLoad").GetProperty("inForce").GetBoolean().ShouldBeFalse();
        status.GetProperty("faults").EnumerateArray().ShouldContain(each => each.GetProperty("severity").GetString() == "error");
        (await Deadline.PollAsync(TimeSpan.FromSeconds(5), () => gateway.Errors.Contains("the running one stays", StringComparison.Ordinal))).ShouldBeTrue(gateway.Errors);
        using var client = new GatewayClient(gateway, Host);
        (await client.GetAsync("/SOGo.woa/WebServerResources/x.css")).Status.ShouldBe(200);

        // Mended, it is taken again.
        await gateway.ReloadAsync(good);
        (await gateway.StatusAsync()).GetProperty("lastLoad").GetProperty("inForce").GetBoolean().ShouldBeTrue();
        var record = await gateway.AuditRecordAsync(each => each.GetProperty("reason").GetString() == "configuration-refused", "--event", "configuration");
        record.GetProperty("verdict").GetString().ShouldBe("deny");
    }

    [Fact]
    public async Task HangUp_LoadsAgain()
    {
        await Bed.EnsureUpAsync();
        await using var gateway = await GatewayProcess.StartAsync(new GatewaySetup { Configuration = Sample.Configuration() });
        var before = await gateway.GenerationAsync();
        (await ProgramRun.ExecuteAsync("kill", ["-HUP", gateway.Id.ToString(CultureInfo.InvariantCulture)])).ExitCode.ShouldBe(0);

        JsonElement status = default;
        (await Deadline.PollAsync(TimeSpan.FromSeconds(10), async () => (status = await gateway.StatusAsync()).GetProperty("generation").GetInt64() > before)).ShouldBeTrue(gateway.Errors);
        status.GetProperty("lastLoad").GetProperty("trigger").GetString().ShouldBe("signal");
    }

    [Fact]
    public async Task RemovedService_IsGone_AndANewOneIsServed()
    {
        await Bed.EnsureUpAsync();
        await using var echo = new EchoUpstream();
        await using var gateway = await GatewayProcess.StartAsync(new GatewaySetup { Configuration = Sample.Configuration() });
        using var client = new GatewayClient(gateway, "web.bed.test");
        // Not even a handshake: there is no certificate for a host nobody publishes.
        await Should.ThrowAsync<HttpRequestException>(() => client.GetAsync("/new"));

        await gateway.ReloadAsync(Sample.Configuration(configuration =>
        {
            configuration.AddHost("web.bed.test");
            configuration.AddService("new", "web.bed.test", "generic-web", "open", echo.Url);
        }));
        using var fresh = new GatewayClient(gateway, "web.bed.test");
        (await fresh.GetAsync("/new")).Status.ShouldBe(200);

        await gateway.ReloadAsync(Sample.Configuration());
        // On the connection it was served on a moment ago.
        (await fresh.GetAsync("/new")).Status.ShouldBeOneOf(404, 421);
    }

    private static async Task<(int Count, List<string> Failures)> DriveAsync(GatewayProcess gateway, int number, CancellationToken stop)
    {
        // Half of them with a login, and each second one on HTTP/2.
        using var client = new GatewayClient(gateway, Host, null, number % 2 == 0 ? null : $"u090{number}:load-pw", new Version(number < 2 ? 1 : 2, number < 2 ? 1 : 0));
        var count = 0;
        var failures = new List<string>();
        while (!stop.IsCancellationRequested)
        {
            try
            {
                var answer = number % 2 == 0
                    ? await client.GetAsync("/SOGo.woa/WebServerResources/x.css")
                    : await client.SendAsync("PROPFIND", "/SOGo/dav/x/", null, ("Depth", "0"));
                if (answer.Status != 200)
                {
                    failures.Add(answer.ToString());
                }
            }
            catch (HttpRequestException e)
            {
                failures.Add(e.ToString());
            }

            count++;
        }

        return (count, failures);
    }
}
