using System.Collections.Concurrent;
using System.Net;
using AuthGateway.Core.Faults;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Telemetry;
using Microsoft.Extensions.Logging;

namespace AuthGateway.Core.Lockout;

/// <summary>
/// Counts attempts and says who is locked. The store decides; memory only remembers its locks, so that a request with a
/// cached login asks no database.
/// </summary>
/// <remarks>
/// A lock ends when both clocks say so: the wall clock, which outlives a restart, and the monotonic one, which nobody can
/// set forward. A wall clock set back makes locks last longer; an administrator can clear them.
/// </remarks>
public sealed partial class LockoutGuard
{
    private static readonly TimeSpan LargestDrift = TimeSpan.FromMinutes(5);

    private readonly ILockoutStore _store;
    private readonly TimeProvider _time;
    private readonly ILogger<LockoutGuard> _logger;
    private readonly ConcurrentDictionary<string, HeldLock> _locks = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<UInt128, HeldLock> _addresses = new();
    private readonly ConcurrentDictionary<UInt128, HeldLock> _wideAddresses = new();
    private readonly Lock _changing = new();
    private int _lockedPlaces;
    private int _newCounters;
    private long _round;
    private long _removals;
    private DateTimeOffset _wallAtLastRound;
    private long _timestampAtLastRound;

    /// <summary>Starts with an empty view; <see cref="LockoutWorker"/> fills it before requests are taken.</summary>
    public LockoutGuard(ILockoutStore store, TimeProvider time, ILogger<LockoutGuard> logger)
    {
        _store = store;
        _time = time;
        _logger = logger;
        Places = new FamiliarPlaces(store, time);
        _wallAtLastRound = time.GetUtcNow();
        _timestampAtLastRound = time.GetTimestamp();
    }

    /// <summary>Places users are known to come from, which are counted apart.</summary>
    public FamiliarPlaces Places { get; }

    /// <summary>Users who are counted under another identity.</summary>
    internal CountedIdentities Counted { get; } = new();

    /// <summary>True when some familiar place is locked: only then is it worth asking which.</summary>
    internal bool HasLockedPlaces => Volatile.Read(ref _lockedPlaces) > 0;

    /// <summary>Counters that began since <see cref="TakeNewCounters"/>.</summary>
    internal int NewCounters => Volatile.Read(ref _newCounters);

    /// <summary>Whether a lock is in force, as far as this process knows. Allocates nothing.</summary>
    public bool IsLocked(LockoutKey key) => _locks.TryGetValue(key.Text, out var held) && IsInForce(held);

    /// <summary>The same for a client address or the /48 around it, without building their keys.</summary>
    public bool IsLocked(IPAddress address)
    {
        var prefix = LockoutKey.PrefixOf(address);
        return (_addresses.TryGetValue(prefix, out var held) && IsInForce(held))
            || (_wideAddresses.TryGetValue(LockoutKey.WidePrefixOf(prefix), out held) && IsInForce(held));
    }

    /// <summary>Whether a client address is shut out under the policy in force.</summary>
    public bool IsShutOut(IPAddress address, LockoutPolicy policy) => policy.Enforces && IsLocked(address);

    /// <summary>
    /// Whether a user is shut out where he is, by the counter his place is judged by, as far as this process knows. A place it has not heard of is a stranger's.
    /// </summary>
    public bool IsShutOut(UserIdentity user, in Place place, LockoutPolicy policy) => policy.Enforces
        && Counted.Of(user) is var counted
        && IsLocked(Places.TryFind(counted, place, policy, out var familiar) && familiar is { } counter ? counter : LockoutKey.ForUser(counted));

    /// <summary>
    /// Charges one attempt before its secret is looked at. Throws <see cref="Faults.StoreUnavailableException"/> when it could not be
    /// recorded: then nothing may be checked.
    /// </summary>
    public async ValueTask<ChargeResult> ChargeAsync(LockoutKey key, LockoutRule rule, CancellationToken cancellationToken) =>
        (await ChargeAllAsync([new CounterCharge(key, rule)], cancellationToken))[0];

