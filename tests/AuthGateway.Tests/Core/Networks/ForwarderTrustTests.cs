using System.Net;
using AuthGateway.Core.Networks;
using Microsoft.Extensions.Primitives;

namespace AuthGateway.Tests.Core.Networks;

public sealed class ForwarderTrustTests
{
    private const string Inside = "10.0.0.0/8";

    [Theory]
    // IP-01: nobody but a listed forwarder names a client.
    [InlineData("203.0.113.9", "10.0.0.1", "203.0.113.9", 0, ClientAddressOutcome.Peer)]
    [InlineData("203.0.113.9", "garbage", "203.0.113.9", 0, ClientAddressOutcome.Peer)]
    // IP-02
    [InlineData("10.0.0.2", "10.0.0.9, 203.0.113.5", "203.0.113.5", 1, ClientAddressOutcome.Forwarded)]
    [InlineData("10.0.0.2", "203.0.113.5, 10.0.0.9", "203.0.113.5", 2, ClientAddressOutcome.Forwarded)]
    // What stands left of the first untrusted entry was written by the client and is not read.
    [InlineData("10.0.0.2", "garbage, 203.0.113.5", "203.0.113.5", 1, ClientAddressOutcome.Forwarded)]
    [InlineData("10.0.0.2", "10.0.0.4,10.0.0.3", "10.0.0.4", 2, ClientAddressOutcome.Forwarded)]
    // IP-03
    [InlineData("::ffff:10.0.0.2", "::ffff:203.0.113.5", "203.0.113.5", 1, ClientAddressOutcome.Forwarded)]
    [InlineData("::ffff:10.0.0.2", null, "10.0.0.2", 0, ClientAddressOutcome.Peer)]
    [InlineData("10.0.0.2", "2001:db8::7", "2001:db8::7", 1, ClientAddressOutcome.Forwarded)]
    [InlineData("10.0.0.2", "203.0.113.5, garbage", "10.0.0.2", 1, ClientAddressOutcome.Refused)]
    [InlineData("10.0.0.2", "", "10.0.0.2", 1, ClientAddressOutcome.Refused)]
    [InlineData("10.0.0.2", "203.0.113.5,", "10.0.0.2", 1, ClientAddressOutcome.Refused)]
    [InlineData("10.0.0.2", "203.0.113.5:443", "10.0.0.2", 1, ClientAddressOutcome.Refused)]
    [InlineData("10.0.0.2", "[2001:db8::7]", "10.0.0.2", 1, ClientAddressOutcome.Refused)]
    [InlineData("10.0.0.2", "010.0.0.1", "10.0.0.2", 1, ClientAddressOutcome.Refused)]
    internal void Decide_OneLine_FindsTheClient(string peer, string? line, string expected, int hops, ClientAddressOutcome outcome) =>
        Decide(peer, line is null ? StringValues.Empty : new StringValues(line)).ShouldBe(new ClientAddress(IPAddress.Parse(expected), hops, outcome));

    [Fact]
    public void Decide_SeveralLines_AreOneList() =>
        Decide("10.0.0.2", new StringValues(["198.51.100.1", "203.0.113.5, 10.0.0.4", "10.0.0.3"]))
            .ShouldBe(new ClientAddress(IPAddress.Parse("203.0.113.5"), 3, ClientAddressOutcome.Forwarded));

    [Theory]
    [InlineData(9, ClientAddressOutcome.Forwarded)]
    [InlineData(10, ClientAddressOutcome.Refused)]
    internal void Decide_LongList_ReadsTenEntries(int trustedEntries, ClientAddressOutcome outcome) =>
        Decide("10.0.0.2", "203.0.113.5" + string.Concat(Enumerable.Repeat(", 10.0.0.3", trustedEntries))).Outcome.ShouldBe(outcome);

    [Fact]
    public void Decide_NoForwarders_TrustsNobody() =>
        new ForwarderTrust(NetworkSet.None).Decide(IPAddress.Parse("10.0.0.2"), "203.0.113.5").Outcome.ShouldBe(ClientAddressOutcome.Peer);

    [Fact]
    public void Decide_FromThePeer_AllocatesNothing()
    {
        var trust = new ForwarderTrust(NetworkSet.None);
        var peer = IPAddress.Parse("203.0.113.5");
        Allocations.Of(() => trust.Decide(peer, "10.0.0.1")).ShouldBe(0);
    }

    private static ClientAddress Decide(string peer, StringValues lines)
    {
        NetworkSet.TryParse([Inside], out var trusted, out _).ShouldBeTrue();
        return new ForwarderTrust(trusted).Decide(IPAddress.Parse(peer), lines);
    }
}
