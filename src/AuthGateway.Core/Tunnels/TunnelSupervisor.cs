using System.Security.Cryptography;
using AuthGateway.Core.Audit;
using AuthGateway.Core.Faults;
using AuthGateway.Core.Telemetry;
using Microsoft.Extensions.Logging;

namespace AuthGateway.Core.Tunnels;

/// <summary>
/// Keeps the tunnels of the configuration in force. A reload ends and opens those that changed; the others stand, and those that were refused are tried once more.
/// </summary>
public sealed partial class TunnelSupervisor
{
    private readonly TunnelPlaces _places;
    private readonly ITunnelDialer _dialer;
    private readonly Func<double> _chance;
    private readonly AuditLog _audit;
    private readonly TunnelMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, TunnelRunner> _runners = new(StringComparer.Ordinal);
    private readonly TunnelStatusFile _file;
    private List<string> _order = [];
    private FileStream? _lock;
    private bool _stopped;

    /// <summary>Nothing is opened before the first <see cref="Apply"/>.</summary>
    public TunnelSupervisor(TunnelPlaces places, AuditLog audit, TunnelMetrics metrics, TimeProvider time, ILogger<TunnelSupervisor> logger)
        : this(places, new SshDialer(places, time), Chance, audit, metrics, time, logger)
    {
    }

    internal TunnelSupervisor(TunnelPlaces places, ITunnelDialer dialer, Func<double> chance, AuditLog audit, TunnelMetrics metrics, TimeProvider time, ILogger logger)
    {
        (_places, _dialer, _chance, _audit, _metrics, _time, _logger) = (places, dialer, chance, audit, metrics, time, logger);
        _file = new TunnelStatusFile(places, time);
        metrics.Watch(() => Statuses);
    }

    /// <summary>Every tunnel, in the order of the configuration.</summary>
    public IReadOnlyList<TunnelStatus> Statuses
    {
        get
        {
            lock (_gate)
            {
                return [.. _order.Select(name => _runners[name].Status)];
            }
        }
    }

    /// <summary>Puts a table in force.</summary>
    public void Apply(TunnelTable table)
    {
        lock (_gate)
        {
            if (_stopped || (table.Tunnels.Count == 0 && _runners.Count == 0) || !Open())
            {
                return;
            }

            foreach (var name in _runners.Keys.Where(name => table.Find(name) is null).ToList())
            {
                _runners.Remove(name, out var runner);
                _ = EndAsync(runner!);
            }

            foreach (var tunnel in table.Tunnels)
            {
                var before = Task.CompletedTask;
                if (_runners.TryGetValue(tunnel.Name, out var running))
                {
                    if (string.Equals(running.Tunnel.Version, tunnel.Version, StringComparison.Ordinal))
                    {
                        running.Wake();
                        continue;
                    }

                    before = EndAsync(running);
                }

                _runners[tunnel.Name] = new TunnelRunner(tunnel, _dialer, _time, _chance, before, ChangedAsync, _logger);
            }

            _order = [.. table.Names];
        }

        Tell();
    }

    /// <summary>Tries those again that wait or were refused: somebody may have had a key learned.</summary>
    public void RetryNow()
    {
        lock (_gate)
        {
            foreach (var runner in _runners.Values)
            {
                runner.Wake();
            }
        }
    }

    /// <summary>Ends every tunnel and its process.</summary>
    public async Task StopAsync()
    {
        TunnelRunner[] runners;
        lock (_gate)
        {
            _stopped = true;
            runners = [.. _runners.Values];
        }

        await Task.WhenAll(runners.Select(runner => runner.StopAsync()));
        if (_lock is not null)
        {
            TunnelLeftovers.Clean(_places);
            await _lock.DisposeAsync();
        }
    }

    /// <summary>Makes the folder ours and clears what a process that was killed left behind. False when another gateway has it.</summary>
    private bool Open()
    {
        if (_lock is not null)
        {
            return true;
        }

        try
        {
            _places.Prepare();

            // Held for the life of the process: nobody may end the tunnels of a gateway that lives.
            _lock = new FileStream(_places.LockFile, new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = FileAccess.ReadWrite,
                Share = FileShare.None,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            });
            foreach (var (tunnel, pid) in TunnelLeftovers.Clean(_places))
            {
                Log.Cleared(_logger, tunnel, pid);
            }

            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.NoFolder(_logger, _places.Folder, e.Message);
            return false;
        }
    }

    private static double Chance() => RandomNumberGenerator.GetInt32(1 << 20) / (double)(1 << 20);

    private static async Task EndAsync(TunnelRunner runner) => await runner.StopAsync();

    private async Task ChangedAsync(TunnelStatus old, TunnelStatus now)
    {
        _metrics.Changed(old, now);
        Tell();
        if (now.State == TunnelState.Refused || (now.State == TunnelState.Up && old.LastError is not null && WasRefused(old)))
        {
            await RecordAsync(now);
        }
    }

    private static bool WasRefused(TunnelStatus status) => status.Failure is TunnelFailure.HostKeyChanged or TunnelFailure.HostKeyUntrusted;

    private async Task RecordAsync(TunnelStatus status)
    {
        var isOpen = status.State == TunnelState.Up;
        try
        {
            await _audit.RecordAsync(
                new AuditRecord
                {
                    At = _time.GetUtcNow(),
                    Event = AuditEvents.Tunnel,
                    Reason = isOpen ? "tunnel-open" : status.Failure switch
                    {
                        TunnelFailure.HostKeyChanged => "tunnel-host-key-changed",
                        TunnelFailure.HostKeyUntrusted => "tunnel-host-key-untrusted",
                        TunnelFailure.LoginRefused => "tunnel-login-refused",
                        _ => "tunnel-refused",
                    },
                    Verdict = isOpen ? "done" : "deny",
                    Detail = $"{status.Name} ({status.Server}){(isOpen ? "" : $": {status.LastError}")}",
                },
                CancellationToken.None);
        }
        catch (StoreUnavailableException e)
        {
            Log.NotRecorded(_logger, e, status.Name);
        }
    }

    private void Tell()
    {
        try
        {
            _file.Write(Statuses);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.NotTold(_logger, _places.StatusFile, e.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.TunnelLeftover, LogLevel.Warning, "Tunnel {Tunnel}: process {Pid} was left behind by a gateway that did not end properly; it was ended.")]
        public static partial void Cleared(ILogger logger, string tunnel, int pid);

        [LoggerMessage(EventIds.TunnelFolderFailed, LogLevel.Error, "No tunnel is opened: {Folder} cannot be used, or another gateway uses it. {Why}")]
        public static partial void NoFolder(ILogger logger, string folder, string why);

        [LoggerMessage(EventIds.TunnelNotRecorded, LogLevel.Warning, "What happened to tunnel {Tunnel} could not be written into the audit.")]
        public static partial void NotRecorded(ILogger logger, Exception exception, string tunnel);

        [LoggerMessage(EventIds.TunnelStatusFailed, LogLevel.Warning, "{File} cannot be written, so \"tunnel status\" tells old news: {Why}")]
        public static partial void NotTold(ILogger logger, string file, string why);
    }
}
