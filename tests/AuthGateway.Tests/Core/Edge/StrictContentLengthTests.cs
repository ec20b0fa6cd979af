using System.Net;
using System.Net.Sockets;
using System.Text;
using AuthGateway.Core.Edge;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace AuthGateway.Tests.Core.Edge;

/// <summary>Asked of a real Kestrel over a raw socket, since the point is what Kestrel makes of our encoding.</summary>
public sealed class StrictContentLengthTests : IAsyncLifetime
{
    private readonly WebApplication _app = Build();

    public Task InitializeAsync() => _app.StartAsync();

    public Task DisposeAsync() => _app.DisposeAsync().AsTask();

    [Theory]
    [InlineData("5", "HTTP/1.1 200")]
    [InlineData("5 ", "HTTP/1.1 200")] // optional white space around a value is not part of it
    [InlineData("000000000000000005", "HTTP/1.1 200")]
    [InlineData("+5", "HTTP/1.1 400")]
    [InlineData("-5", "HTTP/1.1 400")]
    [InlineData(" 5x", "HTTP/1.1 400")]
    [InlineData("5 5", "HTTP/1.1 400")]
    [InlineData("5,5", "HTTP/1.1 400")]
    [InlineData("0x5", "HTTP/1.1 400")]
    [InlineData("\u00B2", "HTTP/1.1 400")]
    [InlineData("", "HTTP/1.1 400")]
    [InlineData("0000000000000000005", "HTTP/1.1 400")]
    [InlineData("00000000000000000000000000000000005", "HTTP/1.1 400")]
    public async Task ContentLength_OnTheWire_IsDigitsOnly(string value, string status)
    {
        var answer = await SendAsync($"POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: {value}\r\n\r\nhello");
        answer.ShouldStartWith(status);
    }

    [Fact]
    public async Task OtherHeaders_NotAscii_KeepTheirBytes()
    {
        var answer = await SendAsync("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX-Name: \u00E9\u00FF\r\n\r\n");
        answer.ShouldContain("name=E9FF");
    }

    [Theory]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n0\r\n\r\n", "ContentLengthWithTransferEncoding")]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n0\r\n\r\n", "TransferEncoding")]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n0\r\n\r\n", "None")]
    [InlineData("GET / HTTP/1.0\r\nConnection: close\r\n\r\n", "MissingHost")]
    [InlineData("GET / HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n", "MissingHost")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Basic x\r\nAuthorization: Basic y\r\nConnection: close\r\n\r\n", "DuplicateAuthorization")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nDestination: /x\r\nDestination: /y\r\nConnection: close\r\n\r\n", "DuplicateDestination")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nContent-Type: a/x\r\nContent-Type: a/y\r\nConnection: close\r\n\r\n", "DuplicateContentType")]
    public async Task Framing_AsKestrelHandsItOver_IsJudged(string request, string fault) =>
        (await SendAsync(request)).ShouldContain($"fault={fault};");

    [Fact]
    public async Task Framing_OfHttp2WithStreamedBody_IsClean()
    {
        var port = Port(1);
        using var client = new HttpClient { DefaultRequestVersion = HttpVersion.Version20, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact };
        using var body = new StreamContent(new NeverKnownLength());
        using var answer = await client.PostAsync(new Uri($"http://127.0.0.1:{port}/"), body);
        (await answer.Content.ReadAsStringAsync()).ShouldContain("fault=None;");
    }

    private static WebApplication Build()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.RequestHeaderEncodingSelector = RequestHeaderEncodings.Select;
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http1);
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2);
        });
        var app = builder.Build();
        app.Run(async context =>
        {
            var fault = FramingRules.Check(context.Request.Protocol, context.Request.Headers);
            await context.Request.Body.CopyToAsync(Stream.Null);
            var name = Convert.ToHexString(Encoding.Latin1.GetBytes(context.Request.Headers["X-Name"].ToString()));
            await context.Response.WriteAsync($"fault={fault};name={name}");
        });
        return app;
    }

    private int Port(int listener) => new Uri(_app.Urls.ElementAt(listener)).Port;

    private async Task<string> SendAsync(string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, Port(0));
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request));
        using var reader = new StreamReader(stream, Encoding.Latin1);
        return await reader.ReadToEndAsync();
    }

    /// <summary>A body whose length is not known, so that HTTP/2 sends no Content-Length.</summary>
    private sealed class NeverKnownLength() : MemoryStream("hello"u8.ToArray())
    {
        public override bool CanSeek => false;
    }
}