    /// <summary>The same for several counters, all or none.</summary>
    /// <returns>One <see cref="ChargeResult.Charged"/> a counter; or, where one is locked, results up to it, and <see cref="ChargeResult.Locked"/> last.</returns>
    public async ValueTask<IReadOnlyList<ChargeResult>> ChargeAllAsync(IReadOnlyList<CounterCharge> charges, CancellationToken cancellationToken)
    {
        var results = new ChargeResult[charges.Count];
        for (var i = 0; i < charges.Count; i++)
        {
            if (!charges[i].Rule.IsAdvisory && _locks.TryGetValue(charges[i].Key.Text, out var held) && IsInForce(held))
            {
                results[i] = new ChargeResult.Locked(DateTimeOffset.FromUnixTimeMilliseconds(held.UntilMs));
                return results[..(i + 1)];
            }
        }

        var nowMs = NowMs();
        var outcomes = await _store.ChargeAllAsync(charges, nowMs, cancellationToken);
        var isCharged = outcomes.Count == charges.Count && outcomes[^1].Verdict != CounterVerdict.Locked;
        for (var i = 0; i < outcomes.Count; i++)
        {
            var (entry, verdict) = (outcomes[i].Entry, outcomes[i].Verdict);
            var until = DateTimeOffset.FromUnixTimeMilliseconds(entry.LockedUntilMs);
            var isLocked = entry.LockedUntilMs > nowMs;
            if (isLocked && (isCharged || verdict == CounterVerdict.Locked))
            {
                Remember(entry, nowMs, Volatile.Read(ref _round));
            }

            if (verdict == CounterVerdict.Counted && entry.Failures == 1 && isCharged)
            {
                Interlocked.Increment(ref _newCounters);
            }

            var begins = verdict == CounterVerdict.Counted && isLocked;
            results[i] = verdict == CounterVerdict.Locked
                ? new ChargeResult.Locked(until)
                : new ChargeResult.Charged(entry.Failures, begins, begins ? until : null)
                {
                    IsCounted = verdict == CounterVerdict.Counted,
                    IsAdvisory = charges[i].Rule.IsAdvisory,
                    HasEarlierFailures = entry.Total > 1 || entry.Locks > (begins ? 1 : 0),
                };
        }

        return results[..outcomes.Count];
    }

    /// <summary>
    /// Says that a charged attempt did fail, and logs the lock it left. Apart from the charge, because the attempt that reaches the limit may
    /// still be the right one.
    /// </summary>
    public void Confirm(LockoutKey key, ChargeResult.Charged charge)
    {
        if (!charge.ReachedLimit)
        {
            return;
        }

        if (charge.IsAdvisory)
        {
            Log.WouldLock(_logger, key.Text, charge.Failures, charge.LockedUntil);
        }
        else if (key.Text.StartsWith("addr:", StringComparison.Ordinal))
        {
            Log.AddressLocked(_logger, key.Text, charge.Failures, charge.LockedUntil);
        }
        else if (key.Text.StartsWith("budget", StringComparison.Ordinal))
        {
            Log.BudgetSpent(_logger, key.Text, charge.Failures, charge.LockedUntil);
        }
        else
        {
            Log.AccountLocked(_logger, key.Text, charge.Failures, charge.LockedUntil);
        }
    }

    /// <summary>Takes a charge back, because our side failed or the attempt was no guess.</summary>
    public ValueTask WithdrawAsync(LockoutKey key, LockoutRule rule, CancellationToken cancellationToken) =>
        SettleAsync([new CounterSettlement(key, rule, Clears: false)], cancellationToken);

