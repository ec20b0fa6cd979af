using Microsoft.AspNetCore.Http;

namespace AuthGateway.Web.Pages;

/// <summary>Answers the reserved path. Everything below it that we do not have is 404 here, so nothing there is ever forwarded.</summary>
internal sealed class AssetMiddleware(RequestDelegate next)
{
    public Task Invoke(HttpContext context) =>
        context.Request.Path.StartsWithSegments(GatewayAssets.ReservedPath, StringComparison.OrdinalIgnoreCase) ? AnswerAsync(context) : next(context);

    private static async Task AnswerAsync(HttpContext context)
    {
        var (request, response) = (context.Request, context.Response);
        PageHeaders.ApplyToAssets(response.Headers);
        if (!string.Equals(request.Path.Value, GatewayAssets.StylePath, StringComparison.Ordinal))
        {
            response.StatusCode = StatusCodes.Status404NotFound;
            response.Headers.CacheControl = "no-store";
            return;
        }

        if (!HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method))
        {
            response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            response.Headers.Allow = "GET, HEAD";
            return;
        }

        response.Headers.ETag = GatewayAssets.StyleTag;

        // Only the address with the content's own hash may be kept for ever.
        response.Headers.CacheControl = string.Equals(request.QueryString.Value, GatewayAssets.StyleLink[GatewayAssets.StylePath.Length..], StringComparison.Ordinal)
            ? "public, max-age=31536000, immutable"
            : "public, max-age=3600";
        if (request.Headers.IfNoneMatch.ToString().Contains(GatewayAssets.StyleTag, StringComparison.Ordinal))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        response.ContentType = "text/css; charset=utf-8";
        response.ContentLength = GatewayAssets.Style.Length;
        if (HttpMethods.IsGet(request.Method))
        {
            await response.Body.WriteAsync(GatewayAssets.Style, context.RequestAborted);
        }
    }
}
