using AuthGateway.Core.Faults;
using AuthGateway.Core.Pipeline;
using AuthGateway.Core.Signals;
using AuthGateway.Hosting;
using AuthGateway.TestKit;
using AuthGateway.Tests.Core.Pipeline;
using Microsoft.Extensions.Hosting;

namespace AuthGateway.Tests.Hosting;

public sealed class HealthProbeTests : IDisposable
{
    private readonly ManualTimeProvider _clock = new();
    private readonly Store _store = new();
    private readonly Lifetime _lifetime = new();
    private readonly GatewayState _state = new();
    private readonly HealthProbe _probe;

    public HealthProbeTests() => _probe = new HealthProbe(_store, _state, _lifetime, _clock);

    public void Dispose()
    {
        _probe.Dispose();
        _lifetime.Dispose();
    }

    [Fact]
    public async Task Find_BeforeTheStart_SaysSoAndAsksNoStore()
    {
        (await Find()).ShouldBe("The gateway has not started yet.");
        _lifetime.Started.Cancel();
        (await Find()).ShouldBe("The gateway has not started yet.");
        _state.Swap(new RequestBed().Table());
        (await Find()).ShouldBeNull();
        _store.Writes.ShouldBe(1);
        _lifetime.Stopping.Cancel();
        (await Find()).ShouldBe("The gateway is stopping.");
    }

    [Fact]
    public async Task Find_StoreDown_SaysSoAndAsksAgainAfterAWhile()
    {
        Start();
        _store.IsDown = true;
        (await Find()).ShouldNotBeNull().ShouldContain("The disk is full.");
        _store.IsDown = false;
        (await Find()).ShouldNotBeNull();
        _clock.Advance(HealthProbe.Kept);
        (await Find()).ShouldBeNull();
    }

    [Fact]
    public async Task Find_AskedInALoop_WritesOnceInTwoSeconds()
    {
        Start();
        for (var i = 0; i < 100; i++)
        {
            (await Find()).ShouldBeNull();
        }

        _store.Writes.ShouldBe(1);
    }

    private void Start()
    {
        _state.Swap(new RequestBed().Table());
        _lifetime.Started.Cancel();
    }

    private ValueTask<string?> Find() => _probe.FindProblemAsync(default);

    private sealed class Store : ISignalStore
    {
        public bool IsDown { get; set; }

        public int Writes { get; private set; }

        public ValueTask<long> ReadAsync(string name, CancellationToken cancellationToken) => new(Writes);

        public ValueTask RaiseAsync(string name, CancellationToken cancellationToken)
        {
            name.ShouldBe(SignalNames.HealthProbed);
            Writes++;
            return IsDown ? throw new StoreUnavailableException("The disk is full.") : ValueTask.CompletedTask;
        }
    }

    private sealed class Lifetime : IHostApplicationLifetime, IDisposable
    {
        public CancellationTokenSource Started { get; } = new();

        public CancellationTokenSource Stopping { get; } = new();

        public CancellationToken ApplicationStarted => Started.Token;

        public CancellationToken ApplicationStopping => Stopping.Token;

        public CancellationToken ApplicationStopped => default;

        public void StopApplication() => throw new NotSupportedException();

        public void Dispose()
        {
            Started.Dispose();
            Stopping.Dispose();
        }
    }
}
