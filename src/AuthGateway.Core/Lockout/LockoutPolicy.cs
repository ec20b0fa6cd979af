namespace AuthGateway.Core.Lockout;

/// <summary>The counters' numbers, ready for the store.</summary>
/// <param name="Account">Per account or typed name.</param>
/// <param name="Address">Per client address.</param>
public sealed record LockoutPolicy(LockoutRule Account, LockoutRule Address)
{
    // A lock that ends in ten years ends when somebody clears it.
    private const long ForeverMs = 10L * 365 * 24 * 60 * 60 * 1000;

    /// <summary>Wrong codes of a second factor, per user.</summary>
    public LockoutRule Factor { get; init; } = FactorRule(new FactorLockoutOptions());

    /// <summary>Wrong codes without a right one in between, per user: locks until somebody clears it.</summary>
    public LockoutRule FactorTotal { get; init; } = FactorTotalRule(new FactorLockoutOptions());

    /// <summary>Takes validated options.</summary>
    public static LockoutPolicy From(LockoutOptions options) => new(
        new LockoutRule(options.Account.Limit, (long)options.Account.Window.TotalMilliseconds, (long)options.Account.Duration.TotalMilliseconds),
        new LockoutRule(options.Address.Limit, (long)options.Address.Window.TotalMilliseconds, (long)options.Address.Duration.TotalMilliseconds))
    {
        Factor = FactorRule(options.Factor),
        FactorTotal = FactorTotalRule(options.Factor),
    };

    private static LockoutRule FactorRule(FactorLockoutOptions options) =>
        new(options.Limit, (long)options.Window.TotalMilliseconds, (long)options.Duration.TotalMilliseconds);

    private static LockoutRule FactorTotalRule(FactorLockoutOptions options) => new(options.HardLimit, ForeverMs, ForeverMs);
}
