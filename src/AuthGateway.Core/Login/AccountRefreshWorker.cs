using AuthGateway.Core.Backends;
using AuthGateway.Core.Login.ActFor;
using Microsoft.Extensions.Hosting;

namespace AuthGateway.Core.Login;

/// <summary>The backends in force, and how often they are asked about those who are signed in.</summary>
/// <param name="Chain">The backends.</param>
/// <param name="Interval">Every user is asked about once within it.</param>
public readonly record struct AccountRefreshSettings(BackendChain Chain, TimeSpan Interval)
{
    /// <summary>How long a session lives whose user nobody can be asked about: <see cref="LoginOptions.UnconfirmedLifetime"/>.</summary>
    public TimeSpan UnconfirmedLifetime { get; init; } = new LoginOptions().UnconfirmedLifetime;

    /// <summary>Who may act for whom: a session that acts without a right any more is ended.</summary>
    public ActForTable ActFor { get; init; } = ActForTable.Off;
}

/// <summary>Keeps asking, in rounds a twentieth of the interval apart.</summary>
internal sealed class AccountRefreshWorker(AccountRefresher refresher, Func<AccountRefreshSettings?> settings, TimeProvider time) : BackgroundService
{
    private const int RoundsPerInterval = 20;

    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(250);
    /// <summary>Longest time between two rounds.</summary>
    internal static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // A backend that hangs keeps its own round waiting and nobody else's, so no round is waited for before the next one begins.
        var rounds = new List<Task>();
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                foreach (var over in rounds.Where(round => round.IsCompleted).ToArray())
                {
                    rounds.Remove(over);
                    await over;
                }

                var pause = Longest;
                if (settings() is { } current)
                {
                    rounds.Add(refresher.RoundAsync(current, stoppingToken));
                    pause = TimeSpan.FromTicks(Math.Clamp(current.Interval.Ticks / RoundsPerInterval, Shortest.Ticks, Longest.Ticks));
                }

                await Task.Delay(pause, time, stoppingToken);
            }
        }
        finally
        {
            await Task.WhenAll(rounds).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
