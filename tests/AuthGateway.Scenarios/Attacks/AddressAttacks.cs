using System.Net;
using AuthGateway.TestKit.Gateway;

namespace AuthGateway.Scenarios.Attacks;

/// <summary>IP: the client address is the peer's, or what the one trusted forwarder says.</summary>
[Collection(AttackGroup.Name)]
public sealed class AddressAttacks(AttackGateway gateway)
{
    private static readonly AttackRequest Internal = new("GET", AttackGateway.Int, "/");

    public static TheoryData<HttpVersion> Versions => [HttpVersion.Http1, HttpVersion.Http2];

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task IP_01_a_stranger_s_word_about_his_address_counts_for_nothing(HttpVersion version)
    {
        foreach (var name in new[] { "X-Forwarded-For", "X-Real-IP", "Forwarded", "X-Client-IP", "True-Client-IP", "CF-Connecting-IP" })
        {
            var response = await gateway.RefusedAsync(version, Internal.With(name, name == "Forwarded" ? "for=10.0.0.1" : "10.0.0.1"), 403);
            if (name == "X-Forwarded-For")
            {
                var record = await gateway.Process.AuditRecordAsync(
                    record => record.GetProperty("reason").GetString() == "address-not-allowed", "--request", response!.Header("X-Request-Id")!);
                record.GetProperty("address").GetString().ShouldBe("127.0.0.1");
            }
        }

        var (received, _) = await gateway.ForwardedAsync(version, Internal.With("X-Forwarded-For", "10.0.0.1"), source: AttackGateway.Insider);
        received.All("X-Forwarded-For").ShouldBe(["127.0.0.9"]);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task IP_02_the_rightmost_untrusted_address_is_the_client(HttpVersion version)
    {
        foreach (var chain in new[] { "10.0.0.9, 203.0.113.5", "203.0.113.5", "10.0.0.9,203.0.113.5 , 127.0.0.200", "::ffff:203.0.113.5", "2002:0a00:0001::1", "::10.0.0.1", "64:ff9b::10.0.0.1" })
        {
            await ViaForwarder(version, Internal.With("X-Forwarded-For", chain), 403);
        }

        await ViaForwarder(version, Internal.With("X-Forwarded-For", "10.0.0.9").With("X-Forwarded-For", "203.0.113.5"), 403);
        foreach (var chain in new[]
            {
                "010.0.0.1", "0x0a.0.0.1", "10.1", "10.0.0.1:80", "[::1]", "[::ffff:10.0.0.1]:80", "fe80::1%eth0", "unknown", "10.0.0.1;", "", "10.0.0.1,,", "167772161",
                string.Join(", ", Enumerable.Repeat("127.0.0.200", 11)),
            })
        {
            await ViaForwarder(version, Internal.With("X-Forwarded-For", chain), 400, 403);
        }

        var (received, _) = await gateway.ForwardedAsync(version, Internal.With("X-Forwarded-For", "203.0.113.5, 10.0.0.9"), source: AttackGateway.Forwarder);
        received.All("X-Forwarded-For").ShouldBe(["10.0.0.9"]);
        (received, _) = await gateway.ForwardedAsync(version, Internal.With("X-Forwarded-For", "203.0.113.5").With("X-Forwarded-For", "10.0.0.9, 127.0.0.200"), source: AttackGateway.Forwarder);
        received.All("X-Forwarded-For").ShouldBe(["10.0.0.9"]);
    }

    [Fact]
    public async Task IP_03_on_a_dual_stack_listener_an_IPv4_peer_is_an_IPv4_client()
    {
        var endPoint = gateway.Process.EndPoint("dual");
        var inside = await RawHttp1.ExchangeAsync(
            new RawConnect(endPoint) { Sni = AttackGateway.Int, Source = AttackGateway.Insider }, Internal.ToHttp1(endPoint.Port));
        inside!.Status.ShouldBe(200);
        gateway.Echo.Requests[^1].All("X-Forwarded-For").ShouldBe(["127.0.0.9"]);

        var outside = await RawHttp1.ExchangeAsync(
            new RawConnect(endPoint) { Sni = AttackGateway.Int, Source = IPAddress.Parse("127.0.0.10") }, Internal.ToHttp1(endPoint.Port));
        outside!.Status.ShouldBe(403);
        var record = await gateway.Process.AuditRecordAsync(_ => true, "--request", outside.Header("X-Request-Id")!);
        record.GetProperty("address").GetString().ShouldBe("127.0.0.10");

        var before = gateway.Echo.Count;
        var six = new RawConnect(new IPEndPoint(IPAddress.IPv6Loopback, endPoint.Port)) { Sni = AttackGateway.Int };
        (await RawHttp1.ExchangeAsync(six, Internal.ToHttp1(endPoint.Port)))!.Status.ShouldBe(403);
        gateway.Echo.Count.ShouldBe(before);
    }

    [Fact]
    public async Task IP_04_a_PROXY_header_nobody_asked_for_ends_the_connection()
    {
        var before = gateway.Echo.Count;
        var connect = gateway.Connect(AttackGateway.Int) with { Prelude = "PROXY TCP4 10.0.0.1 10.0.0.2 1 443\r\n"u8.ToArray() };
        (await RawHttp1.ExchangeAsync(connect, Internal.ToHttp1(connect.EndPoint.Port))).ShouldBeNull();
        gateway.Echo.Count.ShouldBe(before);
    }

    private async Task ViaForwarder(HttpVersion version, AttackRequest request, params int[] statuses)
    {
        var before = gateway.Echo.Count;
        var response = await gateway.SendAsync(version, request, source: AttackGateway.Forwarder);
        response.ShouldNotBeNull();
        statuses.ShouldContain(response.Status, $"{request.Headers[0].Value} was answered:\n{response}");
        gateway.Echo.Count.ShouldBe(before);
    }
}
