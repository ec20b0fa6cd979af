using System.Net;
using System.Text;
using AuthGateway.Core.Listeners;

namespace AuthGateway.Tests.Core.Listeners;

public sealed class EdgeTests : IAsyncLifetime
{
    private readonly ListenerBed _bed = new();

    public Task InitializeAsync()
    {
        _bed.Limits.ConnectionsPerAddress = 10;
        return _bed.StartAsync();
    }

    public Task DisposeAsync() => _bed.DisposeAsync().AsTask();

    [Theory]
    [InlineData("GET /owa/?a=%2f HTTP/1.1\r\nHost: mail.gw.test\r\n", 308, "Location: https://mail.gw.test/owa/?a=%2f\r\n")]
    [InlineData("HEAD //evil.test/x HTTP/1.1\r\nHost: MAIL.gw.test.:80\r\n", 308, "Location: https://mail.gw.test//evil.test/x\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: mtls.gw.test\r\nAuthorization: Basic YTpi\r\n", 308, "Location: https://mtls.gw.test/\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: evil.test\r\n", 404, "no-service")]
    [InlineData("GET / HTTP/1.1\r\nHost: mail.gw.test.evil.test\r\n", 404, "no-service")]
    [InlineData("GET /\\evil HTTP/1.1\r\nHost: mail.gw.test\r\n", 400, "bad-request")]
    [InlineData("GET http://mail.gw.test/ HTTP/1.1\r\nHost: mail.gw.test\r\n", 400, "bad-request")]
    [InlineData("GET / HTTP/1.0\r\n", 400, "bad-request")]
    [InlineData("POST /owa/ HTTP/1.1\r\nHost: mail.gw.test\r\nContent-Length: 3\r\nAuthorization: Basic YTpi\r\n", 403, "plain-http")]
    [InlineData("PROPFIND /dav/ HTTP/1.1\r\nHost: mail.gw.test\r\n", 403, "plain-http")]
    [InlineData("OPTIONS /Microsoft-Server-ActiveSync HTTP/1.1\r\nHost: mail.gw.test\r\n", 403, "plain-http")]
    [InlineData("TRACE / HTTP/1.1\r\nHost: mail.gw.test\r\n", 403, "plain-http")]
    public async Task PlainListener_RedirectsBrowsersAndRefusesTheRest(string head, int status, string contains)
    {
        using var client = await _bed.ConnectAsync("plain");
        var body = head.Contains("Content-Length: 3", StringComparison.Ordinal) ? "a=b" : "";
        var answer = await _bed.SendAsync(client.GetStream(), head + "Connection: close\r\n\r\n" + body);
        answer.ShouldStartWith($"HTTP/1.1 {status} ");
        answer.ShouldContain(contains);
        answer.ShouldNotContain("Plain 127", Case.Sensitive, "nothing after the plain listener may run");
        answer.ShouldNotContain("\r\nServer:", Case.Insensitive);
    }

    /// <summary>SM-04, DO-04: raw bytes, for a client library would repair them.</summary>
    [Theory]
    [InlineData("GET / HTTP/1.1\nHost: x\n\n", 400)]
    [InlineData("GET / HTTP/1.1\r\nHost: x\nX-A: b\r\n\r\n", 400)]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\n\n", 400)]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 200)]
    public async Task Framing_BareLineFeed_IsRefused(string request, int status)
    {
        using var session = await _bed.HandshakeAsync("mail.gw.test");
        (await _bed.SendAsync(session.Stream, request)).ShouldStartWith($"HTTP/1.1 {status} ");
    }

    [Theory]
    [InlineData(9 * 1024, 0, 0, 414)]
    [InlineData(1, 101, 1, 431)]
    [InlineData(1, 3, 11 * 1024, 431)]
    [InlineData(4 * 1024, 90, 200, 200)]
    public async Task Limits_OfTheHead_AreAnsweredAtOnce(int target, int headers, int size, int status)
    {
        var request = new StringBuilder($"GET /{new string('a', target)} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n");
        for (var i = 0; i < headers; i++)
        {
            request.Append($"X-{i}: {new string('b', size)}\r\n");
        }

        using var session = await _bed.HandshakeAsync("mail.gw.test");
        (await _bed.SendAsync(session.Stream, request + "\r\n")).ShouldStartWith($"HTTP/1.1 {status} ");
    }

