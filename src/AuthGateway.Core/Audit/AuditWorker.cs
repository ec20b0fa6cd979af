using AuthGateway.Core.Faults;
using AuthGateway.Core.Telemetry;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AuthGateway.Core.Audit;

/// <summary>Writes the counts of repeated events when their window ends, the last ones at shutdown, and forgets old records.</summary>
internal sealed partial class AuditWorker(
    AuditLog log, IAuditStore store, IOptionsMonitor<AuditOptions> options, TimeProvider time, ILogger<AuditWorker> logger) : BackgroundService
{
    private const int RoundsPerPrune = 720;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    /// <inheritdoc />
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await log.FlushAsync(all: true, cancellationToken);
    }

    /// <summary>Removes records older than the configured days.</summary>
    internal async ValueTask PruneAsync(CancellationToken cancellationToken)
    {
        var days = options.CurrentValue.RetainDays;
        var removed = await store.PruneAsync(time.GetUtcNow().AddDays(-days), cancellationToken);
        if (removed > 0)
        {
            Log.Pruned(logger, removed, days);
        }
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        for (var round = 1; await timer.WaitForNextTickAsync(stoppingToken); round++)
        {
            await log.FlushAsync(all: false, stoppingToken);
            if (round % RoundsPerPrune == 1)
            {
                try
                {
                    await PruneAsync(stoppingToken);
                }
                catch (StoreUnavailableException e)
                {
                    Log.PruneFailed(logger, e);
                }
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.AuditPruned, LogLevel.Information, "{Removed} audit records older than {Days} days were removed.")]
        public static partial void Pruned(ILogger logger, int removed, int days);

        [LoggerMessage(EventIds.AuditPruneFailed, LogLevel.Warning, "Old audit records could not be removed; the next try is in an hour.")]
        public static partial void PruneFailed(ILogger logger, Exception exception);
    }
}
