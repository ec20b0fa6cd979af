using AuthGateway.Core.Edge;
using AuthGateway.Core.Listeners;
using AuthGateway.Core.Pipeline.Responders;
using AuthGateway.Core.Policies;
using AuthGateway.Core.Telemetry;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Net.Http.Headers;

namespace AuthGateway.Core.Pipeline;

/// <summary>Opens the access request, has it judged, and either lets it through to the forwarder or has the refusal told.</summary>
internal sealed partial class EnforcementMiddleware(
    RequestDelegate next, GatewayState state, AccessJudge judge, RefusalResponder responder, LateFailure late, AccessAudit audit, StandingJudge standing, TokenIssuer tokens, GatewayMetrics metrics,
    TimeProvider time, ILogger<EnforcementMiddleware> logger)
{
    public Task InvokeAsync(HttpContext context)
    {
        var id = RequestId.New();
        context.TraceIdentifier = id;
        context.Response.Headers[RequestId.HeaderName] = id;
        context.Response.Headers.StrictTransportSecurity = ResponseHeaders.StrictTransportSecurity;

        var table = state.Current;
        var listener = context.Features.Get<IListenerFeature>()?.Name ?? "";
        var (request, refusal, detail, close) = AccessRequestReader.Open(context, table, listener, time.GetUtcNow());
        if (request is null)
        {
            return RefuseAtTheEdge(context, table, refusal!, detail, close);
        }

        var verdict = judge.JudgeAsync(request, context.RequestAborted);
        if (!verdict.IsCompletedSuccessfully)
        {
            return Await(context, request, verdict);
        }

        return verdict.Result.Kind == VerdictKind.Allow && audit.TryCount(request) ? Forward(context, request) : Tell(context, request);
    }

    private async Task Await(HttpContext context, AccessRequest request, ValueTask<Verdict> verdict)
    {
        try
        {
            await verdict;
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client is gone; its charge was settled by the login flow, and nobody is left to answer.
            context.Abort();
            return;
        }

        await Tell(context, request);
    }

    private async Task Tell(HttpContext context, AccessRequest request)
    {
        if (request.Verdict.Kind == VerdictKind.Allow && await audit.RecordAllowAsync(request, context.RequestAborted))
        {
            await Forward(context, request);
            return;
        }

        if (request.Verdict.Kind == VerdictKind.Allow)
        {
            // The sign-in could not be written down, so it did not happen.
            request.Verdict = Verdict.Unavailable(VerdictReason.StoreUnavailable);
        }

        metrics.Refused(request.Service?.Name, request.Verdict.Reason!);
        await audit.RecordRefusalAsync(request, context.RequestAborted);
        Log.Refused(logger, request.RequestId, request.Verdict.Reason!.Code, request.Service?.Name, request.ClientAddress, request.Detail);
        await responder.TellAsync(context, request);
    }

    private Task Forward(HttpContext context, AccessRequest request)
    {
        metrics.Allowed(request.Service!.Name);
        if (request.Service!.Kind == Services.ServiceKind.Portal)
        {
            context.Features.Set<IPortalRequest>(request);
            return next(context);
        }

        if (request.IsWebSocket)
        {
            request.Standing = standing.StandsAsync;
        }

        if (request.TicketAnswer is { } answer)
        {
            // With whatever the upstream says: a client that wants to know us looks at the answer it gets (RFC 4559, 5).
            context.Response.OnStarting(() =>
            {
                context.Response.Headers.Append(HeaderNames.WWWAuthenticate, answer);
                return Task.CompletedTask;
            });
        }

        request.Late = late;
        request.Tokens = tokens;
        context.Features.Set<Forwarding.IAdmittedRequest>(request);
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = request.Service.MaxBodyBytes;
        }

        if (context.Request.ContentLength > request.Service.MaxBodyBytes)
        {
            return late.TellAsync(context, request, VerdictReason.BodyTooLarge, $"{context.Request.ContentLength} bytes announced");
        }

        HopByHopHeaders.Remove(context.Request.Headers, request.IsWebSocket && HttpProtocol.IsHttp11(context.Request.Protocol));
        return next(context);
    }

    private async Task RefuseAtTheEdge(HttpContext context, GatewayTable table, VerdictReason reason, string? detail, bool close)
    {
        metrics.Refused(null, reason);
        if (close)
        {
            context.Response.Headers.Connection = "close";
        }

#pragma warning disable RS0030 // No access request was opened, so the peer is all that is known.
        var peer = context.Connection.RemoteIpAddress;
#pragma warning restore RS0030
        await audit.RecordEdgeRefusalAsync(context.TraceIdentifier, peer, reason, detail, time.GetUtcNow(), context.RequestAborted);
        Log.EdgeRefused(logger, context.TraceIdentifier, reason.Code, peer, detail);
        await responder.TellAtTheEdgeAsync(context, table, reason);
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.RequestRefused, LogLevel.Information, "{RequestId}: {Reason} on {Service} from {Address}: {Detail}")]
        public static partial void Refused(ILogger logger, string requestId, string reason, string? service, System.Net.IPAddress address, string? detail);

        [LoggerMessage(EventIds.EdgeRefused, LogLevel.Information, "{RequestId}: {Reason} at the edge from {Address}: {Detail}")]
        public static partial void EdgeRefused(ILogger logger, string requestId, string reason, System.Net.IPAddress? address, string? detail);
    }
}
