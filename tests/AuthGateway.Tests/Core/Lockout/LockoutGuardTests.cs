using System.Net;
using AuthGateway.Core.Faults;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Lockout;
using AuthGateway.TestKit;
using AuthGateway.TestKit.Stores;
using Microsoft.Extensions.Logging.Abstractions;

namespace AuthGateway.Tests.Core.Lockout;

public sealed class LockoutGuardTests
{
    private static readonly LockoutRule Rule = new(Limit: 5, WindowMs: 900_000, DurationMs: 900_000);
    private static readonly TimeSpan Duration = TimeSpan.FromMinutes(15);
    private static readonly LockoutKey Anna = LockoutKey.ForUser(new UserIdentity("LDAP", "1", "anna", null, null, [], []));

    private readonly ManualTimeProvider _time = new();
    private readonly InMemoryLockoutStore _store = new();
    private readonly LockoutGuard _guard;

    public LockoutGuardTests() => _guard = CreateGuard();

    [Fact]
    public async Task Charge_ManyGuessesAtOnce_LetsOnlyTheLimitThrough()
    {
        var results = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => Task.Run(async () => await _guard.ChargeAsync(Anna, Rule, default))));

        results.Count(result => result is ChargeResult.Charged).ShouldBe(5);
        results.OfType<ChargeResult.Charged>().Count(charge => charge.ReachedLimit).ShouldBe(1);
        results.OfType<ChargeResult.Locked>().ShouldAllBe(locked => locked.Until == _time.GetUtcNow() + Duration);
        _guard.IsLocked(Anna).ShouldBeTrue();
    }

    [Fact]
    public async Task Charge_WhileLocked_DoesNotProlong()
    {
        await LockAnna(_guard);
        _time.Advance(Duration - TimeSpan.FromMilliseconds(1));
        (await _guard.ChargeAsync(Anna, Rule, default)).ShouldBeOfType<ChargeResult.Locked>();
        _time.Advance(TimeSpan.FromMilliseconds(2));

        _guard.IsLocked(Anna).ShouldBeFalse();
        (await _guard.ChargeAsync(Anna, Rule, default)).ShouldBe(new ChargeResult.Charged(1, false, null) { HasEarlierFailures = true });
    }

    [Fact]
    public async Task Charge_StoreDown_ThrowsAndIsNotCounted()
    {
        _store.IsDown = true;
        await Should.ThrowAsync<StoreUnavailableException>(async () => await _guard.ChargeAsync(Anna, Rule, default));
        _store.IsDown = false;

        (await _guard.ChargeAsync(Anna, Rule, default)).ShouldBe(new ChargeResult.Charged(1, false, null));
    }

    [Fact]
    public async Task Withdraw_TheChargeThatLocked_Unlocks()
    {
        await LockAnna(_guard);
        await _guard.WithdrawAsync(Anna, Rule, default);

        _guard.IsLocked(Anna).ShouldBeFalse();
        (await _guard.ChargeAsync(Anna, Rule, default)).ShouldBeOfType<ChargeResult.Charged>().ReachedLimit.ShouldBeTrue();
    }

    [Fact]
    public async Task Clear_Locked_UnlocksAtOnce()
    {
        await LockAnna(_guard);

        (await _guard.ClearAsync(Anna, default)).ShouldBeTrue();
        _guard.IsLocked(Anna).ShouldBeFalse();
    }

    [Fact]
    public async Task Refresh_LockedByAnotherProcess_IsSeen()
    {
        await LockAnna(CreateGuard());
        _guard.IsLocked(Anna).ShouldBeFalse();

        await _guard.RefreshAsync(default);
        _guard.IsLocked(Anna).ShouldBeTrue();
    }

    [Fact]
    public async Task Refresh_ClearedByAnotherProcess_IsSeen()
    {
        await LockAnna(_guard);
        await _guard.RefreshAsync(default);
        await CreateGuard().ClearAsync(Anna, default);

        await _guard.RefreshAsync(default);
        _guard.IsLocked(Anna).ShouldBeFalse();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(24)]
    public async Task IsLocked_WallClockJumpsForward_StaysForItsFullLength(int hours)
    {
        await LockAnna(_guard);
        _time.JumpWall(TimeSpan.FromHours(hours));
        await _guard.RefreshAsync(default);

        (await _guard.ChargeAsync(Anna, Rule, default)).ShouldBeOfType<ChargeResult.Locked>();
        _time.Advance(Duration - TimeSpan.FromSeconds(1));
        await _guard.RefreshAsync(default);
        _guard.IsLocked(Anna).ShouldBeTrue();
        _time.Advance(TimeSpan.FromSeconds(2));
        _guard.IsLocked(Anna).ShouldBeFalse();
    }

    [Fact]
    public async Task IsLocked_WallClockJumpsBack_NeverEndsEarly()
    {
        await LockAnna(_guard);
        _time.JumpWall(TimeSpan.FromHours(-1));
        _time.Advance(Duration + TimeSpan.FromSeconds(1));
        await _guard.RefreshAsync(default);
        _guard.IsLocked(Anna).ShouldBeTrue();

        await _guard.ClearAsync(Anna, default);
        _guard.IsLocked(Anna).ShouldBeFalse();
    }

    [Theory]
    [InlineData("192.0.2.7", "192.0.2.7", true)]
    [InlineData("192.0.2.7", "::ffff:192.0.2.7", true)]
    [InlineData("::ffff:192.0.2.7", "192.0.2.7", true)]
    [InlineData("192.0.2.7", "192.0.2.8", false)]
    [InlineData("2001:db8::1", "2001:db8::ffff:1", true)]
    [InlineData("2001:db8::1", "2001:db8:0:1::1", false)]
    [InlineData("192.0.2.7", "::c000:207", false)]
    public async Task IsLocked_Address_CountsIPv4OneByOneAndIPv6BySubscriber(string locked, string asked, bool expected)
    {
        var key = LockoutKey.ForAddress(IPAddress.Parse(locked));
        await _guard.ChargeAsync(key, Rule with { Limit = 1 }, default);

        _guard.IsLocked(IPAddress.Parse(asked)).ShouldBe(expected);
        _guard.IsLocked(LockoutKey.ForAddress(IPAddress.Parse(asked))).ShouldBe(expected);
        await _guard.ClearAsync(key, default);
        _guard.IsLocked(IPAddress.Parse(asked)).ShouldBeFalse();
    }

    [Fact]
    public async Task IsLocked_WarmPath_AllocatesNothing()
    {
        var address = IPAddress.Parse("192.0.2.7");
        await _guard.ChargeAsync(LockoutKey.ForAddress(address), Rule with { Limit = 1 }, default);
        _ = _guard.IsLocked(address) | _guard.IsLocked(Anna);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            _guard.IsLocked(address);
            _guard.IsLocked(Anna);
        }

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
    }

    [Fact]
    public async Task Worker_Started_KnowsTheLocksBeforeTheFirstRequest()
    {
        await LockAnna(CreateGuard());
        using var worker = new LockoutWorker(_guard, _store, _time, NullLogger<LockoutWorker>.Instance);

        await worker.StartAsync(default);
        _guard.IsLocked(Anna).ShouldBeTrue();
        await worker.StopAsync(default);
    }

    [Fact]
    public async Task Worker_StoreDownAtStart_StopsTheStart()
    {
        _store.IsDown = true;
        using var worker = new LockoutWorker(_guard, _store, _time, NullLogger<LockoutWorker>.Instance);

        await Should.ThrowAsync<StoreUnavailableException>(() => worker.StartAsync(default));
    }

    [Fact]
    public async Task Worker_Prune_KeepsADay()
    {
        await _guard.ChargeAsync(Anna, Rule, default);
        using var worker = new LockoutWorker(_guard, _store, _time, NullLogger<LockoutWorker>.Instance);
        _time.Advance(TimeSpan.FromHours(24));
        await worker.PruneAsync(default);
        (await _store.ListAsync(null, 10, default)).ShouldHaveSingleItem();

        _time.Advance(TimeSpan.FromSeconds(1));
        await worker.PruneAsync(default);
        (await _store.ListAsync(null, 10, default)).ShouldBeEmpty();
    }

    private LockoutGuard CreateGuard() => new(_store, _time, NullLogger<LockoutGuard>.Instance);

    private static async Task LockAnna(LockoutGuard guard)
    {
        for (var i = 0; i < Rule.Limit; i++)
        {
            await guard.ChargeAsync(Anna, Rule, default);
        }
    }
}
