using AuthGateway.Core.Edge;

namespace AuthGateway.Tests.Core.Edge;

public sealed class DestinationTargetTests
{
    [Theory]
    [InlineData("https://dav.gw.test/dav/shared-admin/x", "/dav/shared-admin/x", DestinationFault.None)] // ME-04: judged by the rules of its path
    [InlineData("https://DAV.gw.test:443/dav/x", "/dav/x", DestinationFault.None)]
    [InlineData("https://dav.gw.test.:8443/dav/x", "/dav/x", DestinationFault.None)]
    [InlineData("/dav/caf%c3%a9", "/dav/café", DestinationFault.None)]
    [InlineData("http://dav.gw.test/dav/x", null, DestinationFault.OtherHost)]
    [InlineData("https://evil.test/dav/x", null, DestinationFault.OtherHost)]
    [InlineData("https://dav.gw.test:8080/dav/x", null, DestinationFault.OtherHost)]
    [InlineData("//evil.test/dav/x", null, DestinationFault.OtherHost)]
    [InlineData("https://dav.gw.test@evil.test/x", null, DestinationFault.Malformed)]
    [InlineData("https://dav.gw.test/dav/../x", null, DestinationFault.Malformed)]
    [InlineData("/dav/%2e%2e/x", null, DestinationFault.Malformed)]
    [InlineData("/dav/x#y", null, DestinationFault.Malformed)]
    [InlineData("dav/x", null, DestinationFault.Malformed)]
    [InlineData("*", null, DestinationFault.Malformed)]
    [InlineData("", null, DestinationFault.Malformed)]
    [InlineData("/a, /b", null, DestinationFault.Malformed)]
    internal void TryParse_Destination_IsReadLikeATarget(string value, string? path, DestinationFault expected)
    {
        DestinationTarget.TryParse(value, "dav.gw.test", 8443, out var target, out var fault, out var targetFault).ShouldBe(expected == DestinationFault.None);
        fault.ShouldBe(expected);
        target?.Path.ShouldBe(path);
        (targetFault != TargetFault.None).ShouldBe(expected == DestinationFault.Malformed);
    }
}
