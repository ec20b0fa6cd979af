using AuthGateway.Core.Edge;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace AuthGateway.Tests.Core.Edge;

public sealed class ProtectedHeadersTests
{
    [Theory]
    // HD-01, HD-04, HD-05, ME-02 and the families of the fields upstreams believe
    [InlineData("X-Remote-User")]
    [InlineData("x-remote-user")]
    [InlineData("Remote-User")]
    [InlineData("Remote-Addr")]
    [InlineData("X-User")]
    [InlineData("X-Username")]
    [InlineData("X-User-Email")]
    [InlineData("X-Auth-Request-User")]
    [InlineData("X-Authenticated-User")]
    [InlineData("X-WebAuth-User")]
    [InlineData("X-Forwarded-For")]
    [InlineData("X-Forwarded-User")]
    [InlineData("X-Forwarded-Uri")]
    [InlineData("Forwarded")]
    [InlineData("X-Real-IP")]
    [InlineData("X-Client-IP")]
    [InlineData("X-Cluster-Client-IP")]
    [InlineData("True-Client-IP")]
    [InlineData("CF-Connecting-IP")]
    [InlineData("X-Original-URL")]
    [InlineData("X-Rewrite-URL")]
    [InlineData("X-HTTP-Method")]
    [InlineData("X-HTTP-Method-Override")]
    [InlineData("X-Method-Override")]
    [InlineData("X-SSL-Client-S-DN")]
    [InlineData("SSL-Client-Cert")]
    [InlineData("X-Client-Cert")]
    [InlineData("Client-Cert-Chain")]
    [InlineData("X-ARR-ClientCert")]
    [InlineData("X-Envoy-External-Address")]
    [InlineData("X-AGW-Session")]
    [InlineData("X-Content-Length")]
    [InlineData("Proxy")]
    [InlineData("Proxy-Authorization")]
    [InlineData("x-webobjects-remote-user")]
    [InlineData("X-BM-ApiKey")]
    [InlineData("X-MS-Forwarded-Client-IP")]
    [InlineData("X-MS-Proxy")]
    public void Classify_NameOnlyTheGatewayMaySay_IsProtected(string name)
    {
        ProtectedHeaders.Classify(name).ShouldBe(HeaderStanding.Protected);
        if (name.Contains('-', StringComparison.Ordinal))
        {
            ProtectedHeaders.Classify(name.Replace('-', '_')).ShouldBe(HeaderStanding.Disguised);
            ProtectedHeaders.Classify(name.Replace('-', '.')).ShouldBe(HeaderStanding.Disguised);
        }
    }

    [Theory]
    [InlineData("X_Remote_User")] // HD-02
    [InlineData("REMOTE_USER")]
    [InlineData("X-Remote_User")]
    [InlineData("SSL_CLIENT_S_DN_CN")]
    [InlineData("x~webobjects!remote%user")]
    [InlineData("X_Forwarded_For_with_a_tail_longer_than_any_name_in_the_table_of_protected_ones")]
    public void Classify_ProtectedNameInAnotherSpelling_IsDisguised(string name) => ProtectedHeaders.Classify(name).ShouldBe(HeaderStanding.Disguised);

    [Theory]
    [InlineData("My_Header")]
    [InlineData("a.b")]
    [InlineData("Forwarded_")]
    public void Classify_OddName_IsUnforwardable(string name) => ProtectedHeaders.Classify(name).ShouldBe(HeaderStanding.Unforwardable);

    [Theory]
    [InlineData("Host")]
    [InlineData("Accept")]
    [InlineData("Authorization")]
    [InlineData("Cookie")]
    [InlineData("Forwarded-Ever")]
    [InlineData("Proxyish")]
    [InlineData("Remote")]
    [InlineData("X")]
    [InlineData("X-")]
    [InlineData("X-Requested-With")]
    [InlineData("X-MS-PolicyKey")]
    [InlineData("X-Real-IP-Not")]
    [InlineData("X-OWA-Canary")]
    [InlineData("MS-ASProtocolVersion")]
    [InlineData("1-header")]
    public void Classify_OtherName_IsOrdinary(string name) => ProtectedHeaders.Classify(name).ShouldBe(HeaderStanding.Ordinary);

    [Fact]
    public void Clean_ClientHeaders_LeavesOnlyOrdinaryOnes()
    {
        var headers = new HeaderDictionary
        {
            ["Host"] = "mail.gw.test",
            ["X-Remote-User"] = "dave",
            ["X-Forwarded-For"] = new StringValues(["10.0.0.1", "10.0.0.2"]),
            ["My_Header"] = "1",
            ["X-Requested-With"] = "x",
        };
        ProtectedHeaders.Clean(headers).ShouldBeTrue();
        headers.Keys.ShouldBe(["Host", "X-Requested-With"], ignoreOrder: true);
    }

    [Fact]
    public void Clean_DisguisedName_IsRefused() =>
        ProtectedHeaders.Clean(new HeaderDictionary { ["Host"] = "mail.gw.test", ["X_Remote_User"] = "dave" }).ShouldBeFalse();

    [Fact]
    public void Classify_AllocatesNothing() => Allocations.Of(() =>
    {
        ProtectedHeaders.Classify("X-Requested-With");
        ProtectedHeaders.Classify("X_Remote_User");
    }).ShouldBe(0);
}
