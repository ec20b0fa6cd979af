using AuthGateway.Core.Identities;
using AuthGateway.Core.Policies;
using AuthGateway.Core.Sessions;
using AuthGateway.TestKit;
using AuthGateway.TestKit.Stores;
using AuthGateway.Web.Portal.Account;
using Microsoft.Extensions.Logging.Abstractions;

namespace AuthGateway.Tests.Web.Portal.Account;

public sealed class AccountGateTests
{
    [Theory]
    [InlineData(FactorSet.Network, true)]
    [InlineData(FactorSet.Device, true)]
    [InlineData(FactorSet.Header, true)]
    [InlineData(FactorSet.Device | FactorSet.Header, true)]
    [InlineData(FactorSet.Password, false)]
    [InlineData(FactorSet.Kerberos, false)]
    [InlineData(FactorSet.Device | FactorSet.Password, false)]
    public async Task KnowsNameOnly_ProvenByTheRequestAlone_IsTrue(FactorSet proven, bool closed)
    {
        var sessions = new LiveSessions(new InMemorySessionStore(), new ManualTimeProvider(), NullLogger<LiveSessions>.Instance);
        var user = new UserIdentity("ad", "1", "alice", null, null, [], []);
        var opened = await sessions.BeginAsync(new SessionStart("mail.example.com", user, proven, false, null, "192.0.2.1", null), new SessionOptions(), default);

        AccountGate.KnowsNameOnly(opened.Session).ShouldBe(closed);
    }
}
