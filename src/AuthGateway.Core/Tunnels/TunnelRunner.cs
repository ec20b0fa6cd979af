using AuthGateway.Core.Telemetry;
using Microsoft.Extensions.Logging;

namespace AuthGateway.Core.Tunnels;

/// <summary>
/// Keeps one tunnel open. Connecting → Up when its forwards are open; Up or Connecting → Waiting when it is lost, and Connecting again after a while;
/// Connecting → Refused when trying again could only do harm: a server with another key, a password that is not taken.
/// </summary>
internal sealed partial class TunnelRunner
{
    private readonly Tunnel _tunnel;
    private readonly ITunnelDialer _dialer;
    private readonly TunnelBackoff _backoff;
    private readonly TimeProvider _time;
    private readonly Func<TunnelStatus, TunnelStatus, Task> _changed;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _gate = new();
    private readonly Task _run;
    private TaskCompletionSource _wake = NewWake();

    /// <param name="tunnel">Which.</param>
    /// <param name="dialer">Opens it.</param>
    /// <param name="time">The clock.</param>
    /// <param name="chance">Numbers from 0 to 1, for the waits.</param>
    /// <param name="before">What must end first: the tunnel of this name that was.</param>
    /// <param name="changed">Told of each change, the old and the new status; never fails.</param>
    /// <param name="logger">Where it logs.</param>
    public TunnelRunner(Tunnel tunnel, ITunnelDialer dialer, TimeProvider time, Func<double> chance, Task before, Func<TunnelStatus, TunnelStatus, Task> changed, ILogger logger)
    {
        (_tunnel, _dialer, _time, _changed, _logger) = (tunnel, dialer, time, changed, logger);
        _backoff = new TunnelBackoff(tunnel.ReconnectDelay, tunnel.ReconnectDelayMax, time, chance);
        Status = new TunnelStatus(
            tunnel.Name, tunnel.Server, TunnelState.Connecting, time.GetUtcNow(), null, tunnel.Owner, [.. tunnel.Forwards.Select(forward => forward.ToString())], TunnelFailure.None, null, null);
        _run = Task.Run(() => RunAsync(before), CancellationToken.None);
    }

    /// <summary>The tunnel this keeps.</summary>
    public Tunnel Tunnel => _tunnel;

    /// <summary>As it is now.</summary>
    public TunnelStatus Status { get; private set; }

    /// <summary>Tries again at once where it waits or has stopped; a tunnel that is up is left alone.</summary>
    public void Wake()
    {
        lock (_gate)
        {
            _wake.TrySetResult();
        }
    }

    /// <summary>Ends the tunnel and its process.</summary>
    public async Task StopAsync()
    {
        await _stopping.CancelAsync();
        await _run;
    }

    /// <summary>Whether opening it again by itself could do harm.</summary>
    internal static bool Stops(TunnelFailure failure, Tunnel tunnel) => failure switch
    {
        TunnelFailure.HostKeyChanged or TunnelFailure.HostKeyUntrusted or TunnelFailure.KeyUnusable => true,
        // A wrong password sent again and again locks the account there; a key is no guess.
        TunnelFailure.LoginRefused => tunnel.Password.Length > 0,
        _ => false,
    };

    private async Task RunAsync(Task before)
    {
        try
        {
            await before;
            while (!_stopping.IsCancellationRequested)
            {
                try
                {
                    await RoundAsync();
                }
                catch (Exception e) when (e is not OperationCanceledException)
                {
                    // The outermost edge of the tunnel: it must neither vanish without a word nor stay away for a fault of ours.
                    Log.Broke(_logger, e, _tunnel.Name);
                    await SetAsync(Failed(TunnelState.Waiting, new TunnelLoss(TunnelFailure.Program, e.Message)));
                    await Task.Delay(_tunnel.ReconnectDelayMax, _time, _stopping.Token);
                }
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // Told to stop.
        }

        await SetAsync(Status with { State = TunnelState.Stopped, Pid = null });
    }

    private async Task RoundAsync()
    {
        // From here on: who had a key learned while the server was asked means this round too.
        var wake = Listen();
        await SetAsync(Status with { State = TunnelState.Connecting, Pid = null });
        var (link, loss) = await _dialer.DialAsync(_tunnel, _stopping.Token);
        if (link is not null)
        {
            await using (link)
            {
                _backoff.Up();
                Log.Opened(_logger, _tunnel.Name, _tunnel.Server, _tunnel.Forwards.Count, link.Id);
                await SetAsync(Status with { State = TunnelState.Up, Pid = link.Id, Failure = TunnelFailure.None });
                loss = await link.Ended.WaitAsync(_stopping.Token);
            }

            // Whoever called while the tunnel stood meant nothing of what has happened since.
            wake = Listen();
        }

        var refused = Stops(loss.Failure, _tunnel);
        if (refused)
        {
            Log.Refused(_logger, _tunnel.Name, _tunnel.Server, loss.Failure, loss.Why);
            await SetAsync(Failed(TunnelState.Refused, loss));
            await wake.Task.WaitAsync(_stopping.Token);
            return;
        }

        var wait = _backoff.Next();
        Log.Lost(_logger, _tunnel.Name, _tunnel.Server, loss.Failure, loss.Why, wait.TotalSeconds);
        await SetAsync(Failed(TunnelState.Waiting, loss));
        try
        {
            await wake.Task.WaitAsync(wait, _time, _stopping.Token);
        }
        catch (TimeoutException)
        {
            // The wait is over.
        }
    }

    private TaskCompletionSource Listen()
    {
        lock (_gate)
        {
            return _wake = NewWake();
        }
    }

    private TunnelStatus Failed(TunnelState state, TunnelLoss loss) =>
        Status with { State = state, Pid = null, Failure = loss.Failure, LastError = loss.Why, LastErrorAt = _time.GetUtcNow() };

    private async Task SetAsync(TunnelStatus status)
    {
        var old = Status;
        Status = status with { Since = status.State == old.State ? old.Since : _time.GetUtcNow() };
        await _changed(old, Status);
    }

    private static TaskCompletionSource NewWake() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static partial class Log
    {
        [LoggerMessage(EventIds.TunnelOpened, LogLevel.Information, "Tunnel {Tunnel} to {Server} is open ({Forwards} forwards, process {Pid}).")]
        public static partial void Opened(ILogger logger, string tunnel, string server, int forwards, int pid);

        [LoggerMessage(EventIds.TunnelLost, LogLevel.Warning, "Tunnel {Tunnel} to {Server} is not open ({Failure}: {Why}). The next try is in {Wait:0.0} s.")]
        public static partial void Lost(ILogger logger, string tunnel, string server, TunnelFailure failure, string why, double wait);

        [LoggerMessage(EventIds.TunnelRefused, LogLevel.Error, "Tunnel {Tunnel} to {Server} is refused and stays closed until a reload or \"authgateway tunnel trust\" ({Failure}: {Why}).")]
        public static partial void Refused(ILogger logger, string tunnel, string server, TunnelFailure failure, string why);

        [LoggerMessage(EventIds.TunnelBroke, LogLevel.Error, "Tunnel {Tunnel} fell over a fault of ours; it is opened again.")]
        public static partial void Broke(ILogger logger, Exception exception, string tunnel);
    }
}