    [Fact]
    public void Limits_OfTime_AreSet()
    {
        var kestrel = _bed.Kestrel;
        kestrel.Limits.RequestHeadersTimeout.ShouldBe(TimeSpan.FromSeconds(15));
        kestrel.Limits.KeepAliveTimeout.ShouldBe(TimeSpan.FromSeconds(120));
        kestrel.Limits.MinRequestBodyDataRate.ShouldNotBeNull().BytesPerSecond.ShouldBe(240);
        kestrel.Limits.MaxRequestBodySize.ShouldBeNull();
        kestrel.Limits.Http2.MaxStreamsPerConnection.ShouldBe(100);
        kestrel.AddServerHeader.ShouldBeFalse();
        kestrel.AllowSynchronousIO.ShouldBeFalse();
    }

    [Fact]
    public async Task Gate_TooManyOfOneAddress_DropsWithoutAByteAndForgetsOnClose()
    {
        var open = new List<ListenerBed.TlsSession>();
        for (var i = 0; i < 10; i++)
        {
            // A handshake that is done was counted before it began.
            open.Add(await _bed.HandshakeAsync("mail.gw.test"));
        }

        (await AnswersAsync("127.0.0.1")).ShouldBeFalse();
        (await AnswersAsync("127.0.0.2")).ShouldBeTrue("another address has its own count");
        await _bed.EndedAsync(2);
        open.ForEach(session => session.Dispose());
        await _bed.EndedAsync(10);
        (await AnswersAsync("127.0.0.1")).ShouldBeTrue();
    }

    [Fact]
    public async Task Gate_ListenerNoLongerInTheTable_LetsNobodyIn()
    {
        (await AnswersAsync("127.0.0.1")).ShouldBeTrue();
        _bed.Listeners.Remove("plain");
        _bed.State.Current = _bed.Build(_bed.State.Current).ShouldNotBeNull();
        _bed.Listeners["plain"] = new ListenerOptions();
        (await AnswersAsync("127.0.0.1")).ShouldBeFalse();
    }

    [Theory]
    [InlineData("::ffff:10.0.0.1", "10.0.0.1")]
    [InlineData("fe80::1%3", "fe80::1")]
    [InlineData("64:ff9b::10.0.0.1", "64:ff9b::a00:1")]
    public void Fold_MappedAddress_IsTheAddressMeant(string given, string expected) =>
        ConnectionGate.Fold(IPAddress.Parse(given)).ShouldBe(IPAddress.Parse(expected));

    [Fact]
    public void Counter_ManyAtOnce_CountsExactly()
    {
        var counter = new ConnectionCounter(1000, 100);
        var peers = Enumerable.Range(0, 20).Select(i => IPAddress.Parse($"10.0.0.{i}")).ToArray();
        var entered = new int[20];
        Parallel.For(0, 4000, i =>
        {
            if (counter.TryEnter(peers[i % 20]))
            {
                Interlocked.Increment(ref entered[i % 20]);
            }
        });
        counter.Total.ShouldBe(1000);
        entered.Sum().ShouldBe(1000);
        entered.ShouldAllBe(count => count <= 100);
        Parallel.For(0, 20, i =>
        {
            for (var n = entered[i]; n > 0; n--)
            {
                counter.Leave(peers[i]);
            }
        });
        counter.Total.ShouldBe(0);
        Enumerable.Range(0, 100).ShouldAllBe(_ => counter.TryEnter(peers[0]));
        counter.TryEnter(peers[0]).ShouldBeFalse();
    }

    [Fact]
    public void Counter_AddressesOfOneIPv6Network_CountTogether()
    {
        var counter = new ConnectionCounter(10, 1);
        counter.TryEnter(IPAddress.Parse("2001:db8:0:1::1")).ShouldBeTrue();
        counter.TryEnter(IPAddress.Parse("2001:db8:0:1:ffff::2")).ShouldBeFalse();
        counter.TryEnter(IPAddress.Parse("2001:db8:0:2::1")).ShouldBeTrue();
        counter.Total.ShouldBe(2);
    }

    /// <summary>True for a redirect, false when the connection ended without a byte.</summary>
    private async Task<bool> AnswersAsync(string from)
    {
        try
        {
            using var client = await _bed.ConnectAsync("plain", from);
            var answer = await _bed.SendAsync(client.GetStream(), "GET / HTTP/1.1\r\nHost: mail.gw.test\r\nConnection: close\r\n\r\n");
            (answer.Length == 0 || answer.StartsWith("HTTP/1.1 308 ", StringComparison.Ordinal)).ShouldBeTrue(answer);
            return answer.Length > 0;
        }
        catch (Exception exception) when (exception is IOException or System.Net.Sockets.SocketException)
        {
            return false;
        }
    }
}
