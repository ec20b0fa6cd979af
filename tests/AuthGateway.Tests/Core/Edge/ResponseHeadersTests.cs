using AuthGateway.Core.Edge;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace AuthGateway.Tests.Core.Edge;

public sealed class ResponseHeadersTests
{
    [Fact]
    public void Clean_Answer_SpeaksForTheGateway() // HD-07
    {
        IHeaderDictionary headers = new HeaderDictionary
        {
            ["Server"] = "X/1.2",
            ["X-Powered-By"] = "ASP.NET",
            ["X-AspNet-Version"] = "4.0",
            ["X-AspNetMvc-Version"] = "5.0",
            ["Alt-Svc"] = "h3=\":443\"",
            ["Strict-Transport-Security"] = "max-age=0",
            ["Set-Cookie"] = new StringValues(["a=1", "__Host-agw=evil; Path=/", "b=2"]),
            ["MS-Server-ActiveSync"] = "14.1",
        };
        ResponseHeaders.Clean(headers);
        headers.Keys.ShouldBe(["Strict-Transport-Security", "Set-Cookie", "MS-Server-ActiveSync"], ignoreOrder: true);
        headers.StrictTransportSecurity.ToString().ShouldBe("max-age=63072000; includeSubDomains");
        headers.SetCookie.ToArray().ShouldBe(["a=1", "b=2"]);
    }

    [Theory]
    [InlineData("Negotiate", "")]
    [InlineData("negotiate YII=", "")]
    [InlineData("NTLM, Basic realm=\"x\"", "Basic realm=\"x\"")]
    [InlineData("Basic realm=\"x\", NTLM", "Basic realm=\"x\"")]
    [InlineData("Basic realm=\"a, NTLM\", charset=\"UTF-8\", Kerberos", "Basic realm=\"a, NTLM\", charset=\"UTF-8\"")]
    [InlineData("Basic realm=\"NTLM\"", "Basic realm=\"NTLM\"")]
    [InlineData("Negotiate, Digest realm=\"x\", nonce=\"y\"", "Digest realm=\"x\", nonce=\"y\"")]
    public void Clean_Challenges_LoseConnectionSchemes(string challenge, string expected)
    {
        IHeaderDictionary headers = new HeaderDictionary { ["WWW-Authenticate"] = challenge };
        ResponseHeaders.Clean(headers);
        headers.WWWAuthenticate.ToString().ShouldBe(expected);
    }

    [Fact]
    public void Clean_ChallengesInLines_KeepTheRest()
    {
        IHeaderDictionary headers = new HeaderDictionary { ["WWW-Authenticate"] = new StringValues(["Negotiate", "NTLM", "Basic realm=\"x\""]) };
        ResponseHeaders.Clean(headers);
        headers.WWWAuthenticate.ToArray().ShouldBe(["Basic realm=\"x\""]);
    }
}
