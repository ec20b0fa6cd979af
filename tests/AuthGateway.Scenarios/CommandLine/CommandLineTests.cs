using System.Text.Json;
using AuthGateway.Scenarios.Support;
using AuthGateway.TestKit.Gateway;

namespace AuthGateway.Scenarios.CommandLine;

/// <summary>The command line as administrators use it, beside a gateway that runs.</summary>
public sealed class CommandLineTests(CommandLineGateway bed) : IClassFixture<CommandLineGateway>
{
    private const int Done = 0;
    private const int Refused = 1;
    private const int Usage = 2;
    private const int Faults = 3;
    private const int Unavailable = 4;

    // What the gateway looks for every two seconds, and the time this machine takes.
    private static readonly TimeSpan Effect = TimeSpan.FromSeconds(5);

    private GatewayProcess Gateway => bed.Gateway;

    [Fact]
    public async Task LocalAccount_LivesAndLogsIn()
    {
        var added = await RunAsync(["user", "add", "printer", "--mail", "printer@bed.test", "--group", "mailusers", "--password-stdin", "--json"], "the-first-password\n");
        added.ExitCode.ShouldBe(Done, added.Error);
        Json(added).GetProperty("login").GetString().ShouldBe("printer");
        (await LoginAsync("printer:the-first-password")).ShouldBe(200);
        (await LoginAsync("printer@bed.test:the-first-password")).ShouldBe(200);
        (await LoginAsync("printer:wrong-password")).ShouldBe(401);

        var list = await RunAsync(["user", "list", "--json"]);
        Json(list).EnumerateArray().ShouldContain(account => account.GetProperty("login").GetString() == "printer" && !account.GetProperty("disabled").GetBoolean());
        list.Output.ShouldNotContain("the-first-password");
        list.Output.ShouldNotContain("pbkdf2");
        (await RunAsync(["user", "list"])).Output.ShouldContain("printer");

        (await RunAsync(["user", "disable", "printer"])).ExitCode.ShouldBe(Done);
        (await Deadline.PollAsync(Effect, async () => await LoginAsync("printer:the-first-password") == 401)).ShouldBeTrue("A disabled account should be out, cached or not.");
        (await RunAsync(["user", "enable", "printer"])).ExitCode.ShouldBe(Done);
        (await RunAsync(["lockout", "clear", "printer"])).ExitCode.ShouldBeOneOf(Done, Refused);
        (await Deadline.PollAsync(Effect, async () => await LoginAsync("printer:the-first-password") == 200)).ShouldBeTrue("An enabled account should be in again.");

        (await RunAsync(["user", "passwd", "printer", "--password-stdin"], "the-second-password\n")).ExitCode.ShouldBe(Done);
        (await Deadline.PollAsync(Effect, async () => await LoginAsync("printer:the-first-password") == 401)).ShouldBeTrue("The old password should be out.");
        (await LoginAsync("printer:the-second-password")).ShouldBe(200);

        var audit = await Gateway.AuditAsync("--event", "administration", "--user", "printer");
        audit.Select(record => record.GetProperty("reason").GetString()).ShouldBe(["user-password-set", "user-enabled", "user-disabled", "user-added"], string.Join('\n', audit));
    }

    [Fact]
    public async Task UserVerbs_RefuseWhatCannotBe()
    {
        (await RunAsync(["user", "add", "nobody", "--password-stdin"], "short\n")).ExitCode.ShouldBe(Refused);
        (await RunAsync(["user", "add", "no:body", "--password-stdin"], "a-good-password\n")).ExitCode.ShouldBe(Usage);
        (await RunAsync(["user", "add", "nobody"])).ExitCode.ShouldBe(Refused, "there is nobody to ask for a password");
        (await RunAsync(["user", "disable", "nobody"])).ExitCode.ShouldBe(Refused);
        (await RunAsync(["user", "passwd", "nobody", "--password-stdin"], "a-good-password\n")).ExitCode.ShouldBe(Refused);
        (await RunAsync(["user", "add", "twin", "--password-stdin"], "a-good-password\n")).ExitCode.ShouldBe(Done);
        (await RunAsync(["user", "add", "TWIN", "--password-stdin"], "a-good-password\n")).ExitCode.ShouldBe(Refused);
    }

