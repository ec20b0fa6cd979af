using AuthGateway.Core.Faults;
using AuthGateway.Core.Telemetry;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AuthGateway.Core.Sessions;

/// <summary>Reads the sessions before the first request, then writes down their use and removes what is over.</summary>
internal sealed partial class SessionWorker(LiveSessions sessions, Func<SessionOptions> options, TimeProvider time, ILogger<SessionWorker> logger) : BackgroundService
{
    // A restart forgets at most this much of a session's last use: it then ends so much earlier, never later.
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(20);

    /// <summary>A store that cannot be read stops the start.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await sessions.RefreshAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    /// <summary>What was used since the last round is written down before the process ends.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await SweepAsync(cancellationToken);
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await SweepAsync(stoppingToken);
        }
    }

    private async Task SweepAsync(CancellationToken cancellationToken)
    {
        try
        {
            await sessions.SweepAsync(options(), cancellationToken);
        }
        catch (StoreUnavailableException e)
        {
            Log.StoreFailed(logger, e);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.SessionStoreFailed, LogLevel.Error, "The use of sessions could not be written down; sessions go on.")]
        public static partial void StoreFailed(ILogger logger, Exception exception);
    }
}
