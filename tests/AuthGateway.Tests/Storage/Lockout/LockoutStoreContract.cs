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
            (await Charge("user:a", i)).ShouldBe((new LockoutEntry("user:a", i, i, 0), true));
        }

        (await Charge("user:a", 5)).ShouldBe((new LockoutEntry("user:a", 5, 5, 605), true));
        (await Charge("user:a", 5)).ShouldBe((new LockoutEntry("user:a", 5, 5, 605), false));
        (await Charge("user:a", 604)).ShouldBe((new LockoutEntry("user:a", 5, 5, 605), false));
    }

    [Fact]
    public async Task Charge_LockEnded_CountsAnew()
    {
        await ChargeTimes("user:a", 5);

        (await Charge("user:a", 600)).ShouldBe((new LockoutEntry("user:a", 1, 600, 0), true));
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
        (await Store.ChargeAsync("user:a", Rule with { Limit = 1 }, 0, default)).ShouldBe((new LockoutEntry("user:a", 1, 0, 600), true));
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

        (await Store.WithdrawAsync("user:a", Rule, default)).ShouldBe(new LockoutEntry("user:a", 4, 0, 0));
        (await Charge("user:a", 1)).ShouldBe((new LockoutEntry("user:a", 5, 1, 601), true));
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
    public async Task Prune_OldAndSurplus_KeepsLocksAndTheNewestNames()
    {
        await ChargeTimes("user:locked", 5);
        await Charge("user:old", 0);
        await Charge("user:new", 100);
        await ChargeTimes("name:locked", 5);
        await Charge("name:1", 101);
        await Charge("name:2", 102);
        await Charge("name:3", 103);
        await Charge("factor:old", 0);

        // Counts until a right code or the helpdesk clears it, however long that takes.
        await Charge("factor-total:old", 0);

        (await Store.PruneAsync(forgottenBeforeMs: 50, nowMs: 200, maxNames: 2, default)).ShouldBe(4);
        (await Keys(null)).Order(StringComparer.Ordinal).ShouldBe(["factor-total:old", "name:3", "name:locked", "user:locked", "user:new"]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Store_RandomCallsOnAMovingClock_AgreesWithTheModel(int seed)
    {
        var random = new Random(seed);
        var model = new Dictionary<string, (int Failures, long Last, long Until)>(StringComparer.Ordinal);
        var now = 1_000_000L;
        for (var step = 0; step < 400; step++)
        {
            // Mostly forward, now and then a jump either way.
            now += random.Next(20) switch { 0 => -random.Next(2000), 1 => random.Next(5000), _ => random.Next(150) };
            var key = $"user:{random.Next(3)}";
            var rule = Rule with { Limit = random.Next(10) == 0 ? 3 : 5 };
            var known = model.TryGetValue(key, out var row);
            switch (random.Next(12))
            {
                case 0:
                    (await Store.ClearAsync(key, default)).ShouldBe(model.Remove(key));
                    break;
                case 1:
                    await Store.WithdrawAsync(key, rule, default);
                    if (known)
                    {
                        model[key] = (Math.Max(0, row.Failures - 1), row.Last, row.Failures - 1 < rule.Limit ? 0 : row.Until);
                    }

                    break;
                default:
                    var (entry, charged) = await Store.ChargeAsync(key, rule, now, default);
                    charged.ShouldBe(!known || row.Until <= now, $"step {step}");
                    if (charged)
                    {
                        var failures = !known || row.Until > 0 || now - row.Last > rule.WindowMs ? 1 : row.Failures + 1;
                        model[key] = row = (failures, now, failures >= rule.Limit ? now + rule.DurationMs : 0);
                    }

                    entry.ShouldBe(new LockoutEntry(key, row.Failures, row.Last, row.Until), $"step {step}");
                    break;
            }
        }
    }

    private ValueTask<(LockoutEntry Entry, bool Charged)> Charge(string key, long now) => Store.ChargeAsync(key, Rule, now, default);

    private async Task ChargeTimes(string key, int times)
    {
        for (var i = 0; i < times; i++)
        {
            await Charge(key, 0);
        }
    }

    private async Task<IEnumerable<string>> Keys(string? part) => (await Store.ListAsync(part, 100, default)).Select(entry => entry.Key);
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
