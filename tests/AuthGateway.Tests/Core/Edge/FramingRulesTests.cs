using AuthGateway.Core.Edge;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace AuthGateway.Tests.Core.Edge;

public sealed class FramingRulesTests
{
    [Theory]
    [InlineData("HTTP/1.1", "", FramingFault.None)]
    [InlineData("HTTP/1.1", "Transfer-Encoding: Chunked", FramingFault.None)]
    [InlineData("HTTP/1.1", "Expect: 100-Continue", FramingFault.None)]
    [InlineData("HTTP/1.1", "Connection: close", FramingFault.None)]
    [InlineData("HTTP/2", "TE: trailers", FramingFault.None)]
    [InlineData("HTTP/1.1", "X-Content-Length: 5|Transfer-Encoding: chunked", FramingFault.ContentLengthWithTransferEncoding)] // SM-01
    [InlineData("HTTP/1.1", "Content-Length: 5|Transfer-Encoding: chunked", FramingFault.ContentLengthWithTransferEncoding)]
    [InlineData("HTTP/1.1", "Transfer-Encoding: xchunked", FramingFault.TransferEncoding)] // SM-02
    [InlineData("HTTP/1.1", "Transfer-Encoding: chunked, identity", FramingFault.TransferEncoding)]
    [InlineData("HTTP/1.1", "Transfer-Encoding: gzip, chunked", FramingFault.TransferEncoding)]
    [InlineData("HTTP/1.1", "Transfer-Encoding: chunked|Transfer-Encoding: chunked", FramingFault.TransferEncoding)]
    [InlineData("HTTP/1.1", "Transfer-Encoding: ", FramingFault.TransferEncoding)]
    [InlineData("HTTP/1.0", "Transfer-Encoding: chunked", FramingFault.TransferEncodingOnHttp10)]
    [InlineData("HTTP/1.1", "Authorization: Basic x|Authorization: Basic y", FramingFault.DuplicateAuthorization)] // HD-06
    [InlineData("HTTP/1.1", "Destination: /a|Destination: /b", FramingFault.DuplicateDestination)]
    [InlineData("HTTP/1.1", "Content-Type: a/b|Content-Type: a/c", FramingFault.DuplicateContentType)]
    [InlineData("HTTP/2", "Connection: close", FramingFault.ConnectionSpecificHeader)]
    [InlineData("HTTP/2", "Transfer-Encoding: chunked", FramingFault.ConnectionSpecificHeader)]
    [InlineData("HTTP/2", "Upgrade: websocket", FramingFault.ConnectionSpecificHeader)]
    [InlineData("HTTP/2", "Keep-Alive: 5", FramingFault.ConnectionSpecificHeader)]
    [InlineData("HTTP/3", "Proxy-Connection: close", FramingFault.ConnectionSpecificHeader)]
    [InlineData("HTTP/2", "TE: gzip", FramingFault.ConnectionSpecificHeader)]
    [InlineData("HTTP/1.1", "Expect: 200-ok", FramingFault.Expectation)]
    internal void Check_Headers_AreJudged(string protocol, string lines, FramingFault expected)
    {
        var headers = new HeaderDictionary { ["Host"] = "mail.gw.test" };
        foreach (var line in lines.Split('|', StringSplitOptions.RemoveEmptyEntries))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            var name = line[..colon];
            headers[name] = StringValues.Concat(headers[name], line[(colon + 2)..]);
        }

        FramingRules.Check(protocol, headers).ShouldBe(expected);
    }

    [Fact]
    public void Check_Host_StandsOnce() // HO-02
    {
        FramingRules.Check("HTTP/1.0", new HeaderDictionary()).ShouldBe(FramingFault.MissingHost);
        FramingRules.Check("HTTP/1.1", new HeaderDictionary { ["Host"] = "" }).ShouldBe(FramingFault.MissingHost);
        FramingRules.Check("HTTP/1.1", new HeaderDictionary { ["Host"] = " " }).ShouldBe(FramingFault.MissingHost);
        FramingRules.Check("HTTP/1.1", new HeaderDictionary { ["Host"] = new StringValues(["a", "a"]) }).ShouldBe(FramingFault.DuplicateHost);
        FramingRules.Check("HTTP/1.1", new HeaderDictionary { ["Host"] = "a,b" }).ShouldBe(FramingFault.DuplicateHost);
    }

    [Fact]
    public void Check_OrdinaryRequest_AllocatesNothing()
    {
        var headers = new HeaderDictionary { ["Host"] = "mail.gw.test", ["Accept"] = "*/*" };
        Allocations.Of(() => FramingRules.Check("HTTP/1.1", headers)).ShouldBe(0);
    }
}
