using System.Buffers;
using AuthGateway.Core.Policies;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace AuthGateway.Core.Forwarding;

/// <summary>
/// Gives a body its length. SOGo answers 500 (ActiveSync) or 404 (DAV) to a chunked body, and HTTP/2 clients often send no
/// length at all, so such bodies are collected first: in memory up to 1 MiB, on disk above, never beyond the service's limit.
/// </summary>
internal static class BodyCollector
{
    private const int ChunkBytes = 64 * 1024;

    /// <summary>Null when the body has a known length now; else why it has not, with a word for the audit.</summary>
    public static async ValueTask<(VerdictReason Reason, string Detail)?> EnsureLengthAsync(HttpContext context, BodySpool spool, long limit)
    {
        var request = context.Request;
        if (request.ContentLength is not null || !HasBody(context))
        {
            return null;
        }

        var body = new CollectedBody(spool);
        context.Response.RegisterForDisposeAsync(body);
        var chunk = ArrayPool<byte>.Shared.Rent(ChunkBytes);
        try
        {
            int read;
            while ((read = await request.Body.ReadAsync(chunk, context.RequestAborted)) > 0)
            {
                if (body.Length + read > limit)
                {
                    return TooLarge(limit);
                }

                if (await KeepAsync(body, chunk.AsMemory(0, read), context.RequestAborted) is { } failure)
                {
                    return (VerdictReason.NoRoom, failure);
                }
            }
        }
        catch (BadHttpRequestException e)
        {
            // The server's own limit, or a body that broke off, crawled or was not what its framing said.
            return e.StatusCode == StatusCodes.Status413PayloadTooLarge ? TooLarge(limit) : (VerdictReason.BadRequest, $"body: {e.Message}");
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(chunk);
        }

        request.Headers.TransferEncoding = default;
        request.ContentLength = body.Length;
        request.Body = body.Rewind();
        return null;
    }

    // Apart from the reading, so that a disk that fails is never taken for a client that broke off, nor the other way round.
    private static async ValueTask<string?> KeepAsync(CollectedBody body, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        try
        {
            return await body.TryAddAsync(bytes, cancellationToken) ? null : "the collected bodies have reached their limit on disk";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }
    }

    private static (VerdictReason Reason, string Detail) TooLarge(long limit) => (VerdictReason.BodyTooLarge, $"more than {limit} bytes");

    // What the server knows, not what a header says: an upgrade of HTTP/1.1 has no body to the server, and the stream of a WebSocket
    // over HTTP/2 never ends.
    private static bool HasBody(HttpContext context) =>
        context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true } && context.Features.Get<IHttpExtendedConnectFeature>() is not { IsExtendedConnect: true };
}
