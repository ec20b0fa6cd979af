using AuthGateway.Web.Pages;
using Microsoft.AspNetCore.Http;

namespace AuthGateway.Tests.Web.Pages;

public sealed class GatewayAssetsTests
{
    [Fact]
    public void Style_Size_StaysWithinTwelveKilobytes() => GatewayAssets.Style.Length.ShouldBeInRange(1000, 12 * 1024);

    [Fact]
    public async Task Middleware_LinkedAddress_MayBeKeptForEver()
    {
        var context = await GetAsync("/.agw/style.css", GatewayAssets.StyleLink["/.agw/style.css".Length..]);

        context.Response.StatusCode.ShouldBe(200);
        context.Response.ContentType.ShouldBe("text/css; charset=utf-8");
        context.Response.Headers.CacheControl.ToString().ShouldBe("public, max-age=31536000, immutable");
        context.Response.Body.Length.ShouldBe(GatewayAssets.Style.Length);
    }

    [Fact]
    public async Task Middleware_OtherVersion_IsNotKeptForEver() =>
        (await GetAsync("/.agw/style.css", "?v=old")).Response.Headers.CacheControl.ToString().ShouldNotContain("immutable");

    [Fact]
    public async Task Middleware_KnownTag_Answers304()
    {
        var context = await GetAsync("/.agw/style.css", "", request => request.Headers.IfNoneMatch = GatewayAssets.StyleTag);

        context.Response.StatusCode.ShouldBe(304);
        context.Response.Body.Length.ShouldBe(0);
    }

    [Theory]
    [InlineData("/.agw")]
    [InlineData("/.agw/")]
    [InlineData("/.AGW/style.css")]
    [InlineData("/.agw/../web.config")]
    public async Task Middleware_AnythingElseReserved_Is404AndNeverForwarded(string path) => (await GetAsync(path, "")).Response.StatusCode.ShouldBe(404);

    [Fact]
    public async Task Middleware_OtherPath_GoesOn() => (await GetAsync("/.agwx", "")).Response.StatusCode.ShouldBe(299);

    private static async Task<HttpContext> GetAsync(string path, string query, Action<HttpRequest>? change = null)
    {
        var context = new DefaultHttpContext();
        context.Request.Method = "GET";
        context.Request.Path = path;
        context.Request.QueryString = new QueryString(query);
        context.Response.Body = new MemoryStream();
        change?.Invoke(context.Request);
        await new AssetMiddleware(next =>
        {
            next.Response.StatusCode = 299;
            return Task.CompletedTask;
        }).Invoke(context);
        return context;
    }
}
