using System.Collections.Frozen;
using AuthGateway.Core.Faults;
using AuthGateway.Core.Login;
using AuthGateway.Core.Pipeline;
using AuthGateway.Core.Policies;
using AuthGateway.Core.Telemetry;
using AuthGateway.Web.Pages;
using AuthGateway.Web.Portal.Forms;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace AuthGateway.Web.Portal;

/// <summary>Answers the requests the corridor let through to the gateway's own pages. None of them ever goes on to the forwarder.</summary>
internal sealed partial class PortalMiddleware(
    RequestDelegate next, IEnumerable<IPortalHandler> handlers, SignInFlow signIn, Branding branding, ILogger<PortalMiddleware> logger)
{
    private const string WrongToken = "the token is missing or another";

    private readonly FrozenDictionary<string, IPortalHandler> _handlers = handlers
        .SelectMany(handler => handler.Paths.Select(path => KeyValuePair.Create(path, handler)))
        .ToFrozenDictionary(StringComparer.Ordinal);

    private readonly LargeForms _large = new();

    public Task InvokeAsync(HttpContext context) =>
        context.Features.Get<IPortalRequest>() is { } request ? AnswerAsync(new PortalVisit(context, request, branding)) : next(context);

    private async Task AnswerAsync(PortalVisit visit)
    {
        try
        {
            await RouteAsync(visit);
        }
        catch (OperationCanceledException) when (visit.Aborted.IsCancellationRequested)
        {
            visit.Http.Abort();
        }
        catch (StoreUnavailableException)
        {
            // The store has said so itself.
            await Notice.TellAsync(visit, VerdictReason.StoreUnavailable);
        }
        catch (Exception e) when (!visit.Http.Response.HasStarted)
        {
            Log.Failed(logger, visit.Request.RequestId, visit.Path, e);
            await Notice.TellAsync(visit, VerdictReason.Unjudged);
        }
    }

    private Task RouteAsync(PortalVisit visit)
    {
        if (visit.Path is GatewayAssets.ReservedPath or PortalPaths.Root && visit.IsGet)
        {
            return visit.GoAsync(PortalPaths.Account);
        }

        if (!_handlers.TryGetValue(visit.Path, out var handler))
        {
            return Notice.TellAsync(visit, VerdictReason.NoService);
        }

        return visit.IsPost ? PostAsync(visit, handler) : handler.GetAsync(visit);
    }

    private async Task PostAsync(PortalVisit visit, IPortalHandler handler)
    {
        // By the headers first: what another site sent, or a browser that never saw a form of ours, is not even read.
        if (FormOrigin.Judge(visit.Http.Request.Headers, visit.Request.Authority) is { } foreign)
        {
            await RefuseAsync(visit, foreign);
            return;
        }

        if (visit.Http.Request.Headers.Cookie.Count == 0)
        {
            await Notice.AskForCookiesAsync(visit);
            return;
        }

        if (visit.FormToken.IsNew)
        {
            await RefuseAsync(visit, WrongToken);
            return;
        }

        var (form, status) = await FormReader.ReadAsync(visit.Http, _large, visit.Aborted);
        if (form is null)
        {
            await Notice.TellAsync(visit, ReasonOf(status), status);
            return;
        }

        if (!visit.FormToken.Fits(form.Get(FormToken.FieldName)))
        {
            await RefuseAsync(visit, WrongToken);
            return;
        }

        await handler.PostAsync(visit, form);
    }

    private static VerdictReason ReasonOf(int status) => status switch
    {
        StatusCodes.Status413PayloadTooLarge => VerdictReason.BodyTooLarge,
        StatusCodes.Status503ServiceUnavailable => VerdictReason.Busy,
        _ => VerdictReason.BadRequest,
    };

    private async Task RefuseAsync(PortalVisit visit, string detail)
    {
        await signIn.RefuseFormAsync(visit.Request.Session, visit.SignIn, detail, visit.Aborted);
        await Notice.TellAsync(visit, VerdictReason.ForeignForm);
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.PortalFailed, LogLevel.Error, "{RequestId}: the page {Path} failed.")]
        public static partial void Failed(ILogger logger, string requestId, string path, Exception exception);
    }
}
