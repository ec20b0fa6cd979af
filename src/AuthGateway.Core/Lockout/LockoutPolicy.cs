namespace AuthGateway.Core.Lockout;

/// <summary>The counters' numbers, ready for the store.</summary>
/// <param name="Account">Per account from places it is not known to come from, and per typed name.</param>
/// <param name="Address">Per client address.</param>
public sealed record LockoutPolicy(LockoutRule Account, LockoutRule Address)
{
    // A network of 65,536 subscribers' networks gets this many times the failures of one.
    private const int WideFactor = 5;

    /// <summary>Per account and familiar place.</summary>
    public LockoutRule Place { get; init; } = PlaceRule(new LockoutOptions());

    /// <summary>Per /48 of IPv6.</summary>
    public LockoutRule WideAddress { get; init; } = Address with { Limit = Address.Limit * WideFactor };

    /// <summary>Wrong codes of a second factor, per user.</summary>
    public LockoutRule Factor { get; init; } = FactorRule(new FactorLockoutOptions());

    /// <summary>Wrong codes without a right one in between, per user: locks until somebody clears it.</summary>
    public LockoutRule FactorTotal { get; init; } = FactorTotalRule(new FactorLockoutOptions());

    /// <summary>False when locks of accounts, places and addresses are only written down.</summary>
    public bool Enforces { get; init; } = true;

    /// <summary>Milliseconds a place stays familiar after the last success there; 0 when none ever is.</summary>
    public long FamiliarForMs { get; init; } = Milliseconds(new PlaceLockoutOptions().FamiliarFor);

    /// <summary>How often a repeated wrong password is looked into: whether it was changed to just that meanwhile.</summary>
    public TimeSpan RepeatLookInterval { get; init; } = new LockoutOptions().RepeatLookInterval;

    /// <summary>Takes validated options.</summary>
    public static LockoutPolicy From(LockoutOptions options)
    {
        var enforces = !string.Equals(options.Mode, LockoutOptions.LogOnly, StringComparison.Ordinal);
        var account = options.Account;
        var address = new LockoutRule(options.Address.Limit, Milliseconds(options.Address.Window), Milliseconds(options.Address.Duration))
        {
            LongestMs = Milliseconds(options.Address.Longest),
            IsAdvisory = !enforces,
        };
        return new(
            new LockoutRule(account.Limit, Milliseconds(account.Window), Milliseconds(account.Duration))
            {
                LongestMs = Milliseconds(account.Longest),
                HardLimit = account.HardLimit,
                IsAdvisory = !enforces,
            },
            address)
        {
            Place = PlaceRule(options) with { IsAdvisory = !enforces },
            Factor = FactorRule(options.Factor),
            FactorTotal = FactorTotalRule(options.Factor),
            Enforces = enforces,
            FamiliarForMs = Milliseconds(options.Place.FamiliarFor),
            RepeatLookInterval = options.RepeatLookInterval,
        };
    }

    private static LockoutRule PlaceRule(LockoutOptions options) =>
        new(options.Place.Limit, Milliseconds(options.Account.Window), Milliseconds(options.Account.Duration))
        {
            LongestMs = Milliseconds(options.Account.Longest),
            HardLimit = options.Account.HardLimit,
        };

    private static LockoutRule FactorRule(FactorLockoutOptions options) =>
        new(options.Limit, Milliseconds(options.Window), Milliseconds(options.Duration));

    private static LockoutRule FactorTotalRule(FactorLockoutOptions options) => new(options.HardLimit, LockoutRule.ForeverMs, LockoutRule.ForeverMs);

    private static long Milliseconds(TimeSpan span) => (long)span.TotalMilliseconds;
}
