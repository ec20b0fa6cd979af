using AuthGateway.Core.Faults;
using AuthGateway.Core.Telemetry;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AuthGateway.Core.Factors.AppPasswords;

/// <summary>Reads the app passwords before the first request, then writes down their use.</summary>
internal sealed partial class AppPasswordWorker(LiveAppPasswords passwords, TimeProvider time, ILogger<AppPasswordWorker> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    /// <summary>A store that cannot be read stops the start.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await passwords.RefreshAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    /// <summary>What was used since the last round is written down before the process ends.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await SweepAsync(atOnce: true, cancellationToken);
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await SweepAsync(atOnce: false, stoppingToken);
        }
    }

    private async Task SweepAsync(bool atOnce, CancellationToken cancellationToken)
    {
        try
        {
            await passwords.SweepAsync(atOnce, cancellationToken);
        }
        catch (StoreUnavailableException e)
        {
            Log.StoreFailed(logger, e);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.AppPasswordStoreFailed, LogLevel.Error, "The use of app passwords could not be written down; they go on.")]
        public static partial void StoreFailed(ILogger logger, Exception exception);
    }
}
