using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace AuthGateway.Core.Forwarding;

/// <summary>
/// Gives a body its length. SOGo answers 500 (ActiveSync) or 404 (DAV) to a chunked body, and HTTP/2 clients often send no
/// length at all, so such bodies are collected first: in memory up to 1 MiB, on disk above, never beyond the service's limit.
/// </summary>
internal static class BodyCollector
{
    private const int MemoryBytes = 1024 * 1024;

    /// <summary>True when the body has a known length now; false when it is larger than allowed.</summary>
    public static async ValueTask<bool> EnsureLengthAsync(HttpContext context, bool isWebSocket, long limit)
    {
        var request = context.Request;
        if (request.ContentLength is not null || isWebSocket || !CanHaveBody(context))
        {
            return true;
        }

        var stream = new FileBufferingReadStream(request.Body, MemoryBytes, limit, Path.GetTempPath());
        context.Response.RegisterForDisposeAsync(stream);
        try
        {
            await stream.DrainAsync(context.RequestAborted);
        }
        catch (IOException) when (!context.RequestAborted.IsCancellationRequested)
        {
            return false;
        }

        stream.Position = 0;
        request.Headers.TransferEncoding = default;
        request.ContentLength = stream.Length;
        request.Body = stream;
        return true;
    }

    private static bool CanHaveBody(HttpContext context) =>
        context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestBodyDetectionFeature>()?.CanHaveBody ?? false;
}
