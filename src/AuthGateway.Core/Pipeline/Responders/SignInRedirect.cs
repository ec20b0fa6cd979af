using AuthGateway.Core.Policies;
using AuthGateway.Core.Services;
using Microsoft.AspNetCore.Http;

namespace AuthGateway.Core.Pipeline.Responders;

/// <summary>Leads a browser that lacks something to the page where it can be had, and keeps where it wanted to go.</summary>
internal static class SignInRedirect
{
    /// <summary>Path of the sign-in page.</summary>
    public const string SignInPath = ServiceTableBuilder.ReservedPrefix + "/sign-in";

    /// <summary>Path of the page that asks for a second factor.</summary>
    public const string FactorPath = ServiceTableBuilder.ReservedPrefix + "/factor";

    /// <summary>True when the browser was sent to a page; false for clients that show no pages and for requests a page would not help.</summary>
    public static bool TryTell(HttpContext context, AccessRequest request)
    {
        if (!request.IsNavigation || request.IsWebSocket || request.Service is not { } service || (service.Logins & LoginWays.Form) == 0)
        {
            return false;
        }

        var page = ReferenceEquals(request.Verdict.Reason, VerdictReason.FactorsMissing) ? FactorPath : SignInPath;

        // What a form sent is lost with the session it needed; only a page that was asked for can be asked for again.
        var wish = request.Method is "GET" or "HEAD" ? request.Target.Encoded + request.Target.Query : service.Paths[0];
        var response = context.Response;
        response.StatusCode = request.Method is "GET" or "HEAD" ? StatusCodes.Status302Found : StatusCodes.Status303SeeOther;

        // Who is signed in, and lacks the password, is shown the form all the same.
        var again = ReferenceEquals(request.Verdict.Reason, VerdictReason.PasswordNeeded) ? "again=1" : "";
        response.Headers.Location = wish.Length > Edge.ReturnPath.MaxLength
            ? $"{page}{(again.Length > 0 ? "?" : "")}{again}"
            : $"{page}?rd={Uri.EscapeDataString(wish)}{(again.Length > 0 ? "&" : "")}{again}";
        response.Headers.CacheControl = "no-store";
        return true;
    }
}
