using System.Text;
using AuthGateway.Core.Identities;

namespace AuthGateway.Tests.Core.Identities;

public sealed class IdentityTests
{
    [Theory]
    [InlineData("alice", true)]
    [InlineData("CORP\\alice", true)]
    [InlineData("alice@example.com", true)]
    [InlineData("jürgen", true)]
    [InlineData("a b", true)]
    [InlineData("", false)]
    [InlineData(null, false)]
    [InlineData(" alice", false)]
    [InlineData("alice\u00A0", false)]
    [InlineData("alice:bob", false)]
    [InlineData("alice#bob", false)]
    [InlineData("alice*bob", false)]
    [InlineData("alice\0", false)]
    [InlineData("alice\r\nX: 1", false)]
    [InlineData("ali\u00ADce", false)]
    [InlineData("ali\u200Bce", false)]
    [InlineData("ali\u202Ece", false)]
    [InlineData("\uFEFFalice", false)]
    [InlineData("alice\uFFFD", false)]
    public void UserName_TryParse_LetsNoInvisibleOrSwitchingCharacterIn(string? typed, bool taken) =>
        UserName.TryParse(typed, out _).ShouldBe(taken);

    [Theory]
    [InlineData(256, true)]
    [InlineData(257, false)]
    public void UserName_Length_IsCountedInBytes(int bytes, bool taken)
    {
        UserName.TryParse(new string('a', bytes), out _).ShouldBe(taken);
        UserName.TryParse(new string('ü', bytes / 2) + (bytes % 2 == 1 ? "a" : ""), out _).ShouldBe(taken);
    }

    [Fact]
    public void UserName_TwoSpellings_AreOneName()
    {
        UserName.TryParse("Jürgen", out var composed).ShouldBeTrue();
        UserName.TryParse("ju\u0308RGEN", out var decomposed).ShouldBeTrue();
        decomposed.ShouldBe(composed);
        decomposed.GetHashCode().ShouldBe(composed.GetHashCode());
        composed.Text.ShouldBe("Jürgen");
    }

    [Fact]
    public void Secret_ToString_NeverTells()
    {
        var secret = Secret.FromText("correct horse");
        $"{secret}".ShouldBe("(secret)");
        secret.FixedTimeEquals(Secret.FromUtf8("correct horse"u8)).ShouldBeTrue();
        secret.FixedTimeEquals(Secret.FromText("correct horsE")).ShouldBeFalse();
        Secret.FromText("").IsEmpty.ShouldBeTrue();
        Encoding.UTF8.GetString(Secret.FromText("ü").Utf8).ShouldBe("ü");
    }

    [Fact]
    public void UserIdentity_Names_AreComparedWithoutCaseAndBackendsNeverMerge()
    {
        var identity = new UserIdentity("ad", "1", "alice", "Alice@Example.com", null, ["Staff"], ["a.l@corp"]);
        new[] { "ALICE", "alice@example.COM", "A.L@corp" }.ShouldAllBe(name => identity.Aliases.Contains(name));
        identity.Groups.Contains("STAFF").ShouldBeTrue();
        identity.Key.ShouldBe("ad:1");
        new UserIdentity("local", "1", "alice", null, null, [], []).Key.ShouldBe("local:1");
    }
}
