using AuthGateway.TestKit.Gateway;

namespace AuthGateway.Scenarios.Attacks;

/// <summary>SM, ME-01, ME-02 and DO-04: nothing that two servers could read in two ways, or that is too long, is forwarded.</summary>
[Collection(AttackGroup.Name)]
public sealed class FramingAttacks(AttackGateway gateway)
{
    private const string Head = "POST /owa/ HTTP/1.1\r\nHost: mail.gw.test\r\nAuthorization: Basic YWxpY2U6YWxpY2UtcHc=\r\n";

    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(5);

    public static TheoryData<string> Ambiguous =>
    [
        // SM-01
        Head + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        Head + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
        Head + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
        Head + "Content-Length: 5, 5\r\n\r\nhello",
        Head + "Content-Length: -1\r\n\r\n",
        Head + "Content-Length: +5\r\n\r\nhello",
        Head + "Content-Length: 0x5\r\n\r\nhello",
        Head + "Content-Length: 1111111111111111111111\r\n\r\nhello",

        // SM-02
        Head + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        Head + "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        Head + "Transfer-Encoding: identity\r\n\r\n0\r\n\r\n",
        Head + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        Head + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        Head + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
        Head + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        Head + " Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        Head.Replace("HTTP/1.1", "HTTP/1.0", StringComparison.Ordinal) + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",

        // SM-04
        Head.Replace("\r\n", "\n", StringComparison.Ordinal) + "Content-Length: 0\n\n",
        Head + "X-Bare: a\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        Head + "X-Bare: a\rb\r\nContent-Length: 0\r\n\r\n",
        Head + "X-Nul: a\0b\r\nContent-Length: 0\r\n\r\n",
        Head + "Bad Name: a\r\nContent-Length: 0\r\n\r\n",
        Head + "X-Folded: a\r\n b\r\nContent-Length: 0\r\n\r\n",
        Head + ": empty\r\nContent-Length: 0\r\n\r\n",
        Head + "Content-Type: a/b\r\nContent-Type: c/d\r\nContent-Length: 0\r\n\r\n",
        Head + "Expect: 200-maybe\r\nContent-Length: 0\r\n\r\n",
    ];

    [Theory]
    [MemberData(nameof(Ambiguous))]
    public async Task SM_01_02_04_ambiguous_framing_is_refused_and_the_connection_closed(string request)
    {
        var before = gateway.Echo.Count;
        await using var connection = await RawHttp1.ConnectAsync(gateway.Connect(AttackGateway.Mail));
        await connection.SendAsync(request);
        var response = await connection.ReadAsync();
        response.ShouldNotBeNull();
        response.Status.ShouldBeOneOf(400, 501);
        (await connection.IsClosedAsync(Soon)).ShouldBeTrue("a refused framing must close the connection");
        gateway.Echo.Count.ShouldBe(before);
    }

    [Theory]
    [InlineData("2;\nxx\r\nxy\r\n0\r\n\r\n")]
    [InlineData("2;\rxx\r\n0\r\n\r\n")]
    [InlineData("2\nxx\r\n0\r\n\r\n")]
    [InlineData("-2\r\nxx\r\n0\r\n\r\n")]
    [InlineData("0x2\r\nxx\r\n0\r\n\r\n")]
    [InlineData("2\r\nxxx\r\n0\r\n\r\n")]
    [InlineData("FFFFFFFFFFFFFFFFF\r\nxx\r\n0\r\n\r\n")]
    public async Task SM_03_malformed_chunks_end_the_request_and_the_connection(string body)
    {
        var before = gateway.Echo.Count;
        await using var connection = await RawHttp1.ConnectAsync(gateway.Connect(AttackGateway.Mail));
        await connection.SendAsync(Head + "Transfer-Encoding: chunked\r\n\r\n" + body + "GET /public/smuggled HTTP/1.1\r\nHost: mail.gw.test\r\n\r\n");
        var response = await connection.ReadAsync();
        response?.Status.ShouldBeOneOf(400, 502);
        (await connection.IsClosedAsync(Soon)).ShouldBeTrue("nothing after malformed chunks may be read as a request");
        gateway.Echo.Count.ShouldBe(before);
    }

