using AuthGateway.Core.Edge;

namespace AuthGateway.Tests.Core.Edge;

public sealed class ReturnPathTests
{
    [Theory]
    [InlineData("/")]
    [InlineData("/owa/")]
    [InlineData("/owa/?id=1&x=a%20b#top")]
    [InlineData("/caf%C3%A9/x%25d/")]
    [InlineData("/a//b")]
    [InlineData("/?rd=https://evil.test/")]
    [InlineData("/@evil.test/")]
    [InlineData("/:8080/")]
    [InlineData("/a:b@c")]
    [InlineData("/%C3%A9")]
    public void Sanitize_PathOfThisHost_StaysAsItIs(string path) => ReturnPath.Sanitize(path).ShouldBe(path);

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("owa/")]
    [InlineData("https://evil.test/")]
    [InlineData("HTTPS://evil.test")]
    [InlineData("https:evil.test")]
    [InlineData("//evil.test")]
    [InlineData("///evil.test")]
    [InlineData("////evil.test/x")]
    [InlineData("/\\evil.test")]
    [InlineData("\\/evil.test")]
    [InlineData("\\\\evil.test")]
    [InlineData("/a\\..\\..\\evil.test")]
    [InlineData(" //evil.test")]
    [InlineData("/ /evil.test")]
    [InlineData("/\t/evil.test")]
    [InlineData("/\n/evil.test")]
    [InlineData("\t//evil.test")]
    [InlineData("/\r\nSet-Cookie: x=1")]
    [InlineData("/\0/evil.test")]
    [InlineData("/%2f/evil.test")]
    [InlineData("/%2Fevil.test")]
    [InlineData("/%5cevil.test")]
    [InlineData("/%5Cevil.test")]
    [InlineData("/%09/evil.test")]
    [InlineData("/%0a/evil.test")]
    [InlineData("/%00/evil.test")]
    [InlineData("/%7f/evil.test")]
    [InlineData("/%20/evil.test")]
    [InlineData("/%252fevil.test")]
    [InlineData("/%zz/evil.test")]
    [InlineData("javascript:alert(1)")]
    [InlineData("data:text/html,x")]
    [InlineData("mailto:x@evil.test")]
    [InlineData("@evil.test")]
    [InlineData(".evil.test")]
    [InlineData("?rd=x")]
    [InlineData("#x")]
    [InlineData("/évil")]
    [InlineData("／／evil.test")]
    [InlineData("/／evil.test")]
    [InlineData("/\u202e/evil")]
    public void Sanitize_AnythingElse_IsTheRoot(string? path) => ReturnPath.Sanitize(path).ShouldBe("/");

    [Fact]
    public void Sanitize_Length_EndsAtItsBound()
    {
        var longest = "/" + new string('a', ReturnPath.MaxLength - 1);
        ReturnPath.Sanitize(longest).ShouldBe(longest);
        ReturnPath.Sanitize(longest + "a").ShouldBe("/");
    }

    [Theory]
    [InlineData("/../evil")]
    [InlineData("/.//evil.test")]
    [InlineData("/..//evil.test")]
    [InlineData("/./../\\evil.test")]
    [InlineData("/%2e%2e//evil.test")]
    public void Sanitize_WhatItLetsThrough_ResolvesToThisHost(string path)
    {
        var own = new Uri("https://mail.example.com/.agw/sign-in");
        new Uri(own, ReturnPath.Sanitize(path)).Host.ShouldBe("mail.example.com");
    }
}
