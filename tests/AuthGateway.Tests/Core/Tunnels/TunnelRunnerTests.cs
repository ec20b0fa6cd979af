using System.Threading.Channels;
using AuthGateway.Core.Tunnels;
using AuthGateway.TestKit;
using AuthGateway.TestKit.Gateway;
using Microsoft.Extensions.Logging.Abstractions;

namespace AuthGateway.Tests.Core.Tunnels;

public sealed class TunnelRunnerTests : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly ManualTimeProvider _clock = new();
    private readonly ScriptedDialer _dialer = new();
    private readonly Channel<TunnelStatus> _changes = Channel.CreateUnbounded<TunnelStatus>();
    private TunnelRunner? _runner;

    private static Tunnel Office => new() { Name = "office", Host = "ssh.example.org", Port = 22, User = "tunnel", KeyFile = "/key", Forwards = [] };

    public async ValueTask DisposeAsync()
    {
        if (_runner is not null)
        {
            await _runner.StopAsync();
        }
    }

    [Fact]
    public async Task Backoff_Waits_DoubleUpToTheLongestAndBeginAnewAfterALife()
    {
        var waits = new List<double>();
        var backoff = new TunnelBackoff(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(8), _clock, () => 0.5);
        for (var i = 0; i < 6; i++)
        {
            waits.Add(backoff.Next().TotalSeconds);
        }

        backoff.Up();
        _clock.Advance(TimeSpan.FromSeconds(7));
        waits.Add(backoff.Next().TotalSeconds);
        backoff.Up();
        _clock.Advance(TimeSpan.FromSeconds(8));
        waits.Add(backoff.Next().TotalSeconds);

        waits.ShouldBe([1.125, 2, 4, 7, 7, 7, 7, 1.125], 0.001);
        await Task.CompletedTask;
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.999999)]
    public void Backoff_Jitter_StaysWithinTheBounds(double chance)
    {
        var backoff = new TunnelBackoff(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30), _clock, () => chance);
        for (var i = 0; i < 20; i++)
        {
            backoff.Next().TotalSeconds.ShouldBeInRange(1, 30);
        }
    }

    [Fact]
    public async Task Run_LostTunnel_IsOpenedAgainAfterItsWait()
    {
        Start();
        var link = await UpAsync();

        link.End(TunnelFailure.Lost, "closed");

        var waiting = await NextAsync(TunnelState.Waiting);
        (waiting.Failure, waiting.LastError, waiting.Pid).ShouldBe((TunnelFailure.Lost, "closed", null));
        link.IsDisposed.ShouldBeTrue();
        await TimerAsync();
        _clock.Advance(TimeSpan.FromSeconds(0.9));
        _changes.Reader.TryRead(out _).ShouldBeFalse("before the shortest wait nothing is tried");
        _clock.Advance(TimeSpan.FromSeconds(1));
        await UpAsync();
        (_runner!.Status.Failure, _runner.Status.LastError).ShouldBe((TunnelFailure.None, "closed"));
    }

    [Theory]
    [InlineData(TunnelFailure.HostKeyChanged)]
    [InlineData(TunnelFailure.HostKeyUntrusted)]
    [InlineData(TunnelFailure.KeyUnusable)]
    public async Task Run_Refused_TriesNothingUntilSomebodyActs(TunnelFailure failure)
    {
        Start();
        _dialer.Fail(failure, "no");

        (await NextAsync(TunnelState.Refused)).Failure.ShouldBe(failure);
        _clock.ActiveTimers.ShouldBe(0);
        _clock.Advance(TimeSpan.FromDays(1));
        _dialer.Asked.ShouldBe(1);

        _runner!.Wake();
        await UpAsync();
        _dialer.Asked.ShouldBe(2);
    }

    [Theory]
    [InlineData(TunnelFailure.LoginRefused, "secret", true)]
    [InlineData(TunnelFailure.LoginRefused, "", false)]
    [InlineData(TunnelFailure.Unreachable, "secret", false)]
    [InlineData(TunnelFailure.RemoteRefused, "", false)]
    [InlineData(TunnelFailure.ListenRefused, "", false)]
    public void Stops_PasswordThatIsNotTaken_IsNotGivenTwice(TunnelFailure failure, string password, bool stops) =>
        TunnelRunner.Stops(failure, Office with { Password = password }).ShouldBe(stops);

    [Fact]
    public async Task Run_Wake_EndsTheWaitAtOnce()
    {
        Start();
        _dialer.Fail(TunnelFailure.Unreachable, "no");
        await NextAsync(TunnelState.Waiting);
        await TimerAsync();

        _runner!.Wake();

        await UpAsync();
    }

    [Fact]
    public async Task Run_WakeWhileUp_DoesNotShortenALaterWait()
    {
        Start();
        var link = await UpAsync();
        _runner!.Wake();

        link.End(TunnelFailure.HostKeyChanged, "no");

        await NextAsync(TunnelState.Refused);
        _clock.Advance(TimeSpan.FromMinutes(1));
        (_dialer.Asked, _runner.Status.State).ShouldBe((1, TunnelState.Refused));
    }

    [Fact]
    public async Task Run_FaultOfOurs_IsNotTheTunnelsEnd()
    {
        Start();
        _dialer.Throw(new InvalidOperationException("ours"));
        (await NextAsync(TunnelState.Waiting)).LastError.ShouldBe("ours");
        await TimerAsync();

        _clock.Advance(TimeSpan.FromSeconds(8));

        await UpAsync();
    }

    [Fact]
    public async Task Stop_WhileUp_EndsTheProcess()
    {
        Start();
        var link = await UpAsync();

        await _runner!.StopAsync();

        link.IsDisposed.ShouldBeTrue();
        _runner.Status.State.ShouldBe(TunnelState.Stopped);
    }

    [Fact]
    public async Task Start_AfterAnother_WaitsForItsEnd()
    {
        var before = new TaskCompletionSource();
        _runner = new TunnelRunner(Office, _dialer, _clock, () => 0.5, before.Task, (_, now) => _changes.Writer.WriteAsync(now).AsTask(), NullLogger.Instance);
        _dialer.Asked.ShouldBe(0, "two processes must not listen on one socket");

        before.SetResult();

        await UpAsync();
    }

    private void Start() => _runner = new TunnelRunner(Office, _dialer, _clock, () => 0.5, Task.CompletedTask, (_, now) => _changes.Writer.WriteAsync(now).AsTask(), NullLogger.Instance);

    private async Task<ScriptedLink> UpAsync()
    {
        var link = _dialer.Succeed();
        await NextAsync(TunnelState.Up);
        return link;
    }

    private async Task<TunnelStatus> NextAsync(TunnelState state)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (true)
        {
            if (await _changes.Reader.ReadAsync(limit.Token) is var status && status.State == state)
            {
                return status;
            }
        }
    }

    private async Task TimerAsync() => (await Deadline.PollAsync(Patience, () => _clock.ActiveTimers > 0)).ShouldBeTrue("it waits");

    private sealed class ScriptedDialer : ITunnelDialer
    {
        private readonly Channel<Func<TunnelDial>> _answers = Channel.CreateUnbounded<Func<TunnelDial>>();
        private int _asked;

        public int Asked => Volatile.Read(ref _asked);

        public ScriptedLink Succeed()
        {
            var link = new ScriptedLink();
            _answers.Writer.TryWrite(() => new TunnelDial(link, default)).ShouldBeTrue();
            return link;
        }

        public void Fail(TunnelFailure failure, string why) => _answers.Writer.TryWrite(() => new TunnelDial(null, new TunnelLoss(failure, why))).ShouldBeTrue();

        public void Throw(Exception exception) => _answers.Writer.TryWrite(() => throw exception).ShouldBeTrue();

        public async Task<TunnelDial> DialAsync(Tunnel tunnel, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _asked);
            return (await _answers.Reader.ReadAsync(cancellationToken))();
        }
    }

    private sealed class ScriptedLink : ITunnelLink
    {
        private readonly TaskCompletionSource<TunnelLoss> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int Id => 4711;

        public bool IsDisposed { get; private set; }

        public Task<TunnelLoss> Ended => _ended.Task;

        public void End(TunnelFailure failure, string why) => _ended.SetResult(new TunnelLoss(failure, why));

        public ValueTask DisposeAsync()
        {
            IsDisposed = true;
            return ValueTask.CompletedTask;
        }
    }
}