    /// <summary>Takes charges back and forgets counters, together.</summary>
    public async ValueTask SettleAsync(IReadOnlyList<CounterSettlement> settlements, CancellationToken cancellationToken)
    {
        if (settlements.Count == 0)
        {
            return;
        }

        var entries = await _store.SettleAllAsync(settlements, cancellationToken);
        for (var i = 0; i < entries.Count; i++)
        {
            if (entries[i] is null || entries[i]!.LockedUntilMs == 0)
            {
                Forget(settlements[i].Key.Text);
            }
        }
    }

    /// <summary>Forgets a counter: the last factor is proven, or an administrator says so. True when there was one.</summary>
    public async ValueTask<bool> ClearAsync(LockoutKey key, CancellationToken cancellationToken)
    {
        var existed = await _store.ClearAsync(key.Text, cancellationToken);
        Forget(key.Text);
        return existed;
    }

    /// <summary>
    /// Everything asked for was proven: forgives the failures of the counter such an attempt is judged by, and makes the place familiar. Strangers' failures
    /// are not forgiven by a success at a familiar place, or a phone that syncs would give them new guesses with every visit.
    /// </summary>
    /// <param name="user">Who.</param>
    /// <param name="place">From where.</param>
    /// <param name="policy">The numbers in force.</param>
    /// <param name="clears">The counter to clear; null when it has nothing to forgive.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="StoreUnavailableException">The counter could not be cleared.</exception>
    public async ValueTask SucceedAsync(UserIdentity user, Place place, LockoutPolicy policy, LockoutKey? clears, CancellationToken cancellationToken)
    {
        if (clears is { } counter)
        {
            await SettleAsync([new CounterSettlement(counter, policy.Account, Clears: true)], cancellationToken);
        }

        try
        {
            await Places.RememberAsync(Counted.Of(user), place, policy, cancellationToken);
        }
        catch (StoreUnavailableException e)
        {
            // The place stays strange until the next success; nobody is refused for that.
            Log.PlaceNotKept(_logger, user.Login, e);
        }
    }

    /// <summary>The counter an attempt on a user from a place is judged by: the place's own where it is familiar, or the one all strangers share.</summary>
    public async ValueTask<LockoutKey> CounterOfAsync(UserIdentity user, Place place, LockoutPolicy policy, CancellationToken cancellationToken)
    {
        var counted = Counted.Of(user);
        return await Places.FindAsync(counted, place, policy, cancellationToken) ?? LockoutKey.ForUser(counted);
    }

    /// <summary>Begins to count new counters from 0.</summary>
    internal void TakeNewCounters() => Interlocked.Exchange(ref _newCounters, 0);

    /// <summary>Brings the view up to date with what other processes charged and cleared.</summary>
    public async ValueTask RefreshAsync(CancellationToken cancellationToken)
    {
        WatchClock();
        var round = Interlocked.Increment(ref _round);
        var removals = Volatile.Read(ref _removals);
        var nowMs = NowMs();
        var entries = await _store.ListLockedAsync(nowMs, cancellationToken);
        if (removals != Volatile.Read(ref _removals))
        {
            // Something was cleared while the list was read, and the list may still name it. The next round is seconds away.
            return;
        }

        foreach (var entry in entries)
        {
            Remember(entry, nowMs, round);
        }

        foreach (var pair in _locks)
        {
            // Set or confirmed since the round began, or ended by a wall clock that ran ahead of the monotonic one: it stays.
            // Not ended and yet not listed: another process cleared it.
            var cleared = pair.Value.UntilMs > nowMs;
            if (pair.Value.Round < round && (cleared || !IsInForce(pair.Value)))
            {
                Drop(pair);
            }
        }
    }

    private void Remember(LockoutEntry entry, long nowMs, long round)
    {
        var held = _locks.TryGetValue(entry.Key, out var known) && known.UntilMs == entry.LockedUntilMs
            ? known with { Round = Math.Max(round, known.Round) }
            : new HeldLock(entry.LockedUntilMs, DeadlineAfter(entry.LockedUntilMs - nowMs), round);
        lock (_changing)
        {
            if (IsPlace(entry.Key) && !_locks.ContainsKey(entry.Key))
            {
                _lockedPlaces++;
            }

            _locks[entry.Key] = held;
            if (LockoutKey.TryReadPrefix(entry.Key, out var prefix, out var isWide))
            {
                (isWide ? _wideAddresses : _addresses)[prefix] = held;
            }
        }
    }

