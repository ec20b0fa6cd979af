using System.Diagnostics.Metrics;
using System.Text;
using AuthGateway.Core.Audit;
using AuthGateway.Core.Forwarding;
using AuthGateway.Core.Pipeline;
using AuthGateway.Core.Pipeline.Responders;
using AuthGateway.Core.Policies;
using AuthGateway.Core.Services;
using AuthGateway.Core.Telemetry;
using AuthGateway.TestKit.Stores;
using AuthGateway.Tests.Core.Services;
using AuthGateway.Web.Pages;
using AuthGateway.Web.Refusal;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace AuthGateway.Tests.Core.Pipeline;

public sealed class LateFailureTests : IDisposable
{
    private readonly RequestBed _bed = new();
    private readonly InMemoryAuditStore _store = new();
    private readonly AuditLog _log;
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly LateFailure _late;

    public LateFailureTests()
    {
        _bed.Services.Services["phones"] = ServiceBed.Service("generic-activesync", "app");
        _log = new AuditLog(_store, _bed.Clock, NullLogger<AuditLog>.Instance);
        _late = new LateFailure(new RefusalResponder(new RefusalPage(new Branding(new GatewayState())), _bed.Clock), new AccessAudit(_log), new GatewayMetrics(_services.GetRequiredService<IMeterFactory>()));
    }

    public void Dispose() => _services.Dispose();

    [Theory]
    [InlineData("upstream-unavailable", 502, "unavailable")]
    [InlineData("upstream-timeout", 504, "unavailable")]
    [InlineData("no-room", 503, "unavailable")]
    [InlineData("body-too-large", 413, "deny")]
    public async Task Fail_Admitted_IsRecordedWithWhoAndWhichRequest(string code, int status, string verdict)
    {
        var context = await FailAsync(VerdictReason.All[code]);

        context.Response.StatusCode.ShouldBe(status);
        var record = _store.Records.ShouldHaveSingleItem();
        (record.Event, record.Reason, record.Verdict, record.RequestId, record.Identity, record.Service, record.Detail)
            .ShouldBe((AuditEvents.Refusal, code, verdict, "r1", "ad:1", "web", "Request: refused"));
    }

    [Theory]
    [InlineData("text/html", ServiceKind.Web, "text/html; charset=utf-8")]
    [InlineData("application/json", ServiceKind.Web, "text/plain; charset=utf-8")]
    [InlineData("text/html", ServiceKind.ActiveSync, "text/plain; charset=utf-8")]
    public async Task Fail_Admitted_IsToldInTheFormOfTheClient(string accept, ServiceKind kind, string type)
    {
        var context = await FailAsync(VerdictReason.UpstreamUnavailable, accept, kind);

        context.Response.ContentType.ShouldBe(type);
        context.Response.Headers["X-Request-Id"].ToString().ShouldBe("r1");
        context.Response.Headers.StrictTransportSecurity.ShouldNotBeEmpty();
        context.Response.Headers["X-Of-The-Upstream"].ShouldBeEmpty();
        var text = Encoding.UTF8.GetString(((MemoryStream)context.Response.Body).ToArray());
        text.ShouldContain("The service does not answer right now.");
        text.ShouldContain("r1");
        text.ShouldNotContain(VerdictReason.UpstreamUnavailable.Meaning);
    }

    [Fact]
    public async Task Fail_Repeats_AreCountedLikeAnyRefusal()
    {
        for (var i = 0; i < 40; i++)
        {
            await FailAsync(VerdictReason.UpstreamUnavailable);
        }

        _store.Records.Count.ShouldBeLessThan(10);
        await _log.FlushAsync(all: true, default);
        _store.Records.Sum(record => record.Count).ShouldBe(40);
    }

    [Fact]
    public async Task Fail_AnswerHasBegun_IsRecordedOnly()
    {
        var context = await FailAsync(VerdictReason.UpstreamUnavailable, begun: true);

        context.Response.Body.Length.ShouldBe(0);
        _store.Records.ShouldHaveSingleItem().Reason.ShouldBe("upstream-unavailable");
    }

    private async Task<DefaultHttpContext> FailAsync(VerdictReason reason, string accept = "*/*", ServiceKind kind = ServiceKind.Web, bool begun = false)
    {
        var request = _bed.Ruled(Policy.DenyAll);
        request.Service = request.Table.Services.Services.Single(service => service.Kind == kind);
        (request.Verdict, request.Identity, request.Late) = (Verdict.Allow, RequestBed.Alice, _late);
        var context = new DefaultHttpContext { TraceIdentifier = "r1" };
        context.Request.Headers.Accept = accept;
        context.Features.Set<IHttpResponseFeature>(new Begun(begun));
        context.Response.Body = new MemoryStream();
        context.Response.Headers["X-Of-The-Upstream"] = "1";
        await ((IAdmittedRequest)request).FailAsync(context, reason, "Request: refused");
        return context;
    }

    private sealed class Begun(bool begun) : HttpResponseFeature
    {
        public override bool HasStarted => begun;
    }
}
