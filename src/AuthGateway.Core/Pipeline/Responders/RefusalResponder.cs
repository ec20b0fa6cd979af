using System.Globalization;
using System.Text;
using AuthGateway.Core.Edge;
using AuthGateway.Core.Policies;
using AuthGateway.Core.Services;
using AuthGateway.Core.Telemetry;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace AuthGateway.Core.Pipeline.Responders;

/// <summary>
/// Tells a verdict to the client in the form its kind understands: a page for browsers, a short text for phones and DAV
/// clients. Locked, unknown and wrong get the same bytes; the true reason is in the audit only.
/// </summary>
internal sealed class RefusalResponder(IRefusalPage page, TimeProvider time)
{
    private static readonly TimeSpan RetryWhenUnavailable = TimeSpan.FromSeconds(30);

    /// <summary>Tells the verdict of a judged request.</summary>
    public Task TellAsync(HttpContext context, AccessRequest request)
    {
        var reason = request.Verdict.Reason ?? VerdictReason.Unjudged;
        var response = context.Response;
        switch (request.Verdict.Kind)
        {
            case VerdictKind.Redirect:
                // Moved for good, so that DAV clients follow a PROPFIND with its method; always https, or iOS drops the password.
                response.StatusCode = reason.Status;
                response.Headers.Location = $"https://{request.Authority}{request.RedirectTo}";
                response.Headers.CacheControl = "max-age=300";
                return Task.CompletedTask;
            default:
                break;
        }

        if (request.Verdict.Kind == VerdictKind.Challenge && SignInRedirect.TryTell(context, request))
        {
            return Task.CompletedTask;
        }

        response.StatusCode = reason.Status;

        // A browser that meets this header asks for a password in a window of its own, past every page and factor of ours.
        if (reason.Status == StatusCodes.Status401Unauthorized && !(request.IsBrowser && request.Service is { } form && (form.Logins & LoginWays.Form) != 0))
        {
            response.Headers.WWWAuthenticate = Challenges(request);
        }
        else if (reason.Status == StatusCodes.Status405MethodNotAllowed && request.Service is { } service)
        {
            response.Headers.Allow = string.Join(", ", service.Methods.Order(StringComparer.Ordinal));
        }
        else if (ReferenceEquals(reason, VerdictReason.AddressLocked))
        {
            response.Headers.RetryAfter = Seconds(TimeSpan.FromMilliseconds(request.Table.Lockout.Address.DurationMs));
        }

        if (reason.Status == StatusCodes.Status503ServiceUnavailable)
        {
            response.Headers.RetryAfter = Seconds(RetryWhenUnavailable);
        }

        return WriteAsync(context, request.Table, request.Host, reason, pages: request.Service?.Kind is null or ServiceKind.Web or ServiceKind.Portal, request.Session?.ActsFor?.Login);
    }

    /// <summary>The strongest first (RFC 9110, 11.6.1). A ticket is asked for where it would be taken and nowhere else; so is a password.</summary>
    private static StringValues Challenges(AccessRequest request)
    {
        var basic = request.Policy.Factors.Count == 0 || (request.Policy.Accepted & FactorKinds.Secrets) != 0 ? $"Basic realm=\"{request.Table.Login.Realm}\", charset=\"UTF-8\"" : null;
        return (request.OffersTicket, basic) switch
        {
            (true, null) => Login.Tickets.TicketGate.Scheme,
            (true, _) => new StringValues([Login.Tickets.TicketGate.Scheme, basic]),
            _ => basic,
        };
    }

    /// <summary>Tells a refusal of a request that could not be opened.</summary>
    public Task TellAtTheEdgeAsync(HttpContext context, GatewayTable table, VerdictReason reason)
    {
        context.Response.StatusCode = reason.Status;
        if (reason.Status == StatusCodes.Status405MethodNotAllowed)
        {
            context.Response.Headers.Allow = "GET, HEAD, POST, OPTIONS";
        }

        // The host is the client's word here, so no page repeats it.
        return WriteAsync(context, table, "", reason, pages: false);
    }

    private async Task WriteAsync(HttpContext context, GatewayTable table, string host, VerdictReason reason, bool pages, string? actsFor = null)
    {
        var response = context.Response;
        response.Headers.CacheControl = "no-store";
        if (HttpMethods.IsHead(context.Request.Method))
        {
            return;
        }

        var html = pages && context.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);

        // Who chose a language on one of our pages has chosen it for all of them.
        var accepted = GatewayCookies.Read(context.Request.Headers.Cookie, GatewayCookies.Language) ?? context.Request.Headers.AcceptLanguage.ToString();
        var contact = table.HelpdeskContact.Length > 0 ? table.HelpdeskContact + "\n" : "";
        var body = html
            ? page.Render(new RefusalModel(reason, context.TraceIdentifier, host, time.GetUtcNow(), table.Product, table.HelpdeskContact, accepted) { ActsFor = actsFor }, response.Headers)
            : Encoding.UTF8.GetBytes($"{page.Sentence(reason, accepted)}\nRequest {context.TraceIdentifier}\n{contact}");
        response.ContentType = html ? "text/html; charset=utf-8" : "text/plain; charset=utf-8";
        response.Headers.XContentTypeOptions = "nosniff";
        response.ContentLength = body.Length;
        await response.Body.WriteAsync(body, context.RequestAborted);
    }

    private static string Seconds(TimeSpan time) => ((long)time.TotalSeconds).ToString(CultureInfo.InvariantCulture);
}
