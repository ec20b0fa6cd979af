using AuthGateway.Core.Factors.AppPasswords;
using AuthGateway.Core.Identities;

namespace AuthGateway.Tests.Core.Factors.AppPasswords;

public sealed class AppPasswordKeyTests
{
    private static readonly UserIdentity Alice = new("ad", "1", "alice", null, null, [], []);

    private readonly AppPasswordBench _bench = new(TimeProvider.System);

    /// <summary>Every edit of a row that would let somebody more in.</summary>
    public static TheoryData<string> Forgeries => ["owner", "tag", "services", "more services", "networks", "no networks", "device", "no device", "expiry", "no expiry", "digest", "id"];

    [Theory]
    [MemberData(nameof(Forgeries))]
    public void IsSound_EditedRecord_IsNot(string edit)
    {
        var record = _bench.Key.Seal(_bench.Record(Alice, "phone", AppPasswordSecret.New()) with { Networks = ["lan"], DeviceId = "hex:00", ExpiresAt = DateTimeOffset.UnixEpoch });
        _bench.Key.IsSound(record).ShouldBeTrue();
        _bench.Key.IsSound(record with { Login = "al", LastUse = new AppPasswordUse(default, "", "") }).ShouldBeTrue("neither opens anything");

        _bench.Key.IsSound(edit switch
        {
            "owner" => record with { IdentityKey = "ad:2" },
            "tag" => record with { Tag = "laptop" },
            "services" => record with { For = ["activesync"] },
            "more services" => record with { For = ["dav", "activesync"] },
            "networks" => record with { Networks = ["wan"] },
            "no networks" => record with { Networks = [] },
            "device" => record with { DeviceId = "hex:01" },
            "no device" => record with { DeviceId = null },
            "expiry" => record with { ExpiresAt = DateTimeOffset.MaxValue },
            "no expiry" => record with { ExpiresAt = null },
            "digest" => record with { Digest = default },
            _ => record with { Id = "other" },
        }).ShouldBeFalse();
    }

    [Fact]
    public void Digest_AnotherKey_IsAnother()
    {
        var secret = Secret.FromText(AppPasswordSecret.New());
        _bench.Key.TryDigest(secret, out var one).ShouldBeTrue();
        new AppPasswordKey(new byte[AppPasswordKey.Length]).TryDigest(secret, out var other).ShouldBeTrue();
        one.ShouldNotBe(other);
        AppPasswordDigest.FromBytes(one.ToBytes()).ShouldBe(one);
        _bench.Key.TryDigest(Secret.FromText("alice-pw"), out _).ShouldBeFalse();
    }
}