    private void Forget(string key)
    {
        Interlocked.Increment(ref _removals);
        if (_locks.TryGetValue(key, out var held))
        {
            Drop(KeyValuePair.Create(key, held));
        }
    }

    private void Drop(KeyValuePair<string, HeldLock> pair)
    {
        lock (_changing)
        {
            if (!_locks.TryRemove(pair))
            {
                return;
            }

            if (IsPlace(pair.Key))
            {
                _lockedPlaces--;
            }

            if (LockoutKey.TryReadPrefix(pair.Key, out var prefix, out var isWide))
            {
                (isWide ? _wideAddresses : _addresses).TryRemove(prefix, out _);
            }
        }
    }

    private static bool IsPlace(string key) => key.StartsWith(LockoutKey.PlaceKind, StringComparison.Ordinal);

    private bool IsInForce(HeldLock held) => NowMs() < held.UntilMs || _time.GetTimestamp() < held.Deadline;

    private long NowMs() => _time.GetUtcNow().ToUnixTimeMilliseconds();

    private long DeadlineAfter(long milliseconds)
    {
        var now = _time.GetTimestamp();
        var ticks = ((Int128)milliseconds * _time.TimestampFrequency / 1000) + 1;    // rounded up: never early
        return now + (long)Int128.Min(ticks, long.MaxValue - now);
    }

    private void WatchClock()
    {
        var wall = _time.GetUtcNow();
        var timestamp = _time.GetTimestamp();
        var drift = wall - _wallAtLastRound - _time.GetElapsedTime(_timestampAtLastRound, timestamp);
        (_wallAtLastRound, _timestampAtLastRound) = (wall, timestamp);
        if (drift.Duration() > LargestDrift)
        {
            Log.ClockJumped(_logger, drift);
        }
    }

    /// <summary>A lock in memory: its end on the wall clock, its end on the monotonic one, and the last round that saw it.</summary>
    private sealed record HeldLock(long UntilMs, long Deadline, long Round);

    private static partial class Log
    {
        [LoggerMessage(EventIds.AccountLocked, LogLevel.Warning, "{Key} is locked until {Until} after {Failures} failures.")]
        public static partial void AccountLocked(ILogger logger, string key, int failures, DateTimeOffset? until);

        [LoggerMessage(EventIds.AddressLocked, LogLevel.Warning, "{Key} is shut out until {Until} after {Failures} failures.")]
        public static partial void AddressLocked(ILogger logger, string key, int failures, DateTimeOffset? until);

        [LoggerMessage(EventIds.WouldLock, LogLevel.Warning, "{Key} would be locked until {Until} after {Failures} failures; Lockout:Mode is log-only.")]
        public static partial void WouldLock(ILogger logger, string key, int failures, DateTimeOffset? until);

        [LoggerMessage(EventIds.BudgetSpent, LogLevel.Warning, "{Key}: {Failures} wrong passwords were forwarded to the directory; until {Until} no further one is, so that it does not lock the user.")]
        public static partial void BudgetSpent(ILogger logger, string key, int failures, DateTimeOffset? until);

        [LoggerMessage(EventIds.PlaceNotKept, LogLevel.Warning, "That {User} is familiar where he is now could not be written down.")]
        public static partial void PlaceNotKept(ILogger logger, string user, Exception exception);

        [LoggerMessage(EventIds.ClockJumped, LogLevel.Warning,
            "The wall clock jumped by {Drift}. Locks in force keep their full length; after a jump back they last longer and may be cleared by hand.")]
        public static partial void ClockJumped(ILogger logger, TimeSpan drift);
    }
}
