using AuthGateway.Core.Identities;

namespace AuthGateway.Tests.Core.Identities;

public sealed class ActForNameTests
{
    [Theory]
    [InlineData("anna*carol", "anna", "carol")]
    [InlineData("Anna@Example.com*carol@example.com", "Anna@Example.com", "carol@example.com")]
    [InlineData("DOM\\anna*DOM\\carol", "DOM\\anna", "DOM\\carol")]
    [InlineData("alice*alice", "alice", "alice")]
    [InlineData("a$b*c", "a$b", "c")]
    [InlineData("ännä*çarol", "ännä", "çarol")]
    public void TryParse_TwoNames_TakesBoth(string typed, string target, string actor)
    {
        ActForName.TryParse(typed, out var name).ShouldBeTrue();

        (name!.Target.Text, name.Actor.Text, name.ToString()).ShouldBe((target, actor, typed));
        UserName.TryParse(typed, out _).ShouldBeFalse("it is no login name");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("*")]
    [InlineData("**")]
    [InlineData("anna")]
    [InlineData("anna*")]
    [InlineData("*carol")]
    [InlineData("a*b*c")]
    [InlineData("anna**carol")]
    [InlineData("anna* carol")]
    [InlineData("anna *carol")]
    [InlineData("anna*ca\rrol")]
    [InlineData("an\nna*carol")]
    [InlineData("anna\0*carol")]
    [InlineData("anna*ca:rol")]
    [InlineData("anna#x*carol")]
    [InlineData("anna*carol\u202E")]
    [InlineData("anna＊carol")]
    [InlineData("anna%2Acarol")]
    public void TryParse_AnythingElse_IsNone(string? typed) => ActForName.TryParse(typed, out _).ShouldBeFalse();

    [Theory]
    [InlineData(256, 256, true)]
    [InlineData(257, 1, false)]
    [InlineData(1, 257, false)]
    public void TryParse_Length_IsThatOfEachName(int target, int actor, bool isName) =>
        ActForName.TryParse(new string('a', target) + "*" + new string('b', actor), out _).ShouldBe(isName);
}
