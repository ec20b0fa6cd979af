using System.Globalization;
using System.Text;
using AuthGateway.Core.Backends.Programs;
using AuthGateway.Core.Telemetry;
using Microsoft.Extensions.Logging;

namespace AuthGateway.Core.Backends.Helper;

/// <summary>
/// Keeps a helper running: starts it when it is first needed, greets it, and starts it again when it has ended, after a wait that grows while it does not
/// last. While it does not run nobody waits for it: every check is answered that it is gone.
/// </summary>
internal sealed partial class HelperProgram(string name, Func<IRunningProgram> start, TimeSpan timeout, TimeProvider time, ILogger logger) : IAsyncDisposable
{
    /// <summary>The version of the protocol we speak.</summary>
    public const int ProtocolVersion = 1;

    private readonly ProgramNotes _notes = new(name, logger, time);
    private readonly RestartWait _wait = new(time);
    private readonly Lock _gate = new();
    private Task<HelperStart>? _current;
    private string _lastEnd = "";
    private bool _closed;

    /// <summary>Asks the program; starts it when it may be started. The command is overwritten.</summary>
    public async Task<HelperReply> AskAsync(byte[] command, Disclosure disclosure)
    {
        var started = await StartAsync();
        return started.Session is { } session ? await session.AskAsync(command, disclosure) : new HelperReply(HelperWord.Gone, started.Why);
    }

    /// <summary>Null when the program runs and has answered our greeting; otherwise why not.</summary>
    public async Task<string?> ProbeAsync()
    {
        var started = await StartAsync();
        return started.Session is null ? started.Why : null;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        Task<HelperStart>? current;
        lock (_gate)
        {
            _closed = true;
            current = _current;
        }

        if (current is not null && (await current).Session is { } session)
        {
            await session.DisposeAsync();
        }
    }

    private Task<HelperStart> StartAsync()
    {
        TaskCompletionSource<HelperStart> starting;
        lock (_gate)
        {
            if (_closed)
            {
                return Task.FromResult(new HelperStart(null, "closed by a reload"));
            }

            if (_current is not null)
            {
                return _current;
            }

            if (_wait.Rest is { Ticks: > 0 } rest)
            {
                return Task.FromResult(new HelperStart(
                    null, string.Create(CultureInfo.InvariantCulture, $"the program is not running ({_lastEnd}); it is started again in {rest.TotalSeconds:0.0} s at the earliest")));
            }

            starting = new TaskCompletionSource<HelperStart>(TaskCreationOptions.RunContinuationsAsynchronously);
            _current = starting.Task;
            _wait.Started();
        }

        _ = RunAsync(starting);
        return starting.Task;
    }

    /// <summary>One run from start to end.</summary>
    private async Task RunAsync(TaskCompletionSource<HelperStart> starting)
    {
        HelperSession? session = null;
        var why = "";
        try
        {
            session = new HelperSession(name, start(), timeout, _notes, time, logger);
            var greeting = await session.AskAsync(Encoding.ASCII.GetBytes($"INTF {ProtocolVersion}"), new Disclosure());
            why = Judge(greeting);
            if (why.Length == 0)
            {
                Log.Started(logger, name, session.Id);
                starting.SetResult(new HelperStart(session, ""));
                why = await session.Ended;
            }
        }
        catch (ProgramStartException e)
        {
            why = e.Message;
        }

        TimeSpan wait;
        bool closed;
        lock (_gate)
        {
            _current = null;
            _lastEnd = why;
            wait = _wait.Ended();
            closed = _closed;
        }

        if (closed)
        {
            Log.Stopped(logger, name);
        }
        else
        {
            Log.Ended(logger, name, session?.Id ?? 0, why, wait.TotalSeconds);
        }

        starting.TrySetResult(new HelperStart(null, why));
        if (session is not null)
        {
            await session.DisposeAsync();
        }
    }

    /// <summary>Empty when the program speaks our protocol. Some answer the version they speak, some only that all is well.</summary>
    private static string Judge(HelperReply greeting) => greeting switch
    {
        { Word: HelperWord.Ok } => "",
        { Word: HelperWord.Interface } when int.TryParse(greeting.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var version) && version >= ProtocolVersion => "",
        { Word: HelperWord.Gone } => greeting.Text,
        _ => "it does not speak our protocol: its answer to INTF was neither OK nor INTF 1",
    };

    private static partial class Log
    {
        [LoggerMessage(EventIds.HelperStarted, LogLevel.Information, "{Backend}: the program runs ({Id}).")]
        public static partial void Started(ILogger logger, string backend, int id);

        [LoggerMessage(EventIds.HelperStopped, LogLevel.Information, "{Backend}: the program was stopped.")]
        public static partial void Stopped(ILogger logger, string backend);

        [LoggerMessage(EventIds.HelperEnded, LogLevel.Error, "{Backend}: the program ({Id}) is not running: {Why}. It is left alone for {Seconds} s.")]
        public static partial void Ended(ILogger logger, string backend, int id, string why, double seconds);
    }
}

/// <summary>How a start went: a session, or why there is none.</summary>
internal sealed record HelperStart(HelperSession? Session, string Why);