    public static TheoryData<string, string> ConnectionSpecific => new()
    {
        { "transfer-encoding", "chunked" }, { "connection", "keep-alive" }, { "connection", "x-remote-user" }, { "upgrade", "websocket" },
        { "keep-alive", "timeout=5" }, { "proxy-connection", "keep-alive" }, { "te", "gzip" }, { "content-length", "5" }, { "X-Upper", "1" },
    };

    [Theory]
    [MemberData(nameof(ConnectionSpecific))]
    public async Task SM_HTTP2_has_no_headers_of_a_connection(string name, string value)
    {
        var before = gateway.Echo.Count;
        var connect = gateway.Connect(AttackGateway.Mail);
        IReadOnlyList<KeyValuePair<string, string>> headers =
        [
            .. new AttackRequest("GET", AttackGateway.Mail, "/public/a").ToHttp2(connect.EndPoint.Port), KeyValuePair.Create(name, value),
        ];
        var response = await RawHttp2.ExchangeAsync(connect, headers);
        response?.Status.ShouldBe(400);
        gateway.Echo.Count.ShouldBe(before);
    }

    [Theory]
    [InlineData(HttpVersion.Http1, "TRACE")]
    [InlineData(HttpVersion.Http1, "TRACK")]
    [InlineData(HttpVersion.Http1, "trace")]
    [InlineData(HttpVersion.Http1, "DELETE")]
    [InlineData(HttpVersion.Http1, "PROPFIND")]
    [InlineData(HttpVersion.Http1, "FOO")]
    [InlineData(HttpVersion.Http1, "get")]
    [InlineData(HttpVersion.Http2, "TRACE")]
    [InlineData(HttpVersion.Http2, "TRACK")]
    [InlineData(HttpVersion.Http2, "DELETE")]
    [InlineData(HttpVersion.Http2, "get")]
    public async Task ME_01_methods_off_the_list_are_refused(HttpVersion version, string method)
    {
        await gateway.RefusedAsync(version, new AttackRequest(method, AttackGateway.Mail, "/public/a"), 405);
        await gateway.RefusedAsync(version, new AttackRequest(method, AttackGateway.Mail, "/owa/").As("alice"), 405);
    }

    [Theory]
    [InlineData("CONNECT mail.gw.test:443 HTTP/1.1\r\nHost: mail.gw.test:443\r\n\r\n")]
    [InlineData("CONNECT evil.test:443 HTTP/1.1\r\nHost: evil.test:443\r\n\r\n")]
    public async Task ME_01_the_gateway_is_no_tunnel(string request)
    {
        var before = gateway.Echo.Count;
        var response = await RawHttp1.ExchangeAsync(gateway.Connect(AttackGateway.Mail), request);
        response.ShouldNotBeNull();
        response.Status.ShouldBeOneOf(400, 404, 405, 421);
        gateway.Echo.Count.ShouldBe(before);
    }

    [Theory]
    [InlineData(HttpVersion.Http1)]
    [InlineData(HttpVersion.Http2)]
    public async Task ME_02_the_method_cannot_be_overridden(HttpVersion version)
    {
        var request = new AttackRequest("GET", AttackGateway.Mail, "/owa/?_method=DELETE").As("alice")
            .With("X-HTTP-Method-Override", "DELETE").With("X-Method-Override", "DELETE").With("X-HTTP-Method", "DELETE");
        var (received, _) = await gateway.ForwardedAsync(version, request);
        received.Method.ShouldBe("GET");
        received.Text.ShouldNotContain("Override", Case.Insensitive);
        received.All("X-HTTP-Method").ShouldBeEmpty();
    }

