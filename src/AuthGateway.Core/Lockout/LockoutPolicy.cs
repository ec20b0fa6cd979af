namespace AuthGateway.Core.Lockout;

/// <summary>Both counters' numbers, ready for the store.</summary>
/// <param name="Account">Per account or typed name.</param>
/// <param name="Address">Per client address.</param>
public sealed record LockoutPolicy(LockoutRule Account, LockoutRule Address)
{
    /// <summary>Takes validated options.</summary>
    public static LockoutPolicy From(LockoutOptions options) => new(
        new LockoutRule(options.Account.Limit, (long)options.Account.Window.TotalMilliseconds, (long)options.Account.Duration.TotalMilliseconds),
        new LockoutRule(options.Address.Limit, (long)options.Address.Window.TotalMilliseconds, (long)options.Address.Duration.TotalMilliseconds));
}
