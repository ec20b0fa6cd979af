using AuthGateway.Core.Backends;
using Microsoft.Extensions.Hosting;

namespace AuthGateway.Core.Login;

/// <summary>The backends in force, and how often they are asked about those who are signed in.</summary>
/// <param name="Chain">The backends.</param>
/// <param name="Interval">Every user is asked about once within it.</param>
public readonly record struct AccountRefreshSettings(BackendChain Chain, TimeSpan Interval);

/// <summary>Keeps asking, in rounds a twentieth of the interval apart.</summary>
internal sealed class AccountRefreshWorker(AccountRefresher refresher, Func<AccountRefreshSettings?> settings, TimeProvider time) : BackgroundService
{
    private const int RoundsPerInterval = 20;

    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var pause = Longest;
            if (settings() is { } current)
            {
                await refresher.RoundAsync(current.Chain, current.Interval, stoppingToken);
                pause = TimeSpan.FromTicks(Math.Clamp(current.Interval.Ticks / RoundsPerInterval, Shortest.Ticks, Longest.Ticks));
            }

            await Task.Delay(pause, time, stoppingToken);
        }
    }
}
