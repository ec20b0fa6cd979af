using System.Net;
using AuthGateway.Core.Pipeline;
using AuthGateway.Tests.Core.Services;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace AuthGateway.Tests.Core.Pipeline;

public sealed class AccessRequestReaderTests
{
    private readonly RequestBed _bed = new();

    [Theory]
    [InlineData("mail.example.com", "mail.example.com", null)]
    [InlineData("mail.example.com", "MAIL.example.com.", null)]
    [InlineData("mail.example.com", "eas.example.com", "misdirected")]
    [InlineData("eas.example.com", "mail.example.com", "misdirected")]
    [InlineData(null, "mail.example.com", null)]
    [InlineData(null, "eas.example.com", "misdirected")]
    [InlineData("mail.example.com", "mail_example", "no-service")]
    public void Open_HostAndHandshake_MustAgree(string? sni, string host, string? refusal)
    {
        var context = Context(host: host);
        context.Features.Set<ITlsHandshakeFeature>(new Handshake(sni));
        var outcome = Open(context);
        if (refusal == "no-service" && outcome.Refusal?.Code == "misdirected")
        {
            return;
        }

        outcome.Refusal?.Code.ShouldBe(refusal);
        (outcome.Request is null).ShouldBe(refusal is not null);
    }

    [Theory]
    [InlineData("TRACE", "/", "method-not-allowed")]
    [InlineData("track", "/", "method-not-allowed")]
    [InlineData("CONNECT", "/", "method-not-allowed")]
    [InlineData("GET", "/a/../b", "bad-request")]
    [InlineData("GET", "/a%00", "bad-request")]
    [InlineData("GET", "https://evil.example.com/", "bad-request")]
    [InlineData("GET", "https://mail.example.com/a", null)]
    [InlineData("GET", "/a", null)]
    public void Open_MethodAndTarget_AreReadStrictly(string method, string target, string? refusal)
    {
        var outcome = Open(Context(method, target));
        (outcome.Refusal?.Code).ShouldBe(refusal);
    }

    [Fact]
    public void Open_SpokenFor_HeadersAreTakenOut()
    {
        var context = Context();
        context.Request.Headers["X-Forwarded-For"] = "10.0.0.1";
        context.Request.Headers["X-Remote-User"] = "dave";
        var request = Open(context).Request.ShouldNotBeNull();
        request.ForwardedFor.ToString().ShouldBe("10.0.0.1");
        context.Request.Headers.ContainsKey("X-Remote-User").ShouldBeFalse();
        context.Request.Headers.ContainsKey("X-Forwarded-For").ShouldBeFalse();
    }

    [Fact]
    public void Open_DisguisedHeader_IsRefused()
    {
        var context = Context();
        context.Request.Headers["X_Remote_User"] = "dave";
        Open(context).Refusal!.Code.ShouldBe("bad-request");
    }

    [Fact]
    public void Open_LengthAndChunks_IsRefusedAndTheConnectionClosed()
    {
        var context = Context();
        context.Request.Headers["X-Content-Length"] = "5";
        context.Request.Headers.TransferEncoding = "chunked";
        context.Request.Headers.ContentLength = 5;
        var outcome = Open(context);
        (outcome.Refusal!.Code, outcome.Close).ShouldBe(("bad-request", true));
    }

    [Theory]
    [InlineData(443, "mail.example.com")]
    [InlineData(8443, "mail.example.com:8443")]
    public void Open_Authority_HasThePortOfTheListener(int port, string authority)
    {
        var context = Context(host: port == 443 ? "mail.example.com" : $"mail.example.com:{port}");
        context.Connection.LocalPort = port;
        Open(context).Request!.Authority.ShouldBe(authority);
    }

    [Theory]
    [InlineData("GET", true)]
    [InlineData("POST", false)]
    public void Open_UpgradeHeader_MakesAWebSocketOfAGetOnly(string method, bool expected)
    {
        var context = Context(method);
        context.Request.Headers.Upgrade = "websocket";
        Open(context).Request!.IsWebSocket.ShouldBe(expected);
    }

    private static DefaultHttpContext Context(string method = "GET", string target = "/", string host = ServiceBed.Mail)
    {
        var context = new DefaultHttpContext();
        context.Features.Set<ITlsHandshakeFeature>(new Handshake(ServiceBed.Mail));
        context.Features.Get<IHttpRequestFeature>()!.RawTarget = target;
        (context.Request.Protocol, context.Request.Method, context.Request.Host) = ("HTTP/1.1", method, new HostString(host));
        (context.Connection.LocalPort, context.Connection.RemoteIpAddress) = (443, IPAddress.Loopback);
        return context;
    }

    private AccessRequestReader.Outcome Open(HttpContext context) => AccessRequestReader.Open(context, _bed.Table(), "public", _bed.Clock.GetUtcNow());

    private sealed class Handshake(string? host) : ITlsHandshakeFeature
    {
        public System.Security.Authentication.SslProtocols Protocol => System.Security.Authentication.SslProtocols.Tls13;

        public string HostName => host ?? "";

#pragma warning disable SYSLIB0058 // The interface asks for them.
        public System.Security.Authentication.CipherAlgorithmType CipherAlgorithm => default;

        public int CipherStrength => 0;

        public System.Security.Authentication.HashAlgorithmType HashAlgorithm => default;

        public int HashStrength => 0;

        public System.Security.Authentication.ExchangeAlgorithmType KeyExchangeAlgorithm => default;

        public int KeyExchangeStrength => 0;
#pragma warning restore SYSLIB0058
    }
}
