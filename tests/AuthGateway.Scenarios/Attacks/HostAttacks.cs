using AuthGateway.TestKit.Gateway;

namespace AuthGateway.Scenarios.Attacks;

/// <summary>HO: the host of the handshake is the host of the request, and only published ones are answered.</summary>
[Collection(AttackGroup.Name)]
public sealed class HostAttacks(AttackGateway gateway)
{
    public static TheoryData<HttpVersion> Versions => [HttpVersion.Http1, HttpVersion.Http2];

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task HO_01_a_foreign_host_is_nobody_s_and_is_not_repeated(HttpVersion version)
    {
        var response = await gateway.RefusedAsync(version, new AttackRequest("GET", "evil.test", "/public/a") { Sni = AttackGateway.Mail }, 421, 404);
        response!.ToString().ShouldNotContain("evil.test");
    }

    [Theory]
    [InlineData("GET /public/a HTTP/1.1\r\n\r\n")]
    [InlineData("GET /public/a HTTP/1.1\r\nHost:\r\n\r\n")]
    [InlineData("GET /public/a HTTP/1.1\r\nHost: \r\n\r\n")]
    [InlineData("GET /public/a HTTP/1.0\r\n\r\n")]
    [InlineData("GET /public/a HTTP/1.1\r\nHost: mail.gw.test\r\nHost: mail.gw.test\r\n\r\n")]
    [InlineData("GET /public/a HTTP/1.1\r\nHost: mail.gw.test, mtls.gw.test\r\n\r\n")]
    [InlineData("GET /public/a HTTP/1.1\r\nHost: mail.gw.test\r\nHost: mtls.gw.test\r\n\r\n")]
    [InlineData("GET https://mtls.gw.test/public/a HTTP/1.1\r\nHost: mail.gw.test\r\n\r\n")]
    [InlineData("GET https://evil@mail.gw.test/public/a HTTP/1.1\r\nHost: mail.gw.test\r\n\r\n")]
    [InlineData("GET /public/a HTTP/1.1\r\nHost: mail.gw.test@evil.test\r\n\r\n", 400, 404)]
    [InlineData("GET /public/a HTTP/1.1\r\nHost: mail.gw.test/evil\r\n\r\n", 400, 404)]
    public async Task HO_02_without_exactly_one_host_nothing_is_served(string request, params int[] statuses)
    {
        ArgumentNullException.ThrowIfNull(statuses);
        var before = gateway.Echo.Count;
        var response = await RawHttp1.ExchangeAsync(gateway.Connect(AttackGateway.Mail), request);
        response.ShouldNotBeNull();
        (statuses.Length == 0 ? [400] : statuses).ShouldContain(response.Status, response.ToString());
        gateway.Echo.Count.ShouldBe(before);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task HO_03_the_handshake_of_one_host_does_not_open_another(HttpVersion version)
    {
        await gateway.RefusedAsync(version, new AttackRequest("GET", AttackGateway.Mtls, "/") { Sni = AttackGateway.Mail }.As("alice"), 421);
        await gateway.RefusedAsync(version, new AttackRequest("GET", AttackGateway.Mtls, "/") { Sni = "" }.As("alice"), 421);
        await gateway.RefusedAsync(version, new AttackRequest("GET", AttackGateway.Mail, "/owa/") { Sni = AttackGateway.Mtls }.As("alice"), 421);
    }

    // Kestrel replaces Host by :authority before anybody else could compare them, so one host is left: the one that was judged.
    [Fact]
    public async Task HO_in_HTTP2_a_host_line_beside_the_authority_reaches_nobody()
    {
        var request = new AttackRequest("GET", AttackGateway.Mail, "/public/a").With("host", AttackGateway.Mtls);
        var (received, _) = await gateway.ForwardedAsync(HttpVersion.Http2, request);
        received.Header("Host").ShouldStartWith(AttackGateway.Mail);
        received.Text.ShouldNotContain(AttackGateway.Mtls);
    }

    [Theory]
    [InlineData("MAIL.GW.TEST")]
    [InlineData("mail.gw.test.")]
    public async Task HO_other_spellings_of_a_published_host_are_that_host(string spelling)
    {
        var (received, _) = await gateway.ForwardedAsync(HttpVersion.Http1, new AttackRequest("GET", spelling, "/public/a") { Sni = AttackGateway.Mail });
        received.Header("Host").ShouldStartWith(AttackGateway.Mail);
    }

    [Fact]
    public async Task A_handshake_for_an_unknown_host_fails()
    {
        var before = gateway.Echo.Count;
        var response = await RawHttp1.ExchangeAsync(gateway.Connect("evil.test"), "GET /public/a HTTP/1.1\r\nHost: mail.gw.test\r\n\r\n");
        response?.Status.ShouldBe(421);
        gateway.Echo.Count.ShouldBe(before);
    }

    [Fact]
    public async Task Credentials_on_the_plain_listener_are_never_looked_at()
    {
        var connect = new RawConnect(gateway.Process.EndPoint("plain")) { Tls = false };
        var before = gateway.Echo.Count;
        var read = await RawHttp1.ExchangeAsync(connect, $"GET /owa/ HTTP/1.1\r\nHost: mail.gw.test\r\nAuthorization: {AttackRequest.Basic("alice", "alice-pw")}\r\n\r\n");
        read.ShouldNotBeNull();
        read.Status.ShouldBeOneOf(308, 403);
        var write = await RawHttp1.ExchangeAsync(connect, "POST /owa/ HTTP/1.1\r\nHost: mail.gw.test\r\nContent-Length: 0\r\n\r\n");
        write!.Status.ShouldBe(403);
        var foreign = await RawHttp1.ExchangeAsync(connect, "GET / HTTP/1.1\r\nHost: evil.test\r\n\r\n");
        foreign!.ToString().ShouldNotContain("evil.test");
        gateway.Echo.Count.ShouldBe(before);
    }
}
