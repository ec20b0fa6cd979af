using System.Collections.Concurrent;
using System.Net;
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
        _wallAtLastRound = time.GetUtcNow();
        _timestampAtLastRound = time.GetTimestamp();
    }

    /// <summary>Whether a lock is in force, as far as this process knows. Allocates nothing.</summary>
    public bool IsLocked(LockoutKey key) => _locks.TryGetValue(key.Text, out var held) && IsInForce(held);

    /// <summary>The same for a client address, without building its key.</summary>
    public bool IsLocked(IPAddress address) => _addresses.TryGetValue(LockoutKey.PrefixOf(address), out var held) && IsInForce(held);

    /// <summary>
    /// Charges one attempt before its secret is looked at. Throws <see cref="Faults.StoreUnavailableException"/> when it could not be
    /// recorded: then nothing may be checked.
    /// </summary>
    public async ValueTask<ChargeResult> ChargeAsync(LockoutKey key, LockoutRule rule, CancellationToken cancellationToken)
    {
        if (_locks.TryGetValue(key.Text, out var held) && IsInForce(held))
        {
            return new ChargeResult.Locked(DateTimeOffset.FromUnixTimeMilliseconds(held.UntilMs));
        }

        var nowMs = NowMs();
        var (entry, charged) = await _store.ChargeAsync(key.Text, rule, nowMs, cancellationToken);
        var locked = entry.LockedUntilMs > nowMs;
        if (locked)
        {
            Remember(entry, nowMs, Volatile.Read(ref _round));
        }

        var until = DateTimeOffset.FromUnixTimeMilliseconds(entry.LockedUntilMs);
        return charged ? new ChargeResult.Charged(entry.Failures, locked, locked ? until : null) : new ChargeResult.Locked(until);
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

        if (key.Text.StartsWith("addr:", StringComparison.Ordinal))
        {
            Log.AddressLocked(_logger, key.Text, charge.Failures, charge.LockedUntil);
        }
        else
        {
            Log.AccountLocked(_logger, key.Text, charge.Failures, charge.LockedUntil);
        }
    }

    /// <summary>Takes a charge back, because our side failed or the attempt was no guess.</summary>
    public async ValueTask WithdrawAsync(LockoutKey key, LockoutRule rule, CancellationToken cancellationToken)
    {
        var entry = await _store.WithdrawAsync(key.Text, rule, cancellationToken);
        if (entry is null || entry.LockedUntilMs == 0)
        {
            Forget(key.Text);
        }
    }

    /// <summary>Forgets a counter: the last factor is proven, or an administrator says so. True when there was one.</summary>
    public async ValueTask<bool> ClearAsync(LockoutKey key, CancellationToken cancellationToken)
    {
        var existed = await _store.ClearAsync(key.Text, cancellationToken);
        Forget(key.Text);
        return existed;
    }

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
                _locks.TryRemove(pair);
                if (LockoutKey.TryReadPrefix(pair.Key, out var prefix))
                {
                    _addresses.TryRemove(KeyValuePair.Create(prefix, pair.Value));
                }
            }
        }
    }

    private void Remember(LockoutEntry entry, long nowMs, long round)
    {
        var held = _locks.TryGetValue(entry.Key, out var known) && known.UntilMs == entry.LockedUntilMs
            ? known with { Round = Math.Max(round, known.Round) }
            : new HeldLock(entry.LockedUntilMs, DeadlineAfter(entry.LockedUntilMs - nowMs), round);
        _locks[entry.Key] = held;
        if (LockoutKey.TryReadPrefix(entry.Key, out var prefix))
        {
            _addresses[prefix] = held;
        }
    }

    private void Forget(string key)
    {
        Interlocked.Increment(ref _removals);
        _locks.TryRemove(key, out _);
        if (LockoutKey.TryReadPrefix(key, out var prefix))
        {
            _addresses.TryRemove(prefix, out _);
        }
    }

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

        [LoggerMessage(EventIds.ClockJumped, LogLevel.Warning,
            "The wall clock jumped by {Drift}. Locks in force keep their full length; after a jump back they last longer and may be cleared by hand.")]
        public static partial void ClockJumped(ILogger logger, TimeSpan drift);
    }
}
