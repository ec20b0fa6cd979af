using AuthGateway.Core.Edge;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace AuthGateway.Tests.Core.Edge;

public sealed class HopByHopHeadersTests
{
    [Fact]
    public void Remove_NamedFields_GoWithTheirConnection()
    {
        IHeaderDictionary headers = new HeaderDictionary
        {
            ["Connection"] = new StringValues(["close, X-Trace ,", "Upgrade"]),
            ["X-Trace"] = "1",
            ["Keep-Alive"] = "5",
            ["TE"] = "trailers",
            ["Trailer"] = "x",
            ["Transfer-Encoding"] = "chunked",
            ["Upgrade"] = "h2c",
            ["Proxy-Connection"] = "close",
            ["Accept"] = "*/*",
        };
        HopByHopHeaders.Remove(headers, webSocket: false);
        headers.Keys.ShouldBe(["Accept"]);
    }

    [Theory]
    [InlineData("Depth")]
    [InlineData("destination")]
    [InlineData("Authorization")]
    [InlineData("Cookie")]
    [InlineData("Host")]
    [InlineData("Content-Length")]
    public void Remove_FieldWeJudgedBy_CannotBeNamedAway(string name)
    {
        IHeaderDictionary headers = new HeaderDictionary { ["Connection"] = name, [name] = "0" };
        HopByHopHeaders.Remove(headers, webSocket: false);
        headers.Keys.ShouldBe([name]);
    }

    [Fact]
    public void Remove_WebSocket_KeepsTheUpgrade()
    {
        IHeaderDictionary headers = new HeaderDictionary { ["Connection"] = "keep-alive, Upgrade", ["Upgrade"] = "websocket" };
        HopByHopHeaders.Remove(headers, webSocket: true);
        headers.Connection.ToString().ShouldBe("Upgrade");
        headers.Upgrade.ToString().ShouldBe("websocket");
    }
}
