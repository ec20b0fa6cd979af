using AuthGateway.Core.Edge;
using Microsoft.Extensions.Primitives;

namespace AuthGateway.Tests.Core.Edge;

public sealed class GatewayCookiesTests
{
    [Theory]
    [InlineData("a=1; __Host-agw=s; b=2", "a=1; b=2")]
    [InlineData("__Host-agw=s", "")]
    [InlineData("__Host-agw-2fa=s;b=2", "b=2")]
    [InlineData("a=1;__Secure-agw-x=s", "a=1")]
    [InlineData("__HOST-AGW=s; a=1", "a=1")]
    [InlineData("a=1; x-agw=2", "a=1; x-agw=2")]
    [InlineData("a=__Host-agw; b", "a=__Host-agw; b")]
    [InlineData("", "")]
    public void Strip_OneLine_LosesOurs(string cookies, string expected) => GatewayCookies.Strip(cookies).ToString().ShouldBe(expected);

    [Fact]
    public void Strip_SeveralLines_KeepsTheOthers() =>
        GatewayCookies.Strip(new StringValues(["a=1", "__Host-agw=s", "b=2; __Host-agw=t"])).ToArray().ShouldBe(["a=1", "b=2"]);

    [Fact]
    public void Strip_NoneOfOurs_AllocatesNothing()
    {
        var cookies = new StringValues("a=1; b=2; session=0123456789");
        Allocations.Of(() => GatewayCookies.Strip(cookies)).ShouldBe(0);
    }
}
