using AuthGateway.Core.Identities;
using AuthGateway.Core.Login;
using AuthGateway.TestKit;

namespace AuthGateway.Tests.Core.Login;

public sealed class SecretShieldTests
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(15);
    private static readonly UserIdentity Alice = new("ad", "1", "alice", null, null, [], []);
    private readonly ManualTimeProvider _clock = new();

    [Fact]
    public void Note_MoreThanThereIsRoomFor_DropsTheOldest()
    {
        var shield = new SecretShield(_clock, capacity: 32);
        for (var i = 0; i < 1000; i++)
        {
            var refusal = shield.NoteSecret(Key(i), "ad:1", null, Lifetime, shield.Epoch)!.Value.Refusal;
            shield.NoteRepeat(Typed(i), Alice, [refusal], Lifetime, shield.Epoch);
        }

        (shield.SecretCount, shield.RepeatCount).ShouldBe((32, 32));
        shield.FindRepeat(Typed(999)).ShouldNotBeNull();
        shield.FindRepeat(Typed(967)).ShouldBeNull();
    }

    [Fact]
    public void KeyOf_OtherUserOrSecret_Differs()
    {
        var shield = new SecretShield(_clock);
        var bob = new UserIdentity("ad", "12", "bob", null, null, [], []);

        shield.KeyOf(Alice, Secret.FromText("2x")).ShouldBe(shield.KeyOf(Alice, Secret.FromText("2x")));
        shield.KeyOf(Alice, Secret.FromText("2x")).ShouldNotBe(shield.KeyOf(bob, Secret.FromText("x")));
        shield.KeyOf(Alice, Secret.FromText("x")).ShouldNotBe(shield.KeyOf(Alice, Secret.FromText("y")));
        new SecretShield(_clock).KeyOf(Alice, Secret.FromText("x")).ShouldNotBe(shield.KeyOf(Alice, Secret.FromText("x")));
    }

    [Fact]
    public void FindRepeat_RestsOnARefusalThatEnded_IsGone()
    {
        var shield = new SecretShield(_clock);
        var refusal = shield.NoteSecret(Key(1), "ad:1", "monday", Lifetime, shield.Epoch)!.Value.Refusal;
        shield.NoteRepeat(Typed(1), Alice, [refusal], Lifetime, shield.Epoch);
        shield.FindSecret(Key(1), "tuesday").ShouldBeNull();

        shield.FindRepeat(Typed(1)).ShouldBeNull();
    }

    [Fact]
    public void FindRepeat_Hit_AllocatesNothing()
    {
        var shield = new SecretShield(_clock);
        shield.NoteRepeat(Typed(1), null, [], Lifetime, shield.Epoch);
        _ = shield.FindRepeat(Typed(1));
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            _ = shield.FindRepeat(Typed(1));
        }

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
    }

    private static CredentialKey Key(int i) => new((ulong)i, 0, 0, 0);

    private static SecretShield.RepeatKey Typed(int i) => new(Key(i), 0, null, false);
}
