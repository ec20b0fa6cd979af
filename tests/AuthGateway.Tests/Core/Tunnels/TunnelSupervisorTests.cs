using System.Diagnostics.Metrics;
using AuthGateway.Core.Audit;
using AuthGateway.Core.Tunnels;
using AuthGateway.TestKit;
using AuthGateway.TestKit.Gateway;
using AuthGateway.TestKit.Stores;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace AuthGateway.Tests.Core.Tunnels;

public sealed class TunnelSupervisorTests : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly TunnelBed _bed = new();
    private readonly ManualTimeProvider _clock = new();
    private readonly InMemoryAuditStore _audit = new();
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly Dialer _dialer = new();
    private readonly TunnelSupervisor _supervisor;

    public TunnelSupervisorTests() => _supervisor = Create();

    public async ValueTask DisposeAsync()
    {
        await _supervisor.StopAsync();
        await _services.DisposeAsync();
        _bed.Dispose();
    }

    [Fact]
    public async Task Apply_ChangedTunnel_IsOpenedAnewAndOthersStand()
    {
        await UpAsync(("a", 22), ("b", 22));
        var (a, b) = (Pid("a"), Pid("b"));

        _supervisor.Apply(Table(("b", 23), ("a", 22), ("c", 22)));

        (await Deadline.PollAsync(Patience, () => States() == "b up, a up, c up" && Pid("b") != b)).ShouldBeTrue(States());
        Pid("a").ShouldBe(a);
        _dialer.Ended.ShouldBe([b]);
        _supervisor.Apply(Table(("a", 22)));
        (await Deadline.PollAsync(Patience, () => _dialer.Ended.Count == 3)).ShouldBeTrue();
        States().ShouldBe("a up");
        Pid("a").ShouldBe(a);
    }

    [Fact]
    public async Task Apply_NoTunnel_MakesNoFolder()
    {
        _supervisor.Apply(TunnelTable.Empty);
        Directory.Exists(_bed.Places.Folder).ShouldBeFalse();
        await Task.CompletedTask;
    }

    [Fact]
    public async Task Refused_IsAudited_AndTriedAgainByAReload()
    {
        _dialer.Loss = new TunnelLoss(TunnelFailure.HostKeyChanged, "the server shows another key");
        _supervisor.Apply(Table(("office", 22)));
        (await Deadline.PollAsync(Patience, () => _audit.Records.Count == 1)).ShouldBeTrue();
        var record = _audit.Records[0];
        (record.Event, record.Reason, record.Verdict, record.Detail).ShouldBe(("tunnel", "tunnel-host-key-changed", "deny", "office (ssh.example.org:22): the server shows another key"));

        _dialer.Loss = null;
        _supervisor.Apply(Table(("office", 22)));

        (await Deadline.PollAsync(Patience, () => States() == "office up")).ShouldBeTrue();
    }

    [Fact]
    public async Task Folder_OfAnotherGateway_IsLeftAlone()
    {
        await UpAsync(("a", 22));
        var second = Create();

        second.Apply(Table(("a", 22)));

        second.Statuses.ShouldBeEmpty();
        await second.StopAsync();
        States().ShouldBe("a up");
        new TunnelStatusFile(_bed.Places, _clock).Read().ShouldNotBeNull().ShouldHaveSingleItem().State.ShouldBe(TunnelState.Up);
    }

    [Fact]
    public async Task Stop_EndsAll_AndClearsTheFolder()
    {
        await UpAsync(("a", 22), ("b", 22));
        var socket = Path.Combine(_bed.Places.Folder, "a-0.sock");
        await File.WriteAllTextAsync(socket, "");

        await _supervisor.StopAsync();

        _dialer.Ended.Count.ShouldBe(2);
        File.Exists(socket).ShouldBeFalse();
        _supervisor.Apply(Table(("c", 22)));
        States().ShouldBe("a stopped, b stopped");
    }

    [Fact]
    public async Task Metrics_TellWhichIsUpAndWhatFailed()
    {
        var seen = new List<string>();
        using var listener = new MeterListener { InstrumentPublished = (instrument, self) => { if (instrument.Meter.Name == "AuthGateway.Tunnels") { self.EnableMeasurementEvents(instrument); } } };
        void Note<T>(Instrument instrument, T value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? _)
        {
            var text = $"{instrument.Name} {string.Join(' ', tags.ToArray().Select(tag => tag.Value))} {value}";
            lock (seen)
            {
                seen.Add(text);
            }
        }

        listener.SetMeasurementEventCallback<long>(Note);
        listener.SetMeasurementEventCallback<int>(Note);
        listener.Start();
        await UpAsync(("a", 22));
        _dialer.Loss = new TunnelLoss(TunnelFailure.HostKeyChanged, "no");
        _supervisor.Apply(Table(("a", 22), ("b", 22)));
        (await Deadline.PollAsync(Patience, () => States() == "a up, b refused")).ShouldBeTrue();
        (await Deadline.PollAsync(Patience, () => _audit.Records.Count == 1)).ShouldBeTrue();

        listener.RecordObservableInstruments();

        lock (seen)
        {
            seen.ShouldBe(["authgateway.tunnel.opened a 1", "authgateway.tunnel.failed b HostKeyChanged 1", "authgateway.tunnel.up a 1", "authgateway.tunnel.up b 0"]);
        }
    }

    private TunnelSupervisor Create() => new(
        _bed.Places,
        _dialer,
        () => 0.5,
        new AuditLog(_audit, _clock, NullLogger<AuditLog>.Instance),
        new TunnelMetrics(_services.GetRequiredService<IMeterFactory>()),
        _clock,
        NullLogger.Instance);

    private async Task UpAsync(params (string Name, int Port)[] tunnels)
    {
        _supervisor.Apply(Table(tunnels));
        (await Deadline.PollAsync(Patience, () => _supervisor.Statuses.All(status => status.State == TunnelState.Up))).ShouldBeTrue();
    }

    private string States() => string.Join(", ", _supervisor.Statuses.Select(status => $"{status.Name} {status.State.ToString().ToLowerInvariant()}"));

    private int Pid(string name) => _supervisor.Statuses.Single(status => status.Name == name).Pid ?? 0;

    private static TunnelTable Table(params (string Name, int Port)[] tunnels) => new(
        [.. tunnels.Select(tunnel => new Tunnel { Name = tunnel.Name, Host = "ssh.example.org", Port = tunnel.Port, User = "tunnel", KeyFile = "/key", Forwards = [] })], []);

    private sealed class Dialer : ITunnelDialer
    {
        private readonly List<int> _ended = [];
        private int _last;

        public TunnelLoss? Loss { get; set; }

        public IReadOnlyList<int> Ended
        {
            get
            {
                lock (_ended)
                {
                    return [.. _ended];
                }
            }
        }

        public Task<TunnelDial> DialAsync(Tunnel tunnel, CancellationToken cancellationToken) =>
            Task.FromResult(Loss is { } loss ? new TunnelDial(null, loss) : new TunnelDial(new Link(this, Interlocked.Increment(ref _last)), default));

        private sealed class Link(Dialer dialer, int id) : ITunnelLink
        {
            public int Id => id;

            public Task<TunnelLoss> Ended { get; } = new TaskCompletionSource<TunnelLoss>().Task;

            public ValueTask DisposeAsync()
            {
                lock (dialer._ended)
                {
                    dialer._ended.Add(id);
                }

                return ValueTask.CompletedTask;
            }
        }
    }
}