    [Fact]
    public async Task ME_03_no_WebSocket_without_a_login_or_from_another_site()
    {
        var upgrade = new AttackRequest("GET", AttackGateway.Mail, "/owa/ws").With("Connection", "Upgrade").With("Upgrade", "websocket")
            .With("Sec-WebSocket-Version", "13").With("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
        await gateway.RefusedAsync(HttpVersion.Http1, upgrade, 401);
        await gateway.RefusedAsync(HttpVersion.Http1, upgrade.As("alice").With("Origin", "https://evil.test"), 403);
        await gateway.RefusedAsync(HttpVersion.Http1, upgrade.As("alice").With("Origin", "null"), 403);
    }

    [Theory]
    [InlineData(HttpVersion.Http1)]
    [InlineData(HttpVersion.Http2)]
    public async Task ME_04_a_move_leads_nowhere_the_mover_may_not_go(HttpVersion version)
    {
        var port = gateway.Process.EndPoint("public").Port;
        var move = new AttackRequest("MOVE", AttackGateway.Dav, "/dav/alice/x").As("alice");
        foreach (var destination in (string[])
            [
                $"https://dav.gw.test:{port}/dav/shared-admin/x", "/dav/shared-admin/x", "/dav/SHARED-admin/x", "/dav//shared-admin/x", "/dav/shared-admin;p/x",
                "/dav/shared%2dadmin/x", "/dav/shared-admin", "/SOGo/dav/public/x", "/elsewhere", $"https://mail.gw.test:{port}/dav/alice/y", "https://evil.test/dav/alice/y",
                "//evil.test/dav/alice/y",
            ])
        {
            await gateway.RefusedAsync(version, move.With("Destination", destination), 403, 400);
        }

        await gateway.RefusedAsync(version, move.With("Destination", $"https://dav.gw.test:{port}/dav/alice/../shared-admin/x"), 400);
        await gateway.RefusedAsync(version, move.With("Destination", $"https://dav.gw.test:{port}/dav/alice/%2e%2e/shared-admin/x"), 400);
        await gateway.RefusedAsync(version, move.With("Destination", "/dav/alice/y").With("Destination", "/dav/shared-admin/y"), 400);
        await gateway.RefusedAsync(version, new AttackRequest("GET", AttackGateway.Dav, "/dav/shared-admin/x").As("alice"), 403);

        var (received, _) = await gateway.ForwardedAsync(version, move.With("Destination", $"https://dav.gw.test:{port}/dav/alice/caf%c3%a9"));
        received.Header("Destination").ShouldEndWith("/dav/alice/caf%C3%A9");
    }

    [Theory]
    [InlineData(HttpVersion.Http1)]
    [InlineData(HttpVersion.Http2)]
    public async Task A_PROPFIND_of_a_whole_tree_is_refused(HttpVersion version)
    {
        var propfind = new AttackRequest("PROPFIND", AttackGateway.Dav, "/dav/alice/").As("alice");
        await gateway.RefusedAsync(version, propfind, 403);
        await gateway.RefusedAsync(version, propfind.With("Depth", "infinity"), 403);
        await gateway.RefusedAsync(version, propfind.With("Depth", "1, infinity"), 403);
    }

    [Fact]
    public async Task DO_04_long_heads_are_refused_early()
    {
        var get = new AttackRequest("GET", AttackGateway.Mail, "/public/a");
        await gateway.RefusedAsync(HttpVersion.Http1, get.With("X-Long", new string('a', 33 * 1024)), 431);
        await gateway.RefusedAsync(HttpVersion.Http1, Enumerable.Range(0, 101).Aggregate(get, (request, number) => request.With($"X-{number}", "a")), 431);
        await gateway.RefusedAsync(HttpVersion.Http1, get with { Target = "/public/" + new string('a', 9 * 1024) }, 414);
        await gateway.RefusedAsync(HttpVersion.Http2, get.With("X-Long", new string('a', 33 * 1024)), 431, 400);
        await gateway.RefusedAsync(HttpVersion.Http2, Enumerable.Range(0, 101).Aggregate(get, (request, number) => request.With($"X-{number}", "a")), 431, 400);
        await gateway.RefusedAsync(HttpVersion.Http2, get with { Target = "/public/" + new string('a', 9 * 1024) }, 414, 400);
    }

    [Fact]
    public async Task DO_04_a_long_body_is_refused_by_its_announcement()
    {
        var before = gateway.Echo.Count;
        var post = new AttackRequest("POST", AttackGateway.Mail, "/owa/").As("alice").With("Content-Length", "100001");
        var first = await gateway.SendAsync(HttpVersion.Http1, post);
        first.ShouldNotBeNull();
        first.Status.ShouldBe(413);
        var connect = gateway.Connect(AttackGateway.Mail);
        var second = await RawHttp2.ExchangeAsync(connect, post.ToHttp2(connect.EndPoint.Port), body: null, open: true);
        second.ShouldNotBeNull();
        second.Status.ShouldBe(413);
        gateway.Echo.Count.ShouldBe(before);
        (await gateway.Process.AuditRecordAsync(_ => true, "--reason", "body-too-large", "--user", "alice")).GetProperty("service").GetString().ShouldBe("webmail");
    }
}
