using System.ComponentModel.DataAnnotations;

namespace AuthGateway.Core.Lockout;

/// <summary>Counters of failed logins.</summary>
public sealed class LockoutOptions
{
    /// <summary>Locks that are only written down and stop nobody.</summary>
    internal const string LogOnly = "log-only";

    /// <summary>
    /// <c>enforce</c>, or <c>log-only</c>: locks of accounts, places and addresses are logged and audited, but stop nobody. Second factors and what may be
    /// forwarded to a directory before it locks a user itself stay limited.
    /// </summary>
    [AllowedValues("enforce", LogOnly)]
    public string Mode { get; set; } = "enforce";

    /// <summary>
    /// A wrong password that is sent again and again is looked into this often: whether the user's password was changed since, perhaps to just that. Only
    /// with backends that show when it was changed.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:05", "00:05:00")]
    public TimeSpan RepeatLookInterval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Per account, over all services and spellings, from places its owner has not signed in from. What a directory counts itself is kept apart, and below its limit.</summary>
    public AccountLockoutOptions Account { get; set; } = new();

    /// <summary>Per account and familiar place: the device certificate, the ActiveSync device in its network, or the network (/24, /64) its owner signed in from.</summary>
    public PlaceLockoutOptions Place { get; set; } = new();

    /// <summary>Per client address (IPv4) or /64 (IPv6); a /48 has five times the limit.</summary>
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

    /// <summary>How long the first lock lasts. Each further one lasts twice as long, until a success or a day without a failure.</summary>
    [Range(typeof(TimeSpan), "00:00:10", "1.00:00:00")]
    public TimeSpan Duration { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>How long a lock lasts at most. Not longer than <see cref="Duration"/>: locks do not grow.</summary>
    [Range(typeof(TimeSpan), "00:00:10", "7.00:00:00")]
    public TimeSpan Longest { get; set; } = TimeSpan.FromHours(4);

    /// <summary>Failures without a success, and without a day of peace in between, that lock until somebody clears the counter; <c>0</c> never does.</summary>
    [Range(0, 10000)]
    public int HardLimit { get; set; } = 100;
}

/// <summary>Counters of familiar places; window, duration and growth are those of the account.</summary>
public sealed class PlaceLockoutOptions
{
    /// <summary>Failures from one familiar place after which it is locked for that account.</summary>
    [Range(1, 100)]
    public int Limit { get; set; } = 10;

    /// <summary>How long a place stays familiar after the last success there; <c>0s</c> counts everybody alike.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "365.00:00:00")]
    public TimeSpan FamiliarFor { get; set; } = TimeSpan.FromDays(30);
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

    /// <summary>How long the first lock lasts. Each further one lasts twice as long, until a day without a failure.</summary>
    [Range(typeof(TimeSpan), "00:00:10", "1.00:00:00")]
    public TimeSpan Duration { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How long a lock lasts at most: many people may share an address, so it never locks for good.</summary>
    [Range(typeof(TimeSpan), "00:00:10", "1.00:00:00")]
    public TimeSpan Longest { get; set; } = TimeSpan.FromHours(1);
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
