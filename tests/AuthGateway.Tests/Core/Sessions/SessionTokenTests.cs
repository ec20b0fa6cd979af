using AuthGateway.Core.Sessions;

namespace AuthGateway.Tests.Core.Sessions;

public sealed class SessionTokenTests
{
    [Fact]
    public void TryParse_ItsOwnCookie_IsTheSameToken()
    {
        var token = SessionToken.New();
        var cookie = token.ToCookie();

        cookie.Length.ShouldBe(SessionToken.TextLength);
        SessionToken.TryParse(cookie, out var read).ShouldBeTrue();
        (read.Key, read.ToCookie()).ShouldBe((token.Key, cookie));
        SessionToken.New().Key.ShouldNotBe(token.Key);
    }

    [Theory]
    [InlineData("")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAA+AAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAA/AAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAA AAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAA\nAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAÄAAAAAAAAAAAAAAAAAAAAA")]
    public void TryParse_AnythingElse_IsNoToken(string cookie) => SessionToken.TryParse(cookie, out _).ShouldBeFalse();

    [Fact]
    public void Token_Printed_SaysNothing()
    {
        var token = SessionToken.New();

        $"{token}".ShouldBe("(session token)");
        token.Key.ToBytes().ShouldNotBe(token.Bytes.ToArray());
    }

    [Fact]
    public void Key_AsBytes_ComesBack()
    {
        var key = SessionToken.New().Key;

        SessionKey.FromBytes(key.ToBytes()).ShouldBe(key);
        Should.Throw<ArgumentException>(() => SessionKey.FromBytes(new byte[31]));
    }
}
