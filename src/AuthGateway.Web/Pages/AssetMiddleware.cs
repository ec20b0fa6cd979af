using Microsoft.AspNetCore.Http;

namespace AuthGateway.Web.Pages;

/// <summary>
/// Answers the files of pages on every host and before anything is judged, for a refused browser needs the stylesheet too. Everything else
/// below the reserved path goes on into the corridor, which knows where the gateway has pages.
/// </summary>
internal sealed class AssetMiddleware(RequestDelegate next, Branding branding)
{
    // An SVG opened by its address is a document of our host: it gets no scripts, no forms and no origin.
    private const string LogoPolicy = "default-src 'none'; style-src 'unsafe-inline'; sandbox";

    public Task Invoke(HttpContext context) => Find(context.Request.Path.Value) is { } asset ? AnswerAsync(context, asset) : next(context);

    private PageAsset? Find(string? path) =>
        path is null || !path.StartsWith(GatewayAssets.ReservedPath, StringComparison.Ordinal) ? null
        : path == GatewayAssets.StylePath ? branding.Style
        : path == GatewayAssets.Script.Path ? GatewayAssets.Script
        : path == GatewayAssets.LogoPath ? branding.Logo
        : null;

    private static async Task AnswerAsync(HttpContext context, PageAsset asset)
    {
        var (request, response) = (context.Request, context.Response);
        PageHeaders.ApplyToAssets(response.Headers);
        if (!HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method))
        {
            response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            response.Headers.Allow = "GET, HEAD";
            return;
        }

        response.Headers.ETag = asset.Tag;
        if (asset.Path == GatewayAssets.LogoPath)
        {
            response.Headers.ContentSecurityPolicy = LogoPolicy;
        }

        // Only the address with the content's own hash may be kept for ever.
        response.Headers.CacheControl = string.Equals(request.QueryString.Value, asset.Version, StringComparison.Ordinal)
            ? "public, max-age=31536000, immutable"
            : "public, max-age=3600";
        if (request.Headers.IfNoneMatch.ToString().Contains(asset.Tag, StringComparison.Ordinal))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        response.ContentType = asset.ContentType;
        response.ContentLength = asset.Content.Length;
        if (HttpMethods.IsGet(request.Method))
        {
            await response.Body.WriteAsync(asset.Content, context.RequestAborted);
        }
    }
}
