using AuthGateway.Core.Forwarding;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;

namespace AuthGateway.Tests.Core.Forwarding;

public sealed class BodyCollectorTests
{
    [Theory]
    [InlineData(0, true, false)]
    [InlineData(100, true, false)]
    [InlineData(1024 * 1024, true, false)]
    [InlineData(1024 * 1024 + 1, true, true)]
    public async Task Collect_Body_GoesToDiskBeyondAMebibyte(int length, bool fits, bool onDisk)
    {
        var context = Context(length);
        (await BodyCollector.EnsureLengthAsync(context, isWebSocket: false, 2 * 1024 * 1024)).ShouldBe(fits);
        context.Request.ContentLength.ShouldBe(length);
        var stream = context.Request.Body.ShouldBeOfType<FileBufferingReadStream>();
        stream.InMemory.ShouldBe(!onDisk);
        if (onDisk)
        {
            // Mail on a disk others share: the owner reads it, nobody else.
            File.GetUnixFileMode(stream.TempFileName!).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        await stream.DisposeAsync();
        (stream.TempFileName is { } name && File.Exists(name)).ShouldBeFalse();
    }

    [Fact]
    public async Task Collect_BeyondTheLimit_SaysNo() => (await BodyCollector.EnsureLengthAsync(Context(1001), isWebSocket: false, 1000)).ShouldBeFalse();

    [Fact]
    public async Task Collect_LengthKnownOrNoBody_TouchesNothing()
    {
        var known = Context(10);
        known.Request.ContentLength = 10;
        var none = Context(10, canHaveBody: false);
        foreach (var context in new[] { known, none })
        {
            var body = context.Request.Body;
            (await BodyCollector.EnsureLengthAsync(context, isWebSocket: false, 1)).ShouldBeTrue();
            context.Request.Body.ShouldBeSameAs(body);
        }
    }

    private static DefaultHttpContext Context(int length, bool canHaveBody = true)
    {
        var context = new DefaultHttpContext();
        context.Request.Headers.TransferEncoding = "chunked";
        context.Request.Body = new MemoryStream(new byte[length]);
        context.Features.Set<IHttpRequestBodyDetectionFeature>(new Detection(canHaveBody));
        return context;
    }

    private sealed class Detection(bool canHaveBody) : IHttpRequestBodyDetectionFeature
    {
        public bool CanHaveBody => canHaveBody;
    }
}
