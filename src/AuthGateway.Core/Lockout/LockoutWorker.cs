using AuthGateway.Core.Faults;
using AuthGateway.Core.Telemetry;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AuthGateway.Core.Lockout;

/// <summary>Keeps the guard's view fresh and the table of counters small.</summary>
internal sealed partial class LockoutWorker(LockoutGuard guard, ILockoutStore store, TimeProvider time, ILogger<LockoutWorker> logger) : BackgroundService
{
    /// <summary>New counters after which the table is looked through although its time has not come: somebody is making them up.</summary>
    internal const int Crowd = 10_000;

    private const int RoundsPerPrune = 60;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private static readonly CounterBounds s_bounds = new(Names: 100_000, Addresses: 100_000, Places: 200_000);

    // The longest time a place may be configured to stay familiar.
    private static readonly TimeSpan s_longestFamiliar = TimeSpan.FromDays(365);

    /// <summary>Reads the locks before the first request; a store that cannot be read stops the start.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await guard.RefreshAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    /// <summary>Removes counters that no longer matter.</summary>
    internal async ValueTask PruneAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        guard.TakeNewCounters();
        var removed = await store.PruneAsync(now.ToUnixTimeMilliseconds(), s_bounds, cancellationToken);
        removed += await store.PrunePlacesAsync((now - s_longestFamiliar).ToUnixTimeMilliseconds(), cancellationToken);
        if (removed > 0)
        {
            Log.Pruned(logger, removed);
        }
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        for (var round = 1; await timer.WaitForNextTickAsync(stoppingToken); round++)
        {
            try
            {
                await guard.RefreshAsync(stoppingToken);
                if (round % RoundsPerPrune == 0 || guard.NewCounters >= Crowd)
                {
                    await PruneAsync(stoppingToken);
                }
            }
            catch (StoreUnavailableException e)
            {
                Log.StoreFailed(logger, e);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.LockoutStoreFailed, LogLevel.Error, "The lockout counters could not be read or pruned; the locks known so far stay in force.")]
        public static partial void StoreFailed(ILogger logger, Exception exception);

        [LoggerMessage(EventIds.LockoutPruned, LogLevel.Information, "{Removed} lockout counters that no longer matter were removed.")]
        public static partial void Pruned(ILogger logger, int removed);
    }
}
