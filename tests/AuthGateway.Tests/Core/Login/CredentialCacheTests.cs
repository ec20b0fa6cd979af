using AuthGateway.Core.Identities;
using AuthGateway.Core.Login;
using AuthGateway.TestKit;

namespace AuthGateway.Tests.Core.Login;

public sealed class CredentialCacheTests
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(2);
    private readonly ManualTimeProvider _clock = new();

    [Fact]
    public void Add_Full_DropsTheExpiredFirst()
    {
        var cache = new CredentialCache(_clock, capacity: 32);
        Add(cache, 0, 16);
        _clock.Advance(Lifetime);
        Add(cache, 16, 17);

        cache.Count.ShouldBe(17);
        Enumerable.Range(16, 17).ShouldAllBe(i => cache.Find(Key(i)) != null);
    }

    [Fact]
    public void Add_FullOfLiving_DropsTheOldestAndStaysBounded()
    {
        var cache = new CredentialCache(_clock, capacity: 32);
        for (var i = 0; i < 100; i++)
        {
            Add(cache, i, 1);
            _clock.Advance(TimeSpan.FromMilliseconds(10));
            cache.Count.ShouldBeLessThanOrEqualTo(32);
        }

        cache.Find(Key(99)).ShouldNotBeNull();
        cache.Find(Key(0)).ShouldBeNull();
    }

    [Fact]
    public void Invalidate_OneUser_LeavesTheOthers()
    {
        var cache = new CredentialCache(_clock);
        Add(cache, 0, 2);

        cache.Invalidate("ad:0");

        cache.Find(Key(0)).ShouldBeNull();
        cache.Find(Key(1)).ShouldNotBeNull();
    }

    [Fact]
    public void Clear_Everything_AndWhatWasBegunBefore()
    {
        var cache = new CredentialCache(_clock);
        Add(cache, 0, 2);
        var epoch = cache.Epoch;

        cache.Clear();
        cache.Add(Key(5), User(5), User(5), new CredentialSlot(), Lifetime, epoch);

        cache.Count.ShouldBe(0);
    }

    private static void Add(CredentialCache cache, int from, int count)
    {
        for (var i = from; i < from + count; i++)
        {
            cache.Add(Key(i), User(i), User(i), new CredentialSlot(), Lifetime, cache.Epoch);
        }
    }

    private static CredentialKey Key(int i) => new((ulong)i, 0, 0, 0);

    private static UserIdentity User(int i) => new("ad", $"{i}", "alice", null, null, [], []);
}