    [Fact]
    public async Task Lockout_IsListedAndCleared()
    {
        (await RunAsync(["user", "add", "clumsy", "--password-stdin"], "a-good-password\n")).ExitCode.ShouldBe(Done);
        for (var attempt = 0; attempt < 5; attempt++)
        {
            (await LoginAsync($"clumsy:wrong-{attempt}")).ShouldBe(401);
        }

        var list = Json(await RunAsync(["lockout", "list", "--locked", "--json"]));
        var counter = list.EnumerateArray().Single(each => each.GetProperty("key").GetString()!.StartsWith("user:local:", StringComparison.Ordinal));
        counter.GetProperty("failures").GetInt32().ShouldBe(5);
        counter.GetProperty("lockedUntil").GetDateTimeOffset().ShouldBeGreaterThan(DateTimeOffset.UtcNow.AddMinutes(10));
        (await LoginAsync("clumsy:a-good-password")).ShouldBe(401);

        (await RunAsync(["lockout", "clear", "clumsy"])).ExitCode.ShouldBe(Done);
        (await RunAsync(["lockout", "clear", "clumsy"])).ExitCode.ShouldBe(Refused);
        // Not let in for want of a group, but no longer for the lock.
        (await Deadline.PollAsync(Effect, async () => await LoginAsync("clumsy:a-good-password") == 403)).ShouldBeTrue("The lock has been cleared.");
    }

    [Fact]
    public async Task Check_TellsEveryFault()
    {
        var sound = await RunAsync(["check", "--json"]);
        sound.ExitCode.ShouldBe(Done, sound.Error + sound.Output);
        Json(sound).GetProperty("sound").GetBoolean().ShouldBeTrue();
        (await RunAsync(["check"])).Output.ShouldContain("sound");

        var faulty = await WithConfigurationAsync(Sample.Configuration(configuration =>
        {
            configuration["Services"]!["dav"]!["Upstream"] = "nowhere";
            configuration["Services"]!["webmail"]!["Rules"]![0]!["Policy"] = "nobody";
            configuration["Lockout"]!["Account"]!["Limit"] = 0;
        }));
        var run = await RunWithAsync(faulty, ["check"]);
        run.ExitCode.ShouldBe(Faults);
        var json = await RunWithAsync(faulty, ["check", "--json"]);
        json.ExitCode.ShouldBe(Faults);
        Json(json).GetProperty("errors").GetInt32().ShouldBeGreaterThanOrEqualTo(1);
        (run.Output + run.Error).ShouldContain("AuthGateway:Lockout:Account:Limit");

        var references = await WithConfigurationAsync(Sample.Configuration(configuration =>
        {
            configuration["Services"]!["dav"]!["Upstream"] = "nowhere";
            configuration["Services"]!["webmail"]!["Rules"]![0]!["Policy"] = "nobody";
        }));
        var both = await RunWithAsync(references, ["check"]);
        both.ExitCode.ShouldBe(Faults);
        both.Error.ShouldContain("nowhere");
        both.Error.ShouldContain("nobody");
        (await RunWithAsync(references, ["user", "list"])).ExitCode.ShouldBeOneOf(Done, Faults);
    }

