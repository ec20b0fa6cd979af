using AuthGateway.Core.Forwarding;
using AuthGateway.Core.Policies;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace AuthGateway.Tests.Core.Forwarding;

public sealed class BodyCollectorTests : IDisposable
{
    private const int MiB = 1024 * 1024;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("agw-bodies-");
    private readonly BodySpool _spool;

    public BodyCollectorTests() => _spool = new BodySpool(4 * MiB, _folder.FullName);

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData(0, 0)]
    [InlineData(100, 0)]
    [InlineData(MiB, 0)]
    [InlineData(MiB + 1, MiB + 1)]
    [InlineData(2 * MiB, 2 * MiB)]
    public async Task Collect_Body_HasItsLengthAndGoesToDiskBeyondAMebibyte(int length, long onDisk)
    {
        var request = new Collecting(Content(length));
        (await Collect(request, 2 * MiB)).ShouldBeNull();

        request.Context.Request.ContentLength.ShouldBe(length);
        request.Context.Request.Headers.TransferEncoding.ShouldBeEmpty();
        _spool.Used.ShouldBe(onDisk);
        using var read = new MemoryStream();
        await request.Context.Request.Body.CopyToAsync(read);
        read.ToArray().AsSpan().SequenceEqual(Content(length)).ShouldBeTrue();

        await request.EndAsync();
        _spool.Used.ShouldBe(0);
    }

    /// <summary>Mail on a disk others share: no name to open it by, and nothing left of it after a kill.</summary>
    [Fact]
    public async Task Collect_OnDisk_HasNoName()
    {
        var request = new Collecting(Content(2 * MiB));
        (await Collect(request, 2 * MiB)).ShouldBeNull();
        request.Context.Request.Body.ShouldBeOfType<FileStream>();
        _folder.EnumerateFiles().ShouldBeEmpty();
        await request.EndAsync();
    }

    [Fact]
    public async Task Collect_BeyondTheServicesLimit_IsTooLarge() =>
        (await Collect(new Collecting(Content(1001)), 1000)).ShouldBe(VerdictReason.BodyTooLarge);

    [Fact]
    public async Task Collect_BeyondTheServersLimit_IsTooLargeToo() =>
        (await Collect(new Collecting(new Broken(new BadHttpRequestException("too large", 413))), 1000)).ShouldBe(VerdictReason.BodyTooLarge);

    [Fact]
    public async Task Collect_BodyThatBreaksOff_IsABadRequest() =>
        (await Collect(new Collecting(new Broken(new BadHttpRequestException("unexpected end", 400))), 1000)).ShouldBe(VerdictReason.BadRequest);

    [Fact]
    public async Task Collect_ManyAtOnce_StayWithinTheDiskTheyMayUse()
    {
        var first = new Collecting(Content(3 * MiB));
        (await Collect(first, 8 * MiB)).ShouldBeNull();
        var second = new Collecting(Content(3 * MiB));
        (await Collect(second, 8 * MiB)).ShouldBe(VerdictReason.NoRoom);
        (await Collect(new Collecting(Content(MiB)), 8 * MiB)).ShouldBeNull();

        await second.EndAsync();
        _spool.Used.ShouldBe(3 * MiB);
        await first.EndAsync();
        var third = new Collecting(Content(3 * MiB));
        (await Collect(third, 8 * MiB)).ShouldBeNull();
        await third.EndAsync();
        _spool.Used.ShouldBe(0);
    }

    [Fact]
    public async Task Collect_DiskFails_IsOurFaultAndGivesTheRoomBack()
    {
        var request = new Collecting(Content(2 * MiB));
        var spool = new BodySpool(4 * MiB, Path.Combine(_folder.FullName, "missing"));
        (await BodyCollector.EnsureLengthAsync(request.Context, spool, 8 * MiB)).ShouldNotBeNull().Reason.ShouldBe(VerdictReason.NoRoom);
        await request.EndAsync();
        spool.Used.ShouldBe(0);
    }

    [Fact]
    public async Task Collect_ClientGone_IsNoFaultOfTheDisk() =>
        await Should.ThrowAsync<IOException>(() => Collect(new Collecting(new Broken(new IOException("reset by peer"))), 1000));

    /// <summary>A POST that says it wants a WebSocket has a body all the same.</summary>
    [Fact]
    public async Task Collect_UpgradeHeaderOnAPost_IsCollected()
    {
        var request = new Collecting(Content(10));
        request.Context.Request.Method = "POST";
        request.Context.Request.Headers.Upgrade = "websocket";
        (await Collect(request, 1000)).ShouldBeNull();
        request.Context.Request.ContentLength.ShouldBe(10);
    }

    [Fact]
    public async Task Collect_LengthKnownOrNoBodyOrWebSocketOfHttp2_TouchesNothing()
    {
        var known = new Collecting(Content(10));
        known.Context.Request.ContentLength = 10;
        var none = new Collecting(Content(10), canHaveBody: false);
        var socket = new Collecting(Content(10));
        socket.Context.Features.Set<IHttpExtendedConnectFeature>(new ExtendedConnect());
        foreach (var request in new[] { known, none, socket })
        {
            var body = request.Context.Request.Body;
            (await Collect(request, 1)).ShouldBeNull();
            request.Context.Request.Body.ShouldBeSameAs(body);
        }
    }

    private static byte[] Content(int length)
    {
        var content = new byte[length];
        new Random(length).NextBytes(content);
        return content;
    }

    private async Task<VerdictReason?> Collect(Collecting request, long limit) =>
        (await BodyCollector.EnsureLengthAsync(request.Context, _spool, limit))?.Reason;

    /// <summary>A chunked request, and the end of it.</summary>
    private sealed class Collecting
    {
        private readonly Ending _ending = new();

        public Collecting(byte[] body, bool canHaveBody = true)
            : this(new MemoryStream(body), canHaveBody)
        {
        }

        public Collecting(Stream body, bool canHaveBody = true)
        {
            Context.Request.Headers.TransferEncoding = "chunked";
            Context.Request.Body = body;
            Context.Features.Set<IHttpRequestBodyDetectionFeature>(new Detection(canHaveBody));
            Context.Features.Set<IHttpResponseFeature>(_ending);
        }

        public DefaultHttpContext Context { get; } = new();

        public Task EndAsync() => _ending.EndAsync();
    }

    private sealed class Ending : HttpResponseFeature
    {
        private readonly Stack<(Func<object, Task> Callback, object State)> _completed = new();

        public override void OnCompleted(Func<object, Task> callback, object state) => _completed.Push((callback, state));

        public async Task EndAsync()
        {
            while (_completed.TryPop(out var next))
            {
                await next.Callback(next.State);
            }
        }
    }

    private sealed class Broken(Exception exception) : MemoryStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => throw exception;
    }

    private sealed class Detection(bool canHaveBody) : IHttpRequestBodyDetectionFeature
    {
        public bool CanHaveBody => canHaveBody;
    }

    private sealed class ExtendedConnect : IHttpExtendedConnectFeature
    {
        public bool IsExtendedConnect => true;

        public string? Protocol => "websocket";

        public ValueTask<Stream> AcceptAsync() => throw new NotSupportedException();
    }
}
