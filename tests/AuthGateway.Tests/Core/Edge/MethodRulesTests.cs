using AuthGateway.Core.Edge;

namespace AuthGateway.Tests.Core.Edge;

public sealed class MethodRulesTests
{
    [Theory]
    [InlineData("TRACE", null, true)] // ME-01
    [InlineData("track", null, true)]
    [InlineData("CONNECT", null, true)]
    [InlineData("CONNECT", "connect-udp", true)]
    [InlineData("connect", "websocket", true)]
    [InlineData("CONNECT", "websocket", false)]
    [InlineData("GET", null, false)]
    [InlineData("PROPFIND", null, false)]
    [InlineData("OPTIONS", null, false)]
    public void IsNeverAllowed_Method_IsJudged(string method, string? protocol, bool expected) =>
        MethodRules.IsNeverAllowed(method, protocol).ShouldBe(expected);
}