    [Fact]
    public async Task Explain_TellsWhatTheGatewayWouldDo()
    {
        var allowed = await RunAsync(
        [
            "explain", "https://eas.bed.test/Microsoft-Server-ActiveSync?Cmd=Ping&User=alice&DeviceId=D1&DeviceType=iPhone", "--method", "POST",
            "--user", "alice", "--alias", "alice@bed.test", "--group", "mailusers", "--certificate", Bed.Pki("alice.crt"), "--from", "127.0.0.1",
        ]);
        allowed.ExitCode.ShouldBe(Done, allowed.Output + allowed.Error);
        allowed.Output.ShouldContain("ALLOW");
        foreach (var stage in (string[])["device", "lockout", "login", "factor", "authorization"])
        {
            allowed.Output.ShouldContain(stage);
        }

        var other = await RunAsync(
        [
            "explain", "https://eas.bed.test/Microsoft-Server-ActiveSync?Cmd=Ping&User=alice&DeviceId=D1&DeviceType=iPhone", "--method", "POST",
            "--user", "alice", "--alias", "alice@bed.test", "--group", "mailusers", "--certificate", Bed.Pki("bob.crt"), "--json",
        ]);
        other.ExitCode.ShouldBe(Refused, other.Output + other.Error);
        Json(other).GetProperty("reason").GetString().ShouldBe("identity-mismatch");

        var closed = await RunAsync(["explain", "https://mail.bed.test/SOGo/SOGoAPI", "--user", "alice", "--group", "mailusers", "--from", "127.0.0.1", "--json"]);
        closed.ExitCode.ShouldBe(Refused);
        Json(closed).GetProperty("reason").GetString().ShouldBe("closed-path");

        var outside = await RunAsync(["explain", "https://mail.bed.test/SOGo/", "--user", "alice", "--group", "mailusers", "--from", "203.0.113.7", "--json"]);
        outside.ExitCode.ShouldBe(Refused);
        Json(outside).GetProperty("reason").GetString().ShouldBe("factors-missing");
        Json(outside).GetProperty("steps").EnumerateArray().Last().GetProperty("verdict").GetString().ShouldBe("challenge");

        var code = await RunAsync(["explain", "https://mail.bed.test/SOGo/", "--user", "alice", "--group", "mailusers", "--from", "203.0.113.7", "--factor", "totp", "--json"]);
        code.ExitCode.ShouldBe(Done, code.Output + code.Error);

        var phone = await RunAsync(["explain", "https://mail.bed.test/SOGo/dav/alice/", "--user", "alice", "--group", "mailusers", "--from", "203.0.113.7", "--json"]);
        phone.ExitCode.ShouldBe(Refused);
        Json(phone).GetProperty("reason").GetString().ShouldBe("no-rule");

        (await RunAsync(["explain", "not a url"])).ExitCode.ShouldBe(Usage);
    }

    [Fact]
    public async Task ConfigPrint_ShowsDefaultsAndHidesSecrets()
    {
        var print = await RunAsync(["config", "print", "--effective"]);
        print.ExitCode.ShouldBe(Done, print.Error);
        print.Output.ShouldContain("ChainTimeout");
        print.Output.ShouldNotContain("gatewaypw");
        Json(print).ValueKind.ShouldBe(JsonValueKind.Object);
    }

    [Fact]
    public async Task Schema_IsJson()
    {
        var schema = await RunAsync(["schema"]);
        schema.ExitCode.ShouldBe(Done, schema.Error);
        Json(schema).GetProperty("properties").ValueKind.ShouldBe(JsonValueKind.Object);
        (await RunAsync(["schema", "--markdown"])).Output.ShouldContain("Lockout");
    }

    [Fact]
    public async Task BackendTest_AsksTheDirectory()
    {
        var run = await RunAsync(["backend", "test", "directory", "--user", "alice", "--json"]);
        run.ExitCode.ShouldBe(Done, run.Error);
        var result = Json(run)[0];
        result.GetProperty("user").GetString().ShouldBe("alice");
        result.GetProperty("groups").EnumerateArray().ShouldContain(group => group.GetString()!.Contains("mailusers", StringComparison.Ordinal));

        (await RunAsync(["backend", "test", "directory", "--user", "no-such-user"])).ExitCode.ShouldBe(Refused);
        (await RunAsync(["backend", "test", "no-such-backend"])).ExitCode.ShouldBe(Refused);
        var away = await WithConfigurationAsync(Sample.Configuration(configuration =>
            configuration.Directory()["Hosts"] = new System.Text.Json.Nodes.JsonArray("ldaps://127.0.0.1:9")));
        (await RunWithAsync(away, ["backend", "test", "directory"])).ExitCode.ShouldBe(Unavailable);
    }

    [Theory]
    [InlineData("no-such-verb")]
    [InlineData("user", "add")]
    [InlineData("audit", "search", "--limit", "many")]
    [InlineData("audit", "search", "--since", "long ago")]
    [InlineData("lockout", "list", "--limit", "0")]
    public async Task CommandLineNobodyUnderstands_IsSaidWithTheWayToTheHelp(params string[] arguments)
    {
        var run = await RunAsync(arguments);
        run.ExitCode.ShouldBe(Usage, run.Output + run.Error);
        run.Error.ShouldNotBeEmpty();
        run.Error.ShouldNotContain("   at ");
        run.Output.ShouldBeEmpty();
    }

