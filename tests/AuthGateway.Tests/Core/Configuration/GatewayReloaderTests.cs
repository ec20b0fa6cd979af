using AuthGateway.Core.Audit;
using AuthGateway.Core.Backends;
using AuthGateway.Core.Configuration;
using AuthGateway.Core.Faults;
using AuthGateway.Core.Forwarding;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Listeners;
using AuthGateway.Core.Lockout;
using AuthGateway.Core.Login.Tickets;
using AuthGateway.Core.Login;
using AuthGateway.Core.Pipeline;
using AuthGateway.TestKit.Certificates;
using AuthGateway.TestKit.Stores;
using AuthGateway.TestKit;
using AuthGateway.Tests.Core.Backends;
using Microsoft.Extensions.Logging.Abstractions;
using Yarp.ReverseProxy.Configuration;

namespace AuthGateway.Tests.Core.Configuration;

public sealed class GatewayReloaderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("agw-reload-").FullName;
    private readonly ManualTimeProvider _clock = new(DateTimeOffset.UtcNow);
    private readonly InMemoryAuditStore _audit = new();
    private readonly List<ScriptedBackend> _backends = [];
    private readonly GatewayState _state = new();
    private readonly ListenerState _listeners;
    private readonly LoginFlow _login;
    private readonly GatewayReloader _reloader;

    public GatewayReloaderTests()
    {
        using var authority = TestAuthority.Create();
        using var server = authority.IssueServer("mail.example.com");
        TestAuthority.WritePem(server, Path.Combine(_folder, "mail.pem"), Path.Combine(_folder, "mail.key"));
        Write("password");

        var sources = new GatewaySources(Path.Combine(_folder, "appsettings.json"), _folder, Demo: false);
        var builder = new GatewayTableBuilder(new BackendDependencies(Backend, _clock, NullLoggerFactory.Instance), _clock);
        var (build, faults, files) = GatewayReloader.Load(sources, builder, previous: null);
        faults.All.Where(fault => fault.Severity == FaultSeverity.Error).ShouldBeEmpty();
        _login = new LoginFlow(new LockoutGuard(new InMemoryLockoutStore(), _clock, NullLogger<LockoutGuard>.Instance), _clock, NullLogger<LoginFlow>.Instance);
        _listeners = new ListenerState(build!.Listeners);
        _reloader = new GatewayReloader(
            sources, builder, _state, _listeners, new ForwardingState(new InMemoryConfigProvider([], [])), _login, new TicketKeys(_folder, NullLogger<TicketKeys>.Instance), new AuditLog(_audit, _clock, NullLogger<AuditLog>.Instance), _clock, NullLogger<GatewayReloader>.Instance);
        _reloader.Start(build, faults, files);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Start_PutsTheBuildInForce()
    {
        (_state.Current.Generation, _reloader.Last!.Trigger, _reloader.Last.InForce).ShouldBe((1, "start", true));
        _reloader.Files.ShouldContain(file => file == Path.Combine(_folder, "mail.pem"));
    }

    [Fact]
    public async Task Reload_Good_IsSwappedRecordedAndNothingStaysCached()
    {
        await Prove();
        await Prove();
        _backends[0].Verifies.ShouldBe(1);
        var old = (_state.Current, _listeners.Current);
        Write("second");

        (await _reloader.ReloadAsync("file", default)).ShouldBeTrue();

        _state.Current.ShouldNotBeSameAs(old.Item1);
        _listeners.Current.ShouldNotBeSameAs(old.Item2);
        _state.Current.Services.Services[0].Rules[0].Policy.Name.ShouldBe("second");
        (_state.Current.Generation, _reloader.Last!.Trigger, _reloader.Last.InForce).ShouldBe((2, "file", true));
        _reloader.Current!.Table.ShouldBeSameAs(_state.Current);
        (_audit.Records[^1].Reason, _audit.Records[^1].Verdict).ShouldBe(("configuration-loaded", "done"));
        await Prove();
        _backends.Sum(backend => backend.Verifies).ShouldBe(2);
    }

    [Theory]
    [InlineData("{ not json")]
    [InlineData("{}")]
    [InlineData(null)]
    public async Task Reload_Bad_LeavesEverythingAndSaysSo(string? text)
    {
        var old = (_state.Current, _listeners.Current, _reloader.Current);
        if (text is null)
        {
            Write("nobody-defined-this");
        }
        else
        {
            TestAuthority.WritePrivate(Path.Combine(_folder, "appsettings.json"), text);
        }

        (await _reloader.ReloadAsync("signal", default)).ShouldBeFalse();

        (_state.Current, _listeners.Current, _reloader.Current).ShouldBe(old);
        (_reloader.Last!.Trigger, _reloader.Last.InForce).ShouldBe(("signal", false));
        _reloader.Last.Faults.ShouldContain(fault => fault.Severity == FaultSeverity.Error);
        (_audit.Records[^1].Reason, _audit.Records[^1].Verdict).ShouldBe(("configuration-refused", "deny"));
        _reloader.Files.ShouldContain(file => file == Path.Combine(_folder, "mail.pem"));

        Write("password");
        (await _reloader.ReloadAsync("file", default)).ShouldBeTrue();
    }

    [Fact]
    public async Task Reload_BadElsewhere_GivesBackTheBackendsItHadMade()
    {
        Write("nobody-defined-this", backend: "renamed");
        (await _reloader.ReloadAsync("file", default)).ShouldBeFalse();
        _backends.Select(backend => (backend.Name, backend.IsDisposed)).ShouldBe([("local", false), ("renamed", true)]);
    }

    /// <summary>Also of a change made two loads ago: it is still not in force.</summary>
    [Fact]
    public async Task Reload_OptionsTakenAtStart_AreWarnedOfUntilTheRestart()
    {
        Write("second", more: """, "Limits": { "Connections": 4711 }, "Audit": { "RetainDays": 30 }, "Log": { "Level": "warning" }, "Storage": { "Path": "other.db" }""");
        (await _reloader.ReloadAsync("file", default)).ShouldBeTrue();
        (await _reloader.ReloadAsync("file", default)).ShouldBeTrue();

        var warned = _reloader.Last!.Faults.Where(fault => fault.Message.StartsWith("The change needs a restart", StringComparison.Ordinal)).ToArray();
        warned.Select(fault => fault.Key).ShouldBe(["AuthGateway:Limits:Connections", "AuthGateway:Storage:Path", "AuthGateway:Audit:RetainDays", "AuthGateway:Log:Level"]);
        (warned[0].Severity, warned[0].Value, warned[0].Message).ShouldBe((FaultSeverity.Warning, "4711", "The change needs a restart; until then \"20000\" is in force."));

        Write("second");
        (await _reloader.ReloadAsync("file", default)).ShouldBeTrue();
        _reloader.Last!.Faults.ShouldNotContain(fault => fault.Message.Contains("restart", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Reload_AuditDown_StandsAllTheSame()
    {
        _audit.IsDown = true;
        Write("second");
        (await _reloader.ReloadAsync("file", default)).ShouldBeTrue();
        _state.Current.Generation.ShouldBe(2);
    }

    private async Task Prove()
    {
        UserName.TryParse("alice", out var name).ShouldBeTrue();
        var table = _state.Current;
        (await _login.ProveAsync(new LoginRequest(table.Chain, 7, table.Lockout, table.Login, name, Secret.FromText("x"), System.Net.IPAddress.Loopback, "web", null), default))
            .ShouldBeOfType<LoginResult.Proven>();
    }

    private ScriptedBackend Backend(LocalBackendOptions options)
    {
        var backend = new ScriptedBackend(options.Name, "yes");
        _backends.Add(backend);
        return backend;
    }

    private void Write(string policy, string backend = "local", string more = "") => TestAuthority.WritePrivate(Path.Combine(_folder, "appsettings.json"), $$"""
        {
          "AuthGateway": {
            "Listeners": { "public": { "Url": "https://127.0.0.1:8443" } },
            "Hosts": { "mail.example.com": { "CertificateFile": "mail.pem", "KeyFile": "mail.key" } },
            "Upstreams": { "app": { "Destinations": ["http://127.0.0.1:1"] } },
            "Services": { "web": { "Preset": "generic-web", "Hosts": ["mail.example.com"], "Upstream": "app", "Rules": [ { "Policy": "{{policy}}" } ] } },
            "Policies": { "password": { "Factors": ["password"] }, "second": { "Factors": ["password"] } },
            "Backends": [ { "Name": "{{backend}}", "Type": "local" } ]{{more}}
          }
        }
        """);
}
