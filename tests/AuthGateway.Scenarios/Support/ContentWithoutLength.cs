using System.Net;

namespace AuthGateway.Scenarios.Support;

/// <summary>A body whose length nobody knows before it ends.</summary>
internal sealed class ContentWithoutLength(byte[] bytes) : HttpContent
{
    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        // In two pieces, so that it is chunked in earnest.
        await stream.WriteAsync(bytes.AsMemory(0, bytes.Length / 2));
        await stream.FlushAsync();
        await stream.WriteAsync(bytes.AsMemory(bytes.Length / 2));
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
