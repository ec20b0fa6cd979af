using AuthGateway.Core.Backends.Programs;
using AuthGateway.Core.Telemetry;
using Microsoft.Extensions.Logging;

namespace AuthGateway.Core.Backends.Pam;

/// <summary>
/// The processes that check. A check has one for itself, so that a module that hangs is killed without anybody else's check; afterwards it serves the next
/// one, for starting one takes longer than most checks.
/// </summary>
internal sealed partial class PamChildren : IAsyncDisposable
{
    /// <summary>After so many questions a process ends: modules leak.</summary>
    public const long MostQuestions = 1000;

    /// <summary>A process nobody needed for so long ends; the last one stays.</summary>
    public static readonly TimeSpan LongestIdle = TimeSpan.FromMinutes(1);

    private readonly string _name;
    private readonly Func<IRunningProgram> _start;
    private readonly TimeSpan _timeout;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ProgramLanes _lanes;
    private readonly ProgramNotes _notes;
    private readonly RestartWait _wait;
    private readonly Stack<PamChildProcess> _idle = new();
    private readonly HashSet<PamChildProcess> _busy = [];
    private readonly Lock _gate = new();
    private readonly ITimer _sweeper;
    private string _lastFault = "";
    private bool _closed;

    public PamChildren(PamBackendOptions options, Func<IRunningProgram> start, TimeProvider time, ILogger logger)
    {
        _name = options.Name;
        _start = start;
        _timeout = options.Timeout;
        _time = time;
        _logger = logger;
        _lanes = new ProgramLanes(options.MaxParallel, options.Timeout, time);
        _notes = new ProgramNotes(options.Name, logger, time);
        _wait = new RestartWait(time);
        _sweeper = time.CreateTimer(static state => ((PamChildren)state!).Sweep(), this, LongestIdle, LongestIdle);
    }

    /// <summary>Processes there are now.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _idle.Count + _busy.Count;
            }
        }
    }

    /// <summary>Asks; null when all processes are busy for too long. Its <see cref="PamReply.Fault"/> says why nobody could answer.</summary>
    /// <param name="request">The question.</param>
    /// <param name="disclosure">Notes whether the password was written; null for a question without one.</param>
    /// <param name="cancellationToken">Ends the waiting, not the check.</param>
    public async ValueTask<PamReply?> AskAsync(PamRequest request, Disclosure? disclosure, CancellationToken cancellationToken)
    {
        var reply = await _lanes.RunAsync(() => AskOneAsync(request, disclosure), cancellationToken);
        foreach (var message in reply?.Messages ?? [])
        {
            _notes.Tell(System.Text.Encoding.UTF8.GetBytes(message));
        }

        return reply;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        List<PamChildProcess> all;
        lock (_gate)
        {
            _closed = true;
            all = [.. _idle];
            _idle.Clear();
        }

        await _sweeper.DisposeAsync();
        // Those at work end by themselves when their check is over, for there is no place to give them back to.
        await Task.WhenAll(all.Select(child => child.DisposeAsync().AsTask()));
    }

    private async Task<PamReply> AskOneAsync(PamRequest request, Disclosure? disclosure)
    {
        PamChildProcess? child = null;
        try
        {
            using var deadline = new CancellationTokenSource(_timeout, _time);
            child = await TakeAsync(deadline.Token);
            // The start of a process is not the module's fault: the check has its own time.
            deadline.CancelAfter(Timeout.InfiniteTimeSpan);
            using var late = new CancellationTokenSource(_timeout, _time);
            if (disclosure?.TryShow() == false)
            {
                await GiveBackAsync(child);
                return new PamReply { Fault = "nobody waits for it any more" };
            }

            var reply = await child.AskAsync(request, late.Token);
            await GiveBackAsync(child);
            return reply;
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException or ProgramStartException)
        {
            var why = e is OperationCanceledException ? "no answer in time; the process was killed" : e.Message;
            Log.Failed(_logger, _name, why);
            if (child is not null)
            {
                lock (_gate)
                {
                    _busy.Remove(child);
                }

                await child.AbandonAsync();
            }

            return new PamReply { Fault = why };
        }
    }

    private async Task<PamChildProcess> TakeAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_closed)
            {
                throw new ProgramStartException("closed by a reload");
            }

            while (_idle.TryPop(out var idle))
            {
                if (!idle.HasEnded)
                {
                    _busy.Add(idle);
                    return idle;
                }

                _ = idle.AbandonAsync().AsTask();
            }

            if (_wait.Rest > TimeSpan.Zero)
            {
                throw new ProgramStartException($"{_lastFault}; the next start waits");
            }

            _wait.Started();
        }

        try
        {
            var child = await PamChildProcess.StartAsync(_start, _notes, _time, cancellationToken);
            lock (_gate)
            {
                _busy.Add(child);
            }

            Log.Started(_logger, _name, child.Id);
            return child;
        }
        catch (Exception e) when (e is IOException or ProgramStartException or OperationCanceledException)
        {
            lock (_gate)
            {
                _lastFault = $"the process that checks did not start: {(e is OperationCanceledException ? "not ready in time" : e.Message)}";
                _wait.Ended();
            }

            throw new ProgramStartException(_lastFault);
        }
    }

    private async ValueTask GiveBackAsync(PamChildProcess child)
    {
        lock (_gate)
        {
            _busy.Remove(child);
            if (!_closed && child.Asked < MostQuestions)
            {
                child.IdleSince = _time.GetTimestamp();
                _idle.Push(child);
                return;
            }
        }

        await child.DisposeAsync();
    }

    private void Sweep()
    {
        List<PamChildProcess> old = [];
        lock (_gate)
        {
            // The most recently used stays; the others stand in the order in which they were last needed.
            var kept = new List<PamChildProcess>();
            foreach (var child in _idle)
            {
                (kept.Count == 0 || _time.GetElapsedTime(child.IdleSince) < LongestIdle ? kept : old).Add(child);
            }

            _idle.Clear();
            kept.Reverse();
            kept.ForEach(_idle.Push);
        }

        foreach (var child in old)
        {
            _ = child.DisposeAsync().AsTask();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.PamChildStarted, LogLevel.Debug, "{Backend}: a process that checks was started ({Id}).")]
        public static partial void Started(ILogger logger, string backend, int id);

        [LoggerMessage(EventIds.PamChildFailed, LogLevel.Error, "{Backend}: PAM could not be asked: {Why}.")]
        public static partial void Failed(ILogger logger, string backend, string why);
    }
}
