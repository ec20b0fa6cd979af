using System.Diagnostics;

namespace AuthGateway.TestKit.Gateway;

/// <summary>Waiting for something that another process does: asked again and again until it is so or time is up.</summary>
public static class Deadline
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(25);

    /// <summary>True as soon as the condition holds; false when it did not within the time.</summary>
    public static async Task<bool> PollAsync(TimeSpan within, Func<Task<bool>> condition, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(condition);
        var watch = Stopwatch.StartNew();
        while (true)
        {
            if (await condition())
            {
                return true;
            }

            if (watch.Elapsed > within)
            {
                return false;
            }

            await Task.Delay(Pause, TimeProvider.System, cancellationToken);
        }
    }

    /// <summary>The same for a condition that is known at once.</summary>
    public static Task<bool> PollAsync(TimeSpan within, Func<bool> condition, CancellationToken cancellationToken = default) =>
        PollAsync(within, () => Task.FromResult(condition()), cancellationToken);
}
