using AuthGateway.Core.Identities;
using AuthGateway.Core.Policies;
using AuthGateway.Core.Sessions;

namespace AuthGateway.Tests.Core.Sessions;

public sealed class PasswordSealTests
{
    private static readonly UserIdentity Anna = new("ad", "1", "anna", null, null, [], []);
    private static readonly SessionToken Token = SessionToken.New();

    [Theory]
    [InlineData("x")]
    [InlineData("pässword with blanks")]
    public void Open_RightTokenAndSession_GivesThePassword(string password)
    {
        var box = PasswordSeal.Seal(Token, "s1", Anna, Secret.FromText(password));

        PasswordSeal.Open(Token, Session("s1", Anna), box).ShouldNotBeNull().FixedTimeEquals(Secret.FromText(password)).ShouldBeTrue();
    }

    [Fact]
    public void Open_AnotherTokenSessionOrUser_IsNull()
    {
        var box = PasswordSeal.Seal(Token, "s1", Anna, Secret.FromText("secret"));

        PasswordSeal.Open(SessionToken.New(), Session("s1", Anna), box).ShouldBeNull();
        PasswordSeal.Open(Token, Session("s2", Anna), box).ShouldBeNull();
        PasswordSeal.Open(Token, Session("s1", new UserIdentity("ad", "2", "anna", null, null, [], [])), box).ShouldBeNull();
    }

    [Fact]
    public void Open_AnyBitFlippedOrByteMissing_IsNull()
    {
        var box = PasswordSeal.Seal(Token, "s1", Anna, Secret.FromText("secret"));

        for (var bit = 0; bit < box.Length * 8; bit++)
        {
            var changed = box.ToArray();
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            PasswordSeal.Open(Token, Session("s1", Anna), changed).ShouldBeNull();
        }

        for (var length = 0; length < box.Length; length++)
        {
            PasswordSeal.Open(Token, Session("s1", Anna), box[..length]).ShouldBeNull();
        }
    }

    [Fact]
    public void Seal_Twice_NeverGivesTheSameNorThePassword()
    {
        var first = PasswordSeal.Seal(Token, "s1", Anna, Secret.FromText("secret"));

        first.ShouldNotBe(PasswordSeal.Seal(Token, "s1", Anna, Secret.FromText("secret")));
        first.AsSpan().IndexOf("secret"u8).ShouldBe(-1);
    }

    private static SessionRecord Session(string id, UserIdentity user) => new()
    {
        Id = id,
        Key = Token.Key,
        Host = "mail.example.com",
        User = user,
        Proven = FactorSet.Password,
        IsPending = false,
        CreatedAt = default,
        ProvenAt = default,
        SeenAt = default,
        EndsAt = default,
        Address = "",
        UserAgent = "",
    };
}