    [Fact]
    public async Task Run_WithoutAFile_IsSaid()
    {
        var run = await RunWithAsync("/nonexistent/appsettings.json", ["run"]);
        run.ExitCode.ShouldBe(Faults, run.Error);
        run.Error.ShouldNotContain("   at ");
    }

    [Fact]
    public async Task AuditSearch_FindsNothingWithExitCodeOne_AndStillParses()
    {
        var run = await RunAsync(["audit", "search", "--user", "nobody-ever", "--json"]);
        run.ExitCode.ShouldBe(Refused);
        Json(run).GetArrayLength().ShouldBe(0);
    }

    private static JsonElement Json(ProgramRun run)
    {
        using var document = JsonDocument.Parse(run.Output);
        return document.RootElement.Clone();
    }

    private Task<ProgramRun> RunAsync(string[] arguments, string? input = null) => Gateway.RunProgramAsync(arguments, input);

    private async Task<string> WithConfigurationAsync(string text)
    {
        var file = Path.Combine(Gateway.State, $"{Guid.NewGuid():N}.json");
        await File.WriteAllTextAsync(file, text.Replace("@port:public@", "8443", StringComparison.Ordinal).Replace("@port:plain@", "8080", StringComparison.Ordinal).Replace("@port:staff@", "9443", StringComparison.Ordinal));
        return file;
    }

    private Task<ProgramRun> RunWithAsync(string file, string[] arguments) =>
        ProgramRun.ExecuteAsync("dotnet", [Repository.Program, .. arguments, "--config", file, "--state", Gateway.State]);

    // From an address of its own each time, so that nothing but the account is counted.
    private async Task<int> LoginAsync(string login)
    {
        using var client = new GatewayClient(Gateway, "mail.bed.test", null, login);
        return (await client.SendAsync("PROPFIND", "/SOGo/dav/x/", null, ("Depth", "0"))).Status;
    }
}

/// <summary>One gateway for every verb, with an upstream that answers at once.</summary>
public sealed class CommandLineGateway : IAsyncLifetime
{
    private GatewayProcess? _gateway;

    internal GatewayProcess Gateway => _gateway ?? throw new InvalidOperationException("The gateway has not been started.");

    private EchoUpstream Echo { get; } = new();

    public async Task InitializeAsync()
    {
        await Bed.EnsureUpAsync();
        _gateway = await GatewayProcess.StartAsync(new GatewaySetup
        {
            Configuration = Sample.Configuration(configuration =>
            {
                configuration.RaiseAddressLimit();
                configuration["Upstreams"]!["sogo"]!["Destinations"] = new System.Text.Json.Nodes.JsonArray(Echo.Url);
            }),
        });
    }

    public async Task DisposeAsync()
    {
        if (_gateway is not null)
        {
            await _gateway.DisposeAsync();
        }

        await Echo.DisposeAsync();
    }
}

/// <summary>The program is asked to stop.</summary>
public sealed class StopTests
{
    [Fact]
    public async Task Stop_IsClean_AndLosesNoRecord()
    {
        await Bed.EnsureUpAsync();
        await using var echo = new EchoUpstream();
        await using var gateway = await GatewayProcess.StartAsync(new GatewaySetup
        {
            Configuration = Sample.Configuration(configuration => configuration["Upstreams"]!["sogo"]!["Destinations"] = new System.Text.Json.Nodes.JsonArray(echo.Url)),
        });
        using var client = new GatewayClient(gateway, "mail.bed.test", null, "alice");
        for (var request = 0; request < 3; request++)
        {
            (await client.SendAsync("PROPFIND", "/SOGo/dav/x/", null, ("Depth", "0"))).Status.ShouldBe(200);
        }

        (await gateway.StopAsync()).ShouldBe(0, gateway.Errors);

        var records = await gateway.AuditAsync("--event", "sign-in", "--user", "alice");
        records.Sum(record => record.GetProperty("count").GetInt32()).ShouldBe(3, string.Join('\n', records));
    }
}
