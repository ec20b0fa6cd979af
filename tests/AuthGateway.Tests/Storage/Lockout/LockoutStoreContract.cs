using AuthGateway.Core.Lockout;
using AuthGateway.Storage.Lockout;
using AuthGateway.TestKit.Stores;

namespace AuthGateway.Tests.Storage.Lockout;

/// <summary>What every lockout store must do.</summary>
public abstract class LockoutStoreContract
{
    private static readonly LockoutRule Rule = new(Limit: 5, WindowMs: 1000, DurationMs: 600);

    protected abstract ILockoutStore Store { get; }

    [Fact]
    public async Task Charge_UpToTheLimit_LocksWithTheLastCharge()
    {
        for (var i = 1; i <= 4; i++)
        {
            Seen(await Charge("user:a", i)).ShouldBe(("user:a", i, i, 0, true));
        }

        Seen(await Charge("user:a", 5)).ShouldBe(("user:a", 5, 5, 605, true));
        Seen(await Charge("user:a", 5)).ShouldBe(("user:a", 5, 5, 605, false));
        Seen(await Charge("user:a", 604)).ShouldBe(("user:a", 5, 5, 605, false));
    }

    [Fact]
    public async Task Charge_LockEnded_CountsAnew()
    {
        await ChargeTimes("user:a", 5);

        Seen(await Charge("user:a", 600)).ShouldBe(("user:a", 1, 600, 0, true));
    }

    [Fact]
    public async Task Charge_LastFailureOutsideWindow_CountsAnew()
    {
        await ChargeTimes("user:a", 4);

        (await Charge("user:a", 1000)).Entry.Failures.ShouldBe(5);
        await Store.ClearAsync("user:a", default);
        await ChargeTimes("user:a", 4);
        (await Charge("user:a", 1001)).Entry.Failures.ShouldBe(1);
    }

    [Fact]
    public async Task Charge_LimitOfOne_LocksAtOnce()
    {
        Seen(await Store.ChargeAsync("user:a", Rule with { Limit = 1 }, 0, default)).ShouldBe(("user:a", 1, 0, 600, true));
        (await Store.ChargeAsync("user:a", Rule with { Limit = 1 }, 1, default)).Charged.ShouldBeFalse();
    }

