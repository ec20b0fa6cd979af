using AuthGateway.Core.Edge;
using AuthGateway.Core.Pipeline.Responders;
using AuthGateway.Core.Policies;
using AuthGateway.Core.Telemetry;
using Microsoft.AspNetCore.Http;

namespace AuthGateway.Core.Pipeline;

/// <summary>
/// An admitted request that could not be served after all: counted, recorded and told like every other refusal, so that whoever
/// reads the request id to the helpdesk is found there.
/// </summary>
internal sealed class LateFailure(RefusalResponder responder, AccessAudit audit, GatewayMetrics metrics)
{
    /// <summary>Counts, records, and tells it unless the answer has begun.</summary>
    public async Task TellAsync(HttpContext context, AccessRequest request, VerdictReason reason, string? detail)
    {
        request.Verdict = reason.Status >= StatusCodes.Status500InternalServerError ? Verdict.Unavailable(reason) : Verdict.Deny(reason);
        request.Detail = detail;
        metrics.Refused(request.Service?.Name, reason);
        await audit.RecordRefusalAsync(request, context.RequestAborted);
        if (context.Response.HasStarted)
        {
            return;
        }

        // What was prepared of an upstream's answer must not stand beside ours; what the door had set is set again.
        context.Response.Clear();
        context.Response.Headers[RequestId.HeaderName] = request.RequestId;
        context.Response.Headers.StrictTransportSecurity = ResponseHeaders.StrictTransportSecurity;
        await responder.TellAsync(context, request);
    }
}
