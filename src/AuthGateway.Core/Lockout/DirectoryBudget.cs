namespace AuthGateway.Core.Lockout;

/// <summary>
/// How many wrong passwords may be forwarded to a directory before it would lock the user itself: for every other system too, and often until somebody comes
/// to work. What is withheld here costs the user a wait at the gateway.
/// </summary>
/// <param name="Everybody">From everywhere.</param>
/// <param name="Strangers">From places the user is not known to come from.</param>
public readonly record struct DirectoryBudget(LockoutRule Everybody, LockoutRule Strangers)
{
    // Failures left to other ways into the directory, and to what we cannot see.
    private const int Distance = 2;

    // Its clock and ours, and the time from our charge to its count.
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(1);

    /// <summary>The budget for a directory that locks after so many failures, at least 1, counted until so long after the last one.</summary>
    /// <param name="threshold">Failed binds after which it locks.</param>
    /// <param name="observation">Time after the last failure at which it begins to count anew; <see cref="TimeSpan.MaxValue"/> when only a success does that.</param>
    public static DirectoryBudget Of(int threshold, TimeSpan observation)
    {
        // With 1 to 3 nothing can be forwarded and stay two below; without any nobody could ever log in.
        var limit = Math.Max(1, threshold - Distance);
        var windowMs = observation >= TimeSpan.FromMilliseconds(LockoutRule.ForeverMs) ? LockoutRule.ForeverMs : (long)(observation + Margin).TotalMilliseconds;
        var rule = new LockoutRule(limit, windowMs, windowMs);

        // Half, rounded up: one slip of the owner in a new place must not be the last, and from 4 on her familiar places keep room of their own.
        return new DirectoryBudget(rule, rule with { Limit = limit - (limit / 2) });
    }

    /// <summary>
    /// How long a refused secret is remembered: until the directory and the budget have forgotten it too, or a phone with an old password would fill their
    /// counts slowly. Where only a success makes them forget, that is for ever: two days of one old phone would else spend the budget of its owner, whom no success
    /// could free then.
    /// </summary>
    public TimeSpan Memory => TimeSpan.FromMilliseconds(Everybody.WindowMs) + Margin;
}