    [Fact]
    public async Task Charge_SixtyFourAtOnce_TakesExactlyTheLimit()
    {
        var charges = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => Task.Run(async () => await Charge("user:a", 7))));

        charges.Count(charge => charge.Charged).ShouldBe(5);
        charges.Where(charge => charge.Charged).Select(charge => charge.Entry.Failures).Order().ShouldBe([1, 2, 3, 4, 5]);
        charges.Count(charge => charge.Charged && charge.Entry.LockedUntilMs > 0).ShouldBe(1);
    }

    [Fact]
    public async Task Withdraw_BelowTheLimit_TakesTheLockBackToo()
    {
        await ChargeTimes("user:a", 5);

        Seen(((await Store.WithdrawAsync("user:a", Rule, default))!, false)).ShouldBe(("user:a", 4, 0, 0, false));
        Seen(await Charge("user:a", 1)).ShouldBe(("user:a", 5, 1, 601, true));
    }

    [Fact]
    public async Task Withdraw_NothingCharged_DoesNothing()
    {
        (await Store.WithdrawAsync("user:a", Rule, default)).ShouldBeNull();
        await ChargeTimes("user:a", 1);
        await Store.WithdrawAsync("user:a", Rule, default);
        (await Store.WithdrawAsync("user:a", Rule, default))!.Failures.ShouldBe(0);
    }

    [Fact]
    public async Task Clear_KnownAndUnknown_SaysWhich()
    {
        await ChargeTimes("user:a", 5);

        (await Store.ClearAsync("user:a", default)).ShouldBeTrue();
        (await Store.ClearAsync("user:a", default)).ShouldBeFalse();
        (await Charge("user:a", 1)).Entry.Failures.ShouldBe(1);
    }

    [Fact]
    public async Task List_Part_MatchesItAsItStands()
    {
        await Charge("name:a_b%c", 1);
        await Charge("name:axb", 2);
        await Charge("user:LOCAL:9", 3);

        (await Keys("a_b%")).ShouldBe(["name:a_b%c"]);
        (await Keys("local:9")).ShouldBe(["user:LOCAL:9"]);
        (await Keys(null)).ShouldBe(["user:LOCAL:9", "name:axb", "name:a_b%c"]);
        (await Store.ListAsync(null, 2, default)).Count.ShouldBe(2);
    }

    [Fact]
    public async Task ListLocked_EndedLocks_AreLeftOut()
    {
        await ChargeTimes("user:a", 5);
        await ChargeTimes("user:b", 4);

        (await Store.ListLockedAsync(599, default)).ShouldHaveSingleItem().Key.ShouldBe("user:a");
        (await Store.ListLockedAsync(600, default)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Prune_OldAndSurplus_KeepsLocksAndTheNewestOfEachKind()
    {
        const long Day = 24 * 60 * 60 * 1000;
        await ChargeTimes("user:locked", 5);
        await Charge("user:old", 0);
        await Charge("user:new", 100);
        await ChargeTimes("name:locked", 5, Day + 100);
        await Charge("name:1", 101);
        await Charge("name:2", 102);
        await Charge("name:3", 103);
        await Charge("factor:old", 0);
        await Charge("addr:192.0.2.1", 101);
        await Charge("addr:2001:db8::/48", 102);
        await Charge("place:ad:1:00", 101);
        await Charge("place:ad:2:00", 102);

        // Counts until a right code or the helpdesk clears it, however long that takes.
        await Store.ChargeAsync("factor-total:old", Rule with { WindowMs = LockoutRule.ForeverMs }, 0, default);

        // Locks that end long after the last failure.
        await Store.ChargeAsync("budget:ad:1", Rule with { Limit = 1, DurationMs = 3 * Day }, 0, default);

        (await Store.PruneAsync(nowMs: Day + 100, new CounterBounds(Names: 2, Addresses: 1, Places: 1), default)).ShouldBe(7);
        (await Keys(null)).Order(StringComparer.Ordinal).ShouldBe(
            ["addr:2001:db8::/48", "budget:ad:1", "factor-total:old", "name:3", "name:locked", "place:ad:2:00", "user:new"]);
    }

    [Fact]
    public async Task ChargeAll_OneOfThemLocked_ChargesNone()
    {
        await ChargeTimes("user:a", 5);

        var outcomes = await Store.ChargeAllAsync([Of("addr:1"), Of("user:a"), Of("budget:a")], 1, default);

        outcomes.Select(outcome => outcome.Verdict).ShouldBe([CounterVerdict.Counted, CounterVerdict.Locked]);
        (await Keys(null)).ShouldBe(["user:a"]);
    }

    [Fact]
    public async Task ChargeAll_SixtyFourAtOnce_TakeTheSmallestLimitAndNothingMore()
    {
        var charges = await Task.WhenAll(Enumerable.Range(0, 64).Select(i => Task.Run(async () => await Store.ChargeAllAsync(
            [Of($"addr:{i % 3}", 100), Of("user:a"), Of("budget:a", 3)], 7, default))));

        charges.Count(outcomes => outcomes is [_, _, { Verdict: CounterVerdict.Counted }]).ShouldBe(3);
        (await Store.ListAsync(null, 10, default)).Sum(entry => entry.Failures).ShouldBe(9);
    }

    [Fact]
    public async Task SettleAll_WithdrawsAndClearsTogether()
    {
        await Store.ChargeAllAsync([Of("addr:1"), Of("budget:a"), Of("user:a")], 1, default);
        await Charge("budget:a", 2);

        var left = await Store.SettleAllAsync(
            [new CounterSettlement(LockoutKey.FromText("addr:1"), Rule, Clears: false), new CounterSettlement(LockoutKey.FromText("budget:a"), Rule, Clears: true)], default);

        left.Select(entry => entry?.Failures).ShouldBe([0, null]);
        (await Keys(null)).ShouldBe(["user:a"]);
    }

    [Fact]
    public async Task Charge_AdvisoryRule_PassesALockUncounted()
    {
        await ChargeTimes("user:a", 5);
        await Store.ChargeAllAsync([new CounterCharge(LockoutKey.FromText("user:a"), Rule with { IsAdvisory = true })], 1, default);

        var outcome = (await Store.ChargeAllAsync([new CounterCharge(LockoutKey.FromText("user:a"), Rule with { IsAdvisory = true })], 2, default)).ShouldHaveSingleItem();

        (outcome.Verdict, outcome.Entry.Failures, outcome.Entry.LockedUntilMs).ShouldBe((CounterVerdict.Passed, 5, 600));
    }

    [Fact]
    public async Task Charge_LockAfterLock_LastsTwiceAsLongUntilADayOfPeace()
    {
        const long Day = 24 * 60 * 60 * 1000;
        var rule = new LockoutRule(Limit: 2, WindowMs: 1000, DurationMs: 600) { LongestMs = 2000 };
        var now = 0L;
        var lasted = new List<long>();
        for (var i = 0; i < 5; i++)
        {
            now += i == 4 ? Day + 1 : 0;
            await Store.ChargeAsync("user:a", rule, now, default);
            var (entry, _) = await Store.ChargeAsync("user:a", rule, now, default);
            lasted.Add(entry.LockedUntilMs - now);
            now = entry.LockedUntilMs;
        }

        lasted.ShouldBe([600, 1200, 2000, 2000, 600]);
    }

    [Fact]
    public async Task Charge_HardLimit_LocksUntilItIsCleared()
    {
        var rule = new LockoutRule(Limit: 2, WindowMs: 1000, DurationMs: 600) { HardLimit = 3 };
        await Store.ChargeAsync("user:a", rule, 0, default);
        await Store.ChargeAsync("user:a", rule, 0, default);
        await Store.ChargeAsync("user:a", rule, 600, default);

        (await Store.ChargeAsync("user:a", rule, 365L * 24 * 60 * 60 * 1000, default)).Charged.ShouldBeFalse();
        await Store.ClearAsync("user:a", default);
        (await Store.ChargeAsync("user:a", rule, 601, default)).Entry.LockedUntilMs.ShouldBe(0);
    }

    [Fact]
    public async Task Places_MoreThanTheMost_ForgetTheOldest()
    {
        foreach (var i in new[] { 1, 3, 2, 4 })
        {
            await Store.RememberPlaceAsync("ad:1", new FamiliarPlace($"h{i}", i), 3, default);
        }

        await Store.RememberPlaceAsync("ad:2", new FamiliarPlace("h1", 1), 3, default);
        await Store.RememberPlaceAsync("ad:1", new FamiliarPlace("h2", 9), 3, default);

        (await Store.ListPlacesAsync("ad:1", default)).Select(place => place.Hash).Order(StringComparer.Ordinal).ShouldBe(["h2", "h3", "h4"]);
        (await Store.PrunePlacesAsync(4, default)).ShouldBe(2);
        (await Store.ListPlacesAsync("ad:1", default)).Select(place => place.Hash).Order(StringComparer.Ordinal).ShouldBe(["h2", "h4"]);
        (await Store.ListPlacesAsync("ad:2", default)).ShouldBeEmpty();
    }

    /// <summary>Against a model that keeps every failure as a time of its own and thinks about the rules anew each time.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public async Task Store_RandomCallsOnAMovingClock_AgreesWithTheModel(int seed)
    {
        var random = new Random(seed);
        var model = new Dictionary<string, NaiveCounter>(StringComparer.Ordinal);
        var now = 1_000_000L;
        for (var step = 0; step < 400; step++)
        {
            // Mostly forward, now and then a jump either way, and once in a while a day of peace.
            now += random.Next(40) switch { 0 or 1 => -random.Next(2000), 2 or 3 => random.Next(5000), 4 => 90_000_000, _ => random.Next(150) };
            var rule = Rule with { Limit = random.Next(10) == 0 ? 3 : 5, LongestMs = 2000, HardLimit = random.Next(30) == 0 ? 9 : 0 };
            string[] keys = [.. Enumerable.Range(0, 3).Select(i => $"user:{i}").Where(_ => random.Next(2) == 0)];
            switch (random.Next(12))
            {
                case 0:
                    foreach (var key in keys)
                    {
                        (await Store.ClearAsync(key, default)).ShouldBe(model.Remove(key));
                    }

                    break;
                case 1:
                    var settled = await Store.SettleAllAsync([.. keys.Select(key => new CounterSettlement(LockoutKey.FromText(key), rule, Clears: false))], default);
                    for (var i = 0; i < keys.Length; i++)
                    {
                        model.GetValueOrDefault(keys[i])?.Withdraw(rule);
                        settled[i]?.Failures.ShouldBe(model[keys[i]].Failures, $"step {step}");
                    }

                    break;
                default:
                    if (keys.Length == 0)
                    {
                        break;
                    }

                    var outcomes = await Store.ChargeAllAsync([.. keys.Select(key => new CounterCharge(LockoutKey.FromText(key), rule))], now, default);
                    var locked = Array.FindIndex(keys, key => model.TryGetValue(key, out var counter) && counter.Until > now);
                    outcomes.Count.ShouldBe(locked < 0 ? keys.Length : locked + 1, $"step {step}");
                    (outcomes[^1].Verdict == CounterVerdict.Locked).ShouldBe(locked >= 0, $"step {step}");
                    for (var i = 0; i < keys.Length && locked < 0; i++)
                    {
                        var counter = model.TryGetValue(keys[i], out var known) ? known : model[keys[i]] = new NaiveCounter();
                        counter.Charge(rule, now);
                        Seen((outcomes[i].Entry, true)).ShouldBe((keys[i], counter.Failures, now, counter.Until, true), $"step {step}");
                    }

                    break;
            }
        }
    }

    private static (string Key, int Failures, long LastAt, long Until, bool Charged) Seen((LockoutEntry Entry, bool Charged) seen) =>
        (seen.Entry.Key, seen.Entry.Failures, seen.Entry.LastAtMs, seen.Entry.LockedUntilMs, seen.Charged);

    private static CounterCharge Of(string key, int limit = 5) => new(LockoutKey.FromText(key), Rule with { Limit = limit });

    private ValueTask<(LockoutEntry Entry, bool Charged)> Charge(string key, long now) => Store.ChargeAsync(key, Rule, now, default);

    private async Task ChargeTimes(string key, int times, long now = 0)
    {
        for (var i = 0; i < times; i++)
        {
            await Charge(key, now);
        }
    }

    private async Task<IEnumerable<string>> Keys(string? part) => (await Store.ListAsync(part, 100, default)).Select(entry => entry.Key);
}

/// <summary>A counter as somebody would keep it on paper.</summary>
internal sealed class NaiveCounter
{
    private readonly List<long> _sinceLock = [];
    private readonly List<long> _ever = [];
    private int _locks;
    private long? _last;

    public int Failures => _sinceLock.Count;

    public long Until { get; private set; }

    public void Charge(LockoutRule rule, long now)
    {
        if (_last is { } peace && now - peace > 24 * 60 * 60 * 1000)
        {
            _ever.Clear();
            _locks = 0;
        }

        if (Until > 0 || (_last is { } last && now - last > rule.WindowMs))
        {
            _sinceLock.Clear();
            Until = 0;
        }

        _sinceLock.Add(now);
        _ever.Add(now);
        _last = now;
        if (rule.HardLimit > 0 && _ever.Count >= rule.HardLimit)
        {
            Until = now + LockoutRule.ForeverMs;
            _locks++;
        }
        else if (Failures >= rule.Limit)
        {
            Until = now + Math.Min(rule.DurationMs * (long)Math.Pow(2, _locks), rule.LongestMs);
            _locks++;
        }
    }

    public void Withdraw(LockoutRule rule)
    {
        // The last one goes; the time of the last charge is remembered all the same.
        var before = Failures;
        if (_sinceLock.Count > 0)
        {
            _sinceLock.RemoveAt(0);
        }

        if (_ever.Count > 0)
        {
            _ever.RemoveAt(0);
        }

        if (Until > 0 && before - 1 < rule.Limit && (rule.HardLimit == 0 || _ever.Count < rule.HardLimit))
        {
            Until = 0;
            _locks = Math.Max(0, _locks - 1);
        }
    }
}

public sealed class InMemoryLockoutStoreTests : LockoutStoreContract
{
    protected override ILockoutStore Store { get; } = new InMemoryLockoutStore();
}

public sealed class SqliteLockoutStoreTests : LockoutStoreContract, IDisposable
{
    private readonly TemporaryDatabase _file = new();

    public SqliteLockoutStoreTests() => Store = new SqliteLockoutStore(_file.Open());

    protected override ILockoutStore Store { get; }

    public void Dispose() => _file.Dispose();

    [Fact]
    public async Task Charge_TwoDatabasesOnOneFile_TakeTheLimitTogether()
    {
        ILockoutStore[] stores = [Store, new SqliteLockoutStore(_file.Open())];
        var charges = await Task.WhenAll(Enumerable.Range(0, 64).Select(i => Task.Run(
            async () => await stores[i % 2].ChargeAsync("user:a", new LockoutRule(5, 1000, 1000), 7, default))));

        charges.Count(charge => charge.Charged).ShouldBe(5);
    }
}
