using AuthGateway.Core.Audit;

namespace AuthGateway.Tests.Core.Audit;

public sealed class AuditRepeatKeyTests
{
    /// <summary>The address of a verified token is the upstream's: who used it stands in the detail, and another client is another event.</summary>
    [Theory]
    [InlineData(AuditEvents.Verification, false)]
    [InlineData(AuditEvents.SignIn, true)]
    public void Of_RecordsThatDifferInTheirDetail_AreEqualButForVerifiedTokens(string kind, bool equal)
    {
        var one = new AuditRecord { At = DateTimeOffset.UnixEpoch, Event = kind, Reason = "r", Verdict = "allow", Identity = "ad:1", Address = "127.0.0.1", Service = "webmail", Detail = "client 192.0.2.1" };

        (AuditRepeatKey.Of(one) == AuditRepeatKey.Of(one with { Detail = "client 203.0.113.9" })).ShouldBe(equal);
    }
}
