using System.ComponentModel.DataAnnotations;

namespace AuthGateway.Core.Lockout;

/// <summary>Counters of failed logins.</summary>
public sealed class LockoutOptions
{
    /// <summary>Per account, over all services and spellings. Keep the limit at least 2 below the directory's own.</summary>
    public AccountLockoutOptions Account { get; set; } = new();

    /// <summary>Per client address (IPv4) or /64 (IPv6).</summary>
    public AddressLockoutOptions Address { get; set; } = new();

    /// <summary>Wrong codes of a second factor, per user over all sessions and hosts.</summary>
    public FactorLockoutOptions Factor { get; set; } = new();
}

/// <summary>The account counter.</summary>
public sealed class AccountLockoutOptions
{
    /// <summary>Failures after which the account is locked.</summary>
    [Range(1, 100)]
    public int Limit { get; set; } = 5;

    /// <summary>Failures older than this no longer count.</summary>
    [Range(typeof(TimeSpan), "00:00:10", "1.00:00:00")]
    public TimeSpan Window { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>How long a lock lasts.</summary>
    [Range(typeof(TimeSpan), "00:00:10", "1.00:00:00")]
    public TimeSpan Duration { get; set; } = TimeSpan.FromMinutes(15);
}

/// <summary>The address counter.</summary>
public sealed class AddressLockoutOptions
{
    /// <summary>Failures after which the address is shut out.</summary>
    [Range(1, 10000)]
    public int Limit { get; set; } = 20;

    /// <summary>Failures older than this no longer count.</summary>
    [Range(typeof(TimeSpan), "00:00:10", "1.00:00:00")]
    public TimeSpan Window { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How long a lock lasts.</summary>
    [Range(typeof(TimeSpan), "00:00:10", "1.00:00:00")]
    public TimeSpan Duration { get; set; } = TimeSpan.FromMinutes(10);
}

/// <summary>Counter of wrong codes.</summary>
public sealed class FactorLockoutOptions
{
    /// <summary>Wrong codes after which no code is taken for a while.</summary>
    [Range(1, 20)]
    public int Limit { get; set; } = 5;

    /// <summary>Wrong codes older than this no longer count towards <see cref="Limit"/>.</summary>
    [Range(typeof(TimeSpan), "00:00:30", "1.00:00:00")]
    public TimeSpan Window { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>How long no code is taken.</summary>
    [Range(typeof(TimeSpan), "00:00:30", "1.00:00:00")]
    public TimeSpan Duration { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>Wrong codes without a right one in between after which no code is taken until the helpdesk clears the counter.</summary>
    [Range(5, 100)]
    public int HardLimit { get; set; } = 20;
}
