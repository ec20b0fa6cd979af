using AuthGateway.Core.Policies;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace AuthGateway.Core.Listeners;

/// <summary>
/// All a plain listener does: browsers are sent to https, everything else is refused. It ends the request, so that nothing
/// further down, least of all what reads credentials, ever sees one that came in the clear.
/// </summary>
public static class PlainListener
{
    /// <summary>Answers requests of plain listeners; comes first of all middleware.</summary>
    public static IApplicationBuilder UsePlainListener(this IApplicationBuilder app, ListenerState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        return app.Use(next => context =>
            context.Features.Get<IListenerFeature>() is { Kind: ListenerKind.Plain } listener ? Answer(context, listener.Name, state.Current) : next(context));
    }

    private static Task Answer(HttpContext context, string listener, ListenerTable table)
    {
        var request = context.Request;
        if (!HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method))
        {
            return Refuse(context, VerdictReason.PlainHttp);
        }

        var target = context.Features.Get<IHttpRequestFeature>()?.RawTarget ?? "";
        if (!request.Host.HasValue || !IsPlainTarget(target))
        {
            return Refuse(context, VerdictReason.BadRequest);
        }

        if (table.RedirectOrigin(listener, request.Host.Host) is not { } origin)
        {
            return Refuse(context, VerdictReason.NoService);
        }

        context.Response.StatusCode = StatusCodes.Status308PermanentRedirect;
        context.Response.Headers.Location = origin + target;
        context.Response.Headers.CacheControl = "no-store";
        return Task.CompletedTask;
    }

    private static Task Refuse(HttpContext context, VerdictReason reason)
    {
        context.Response.StatusCode = reason.Status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        context.Response.Headers.Connection = "close";         // an unread body is not worth reading
        var body = reason.Code + "\n";
        context.Response.ContentLength = body.Length;
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : context.Response.WriteAsync(body, context.RequestAborted);
    }

    /// <summary>Origin form in visible ASCII: what goes back into a header is exactly what came.</summary>
    private static bool IsPlainTarget(string target)
    {
        if (target.Length == 0 || target[0] != '/')
        {
            return false;
        }

        foreach (var c in target)
        {
            if (c is <= ' ' or >= '\x7f' or '\\' or '#')
            {
                return false;
            }
        }

        return true;
    }
}
