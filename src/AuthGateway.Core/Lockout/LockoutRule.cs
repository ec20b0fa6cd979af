using System.Runtime.InteropServices;

namespace AuthGateway.Core.Lockout;

/// <summary>One counter's numbers, and what they make of an attempt: a pure function of rule, counter and time, so that every store counts alike.</summary>
/// <param name="Limit">Failures after which the counter locks.</param>
/// <param name="WindowMs">Milliseconds after which the last failure is forgotten.</param>
/// <param name="DurationMs">Milliseconds the first lock lasts; each further one twice as long as the one before, up to <see cref="LongestMs"/>.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct LockoutRule(int Limit, long WindowMs, long DurationMs)
{
    /// <summary>A lock that ends in ten years ends when somebody clears it.</summary>
    public const long ForeverMs = 10L * 365 * 24 * 60 * 60 * 1000;

    // A day without a failure: the next lock is as short as the first.
    private const long GrowthMemoryMs = 24L * 60 * 60 * 1000;
    private const int MostDoublings = 30;

    /// <summary>Milliseconds a lock lasts at most; 0, or less than <see cref="DurationMs"/>, when locks do not grow.</summary>
    public long LongestMs { get; init; }

    /// <summary>Failures since the last success, or the last day without one, that lock until somebody clears the counter; 0 for never.</summary>
    public int HardLimit { get; init; }

    /// <summary>True when a lock is only written down and stops nobody.</summary>
    public bool IsAdvisory { get; init; }

    /// <summary>Charges one attempt to a counter.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="known">The counter so far, or null.</param>
    /// <param name="nowMs">Unix milliseconds.</param>
    /// <returns>The counter afterwards. While a lock is in force it is unchanged, and the attempt is refused, or under an advisory rule passes uncounted.</returns>
    public CounterOutcome Charge(string key, LockoutEntry? known, long nowMs)
    {
        if (known is not null && known.LockedUntilMs > nowMs)
        {
            return new CounterOutcome(known, IsAdvisory ? CounterVerdict.Passed : CounterVerdict.Locked);
        }

        var begins = known is null || known.LockedUntilMs > 0 || known.LastAtMs < nowMs - WindowMs;
        var isForgotten = known is null || known.LastAtMs < nowMs - Math.Max(GrowthMemoryMs, WindowMs);
        var failures = begins ? 1 : known!.Failures + 1;
        var total = isForgotten ? 1 : known!.Total + 1;
        var locks = isForgotten ? 0 : known!.Locks;
        var isForGood = HardLimit > 0 && total >= HardLimit;
        var locksNow = failures >= Limit || isForGood;
        var until = isForGood ? nowMs + ForeverMs : locksNow ? nowMs + LockMs(locks) : 0;
        return new CounterOutcome(
            new LockoutEntry(key, failures, nowMs, until)
            {
                Total = total,
                Locks = locksNow ? locks + 1 : locks,
                ForgottenAtMs = Math.Max(until, nowMs + Math.Max(GrowthMemoryMs, WindowMs)),
            },
            CounterVerdict.Counted);
    }

    /// <summary>Takes one charge back, and the lock with it when the count falls below the limit.</summary>
    public LockoutEntry Withdraw(LockoutEntry entry)
    {
        var total = Math.Max(0, entry.Total - 1);
        var lifts = entry.LockedUntilMs > 0 && entry.Failures - 1 < Limit && (HardLimit == 0 || total < HardLimit);
        return entry with
        {
            Failures = Math.Max(0, entry.Failures - 1),
            Total = total,
            LockedUntilMs = lifts ? 0 : entry.LockedUntilMs,
            Locks = lifts ? Math.Max(0, entry.Locks - 1) : entry.Locks,
        };
    }

    private long LockMs(int locksBefore)
    {
        var longest = Math.Max(LongestMs, DurationMs);
        return locksBefore >= MostDoublings ? longest : (long)Int128.Min((Int128)DurationMs << locksBefore, longest);
    }
}

/// <summary>What a counter said to one attempt.</summary>
public enum CounterVerdict
{
    /// <summary>Charged; the secret may be looked at.</summary>
    Counted,

    /// <summary>A lock is in force; nothing was charged.</summary>
    Locked,

    /// <summary>A lock is in force that stops nobody; nothing was charged.</summary>
    Passed,
}

/// <summary>A counter after an attempt.</summary>
/// <param name="Entry">The counter.</param>
/// <param name="Verdict">What it said.</param>
public readonly record struct CounterOutcome(LockoutEntry Entry, CounterVerdict Verdict);
