using System.Net;
using AuthGateway.Core.Audit;
using AuthGateway.Core.Pipeline;
using AuthGateway.Core.Policies;
using AuthGateway.Core.Sessions;
using AuthGateway.TestKit.Stores;
using AuthGateway.Tests.Core.Services;
using Microsoft.Extensions.Logging.Abstractions;

namespace AuthGateway.Tests.Core.Pipeline;

public sealed class AccessAuditTests
{
    private readonly RequestBed _bed = new();
    private readonly InMemoryAuditStore _trail = new();
    private readonly AccessAudit _audit;

    public AccessAuditTests()
    {
        _bed.Services.Services["files"] = ServiceBed.Web("/files");
        _audit = new AccessAudit(new AuditLog(_trail, _bed.Clock, NullLogger<AuditLog>.Instance));
    }

    /// <summary>The helpdesk asks which services somebody used, and from where: each has its first record, and only equal ones are counted.</summary>
    [Fact]
    public async Task RecordAllow_SessionUsedHereAndThere_HasARecordForEach()
    {
        var session = await OpenAsync();
        foreach (var (service, address) in new[] { ("web", "192.0.2.1"), ("web", "192.0.2.1"), ("files", "192.0.2.1"), ("web", "192.0.2.2"), ("web", "192.0.2.2") })
        {
            (await _audit.RecordAllowAsync(Used(session, service, address), default)).ShouldBeTrue();
        }

        _trail.Records.Select(record => (record.Service, record.Address)).ShouldBe([("web", "192.0.2.1"), ("files", "192.0.2.1"), ("web", "192.0.2.2")]);
        _audit.TryCount(Used(session, "web", "192.0.2.2")).ShouldBeTrue();
        _audit.TryCount(Used(session, "files", "192.0.2.2")).ShouldBeFalse();
    }

    [Fact]
    public async Task RecordAllow_StoreDown_IsNoAllow()
    {
        var session = await OpenAsync();
        _trail.IsDown = true;

        (await _audit.RecordAllowAsync(Used(session, "web", "192.0.2.1"), default)).ShouldBeFalse();
        _audit.TryCount(Used(session, "web", "192.0.2.1")).ShouldBeFalse("nothing is counted upon a record that was never written");
    }

    private async Task<Session> OpenAsync() =>
        (await _bed.Sessions.BeginAsync(new SessionStart(ServiceBed.Mail, RequestBed.Alice, FactorSet.Password, false, null, "192.0.2.1", null), new SessionOptions(), default)).Session;

    private AccessRequest Used(Session session, string service, string address)
    {
        var request = _bed.Ruled(_bed.PolicyOf("password"), _bed.Request());
        request.Service = request.Table.Services.Services.Single(one => one.Name == service);
        (request.Session, request.Identity, request.ClientAddress, request.Verdict) = (session, session.User, IPAddress.Parse(address), Verdict.Allow);
        return request;
    }
}
