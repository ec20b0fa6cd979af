using System.Text;
using AuthGateway.Core.Backends;
using AuthGateway.Core.Devices;
using AuthGateway.Core.Lockout;
using AuthGateway.Core.Login;
using AuthGateway.Core.Pipeline;
using AuthGateway.Tests.Core.Services;
using AuthGateway.Web.Pages;
using Microsoft.AspNetCore.Http;

namespace AuthGateway.Tests.Web.Pages;

public sealed class GatewayAssetsTests
{
    private readonly GatewayState _state = new();
    private readonly Branding _branding;

    public GatewayAssetsTests() => _branding = new Branding(_state);

    [Fact]
    public void Style_Size_StaysWithinTwelveKilobytes() => GatewayAssets.Style.Length.ShouldBeInRange(1000, 12 * 1024);

    [Fact]
    public void Script_Size_StaysWithinEightKilobytesAndMakesNoMarkup()
    {
        GatewayAssets.Script.Content.Length.ShouldBeInRange(500, 8 * 1024);
        Encoding.UTF8.GetString(GatewayAssets.Script.Content.Span).ShouldNotContain("innerHTML");
    }

    [Fact]
    public async Task Middleware_LinkedAddress_MayBeKeptForEver()
    {
        var context = await GetAsync("/.agw/style.css", _branding.Style.Version);

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
        var context = await GetAsync("/.agw/style.css", "", request => request.Headers.IfNoneMatch = _branding.Style.Tag);

        context.Response.StatusCode.ShouldBe(304);
        context.Response.Body.Length.ShouldBe(0);
    }

    [Fact]
    public async Task Middleware_ColorOfTheTable_IsPartOfTheStyle()
    {
        var before = _branding.Style.Link;
        _state.Swap(Table("#0f766e", null));

        var context = await GetAsync("/.agw/style.css", "");

        Encoding.UTF8.GetString(((MemoryStream)context.Response.Body).ToArray()).ShouldContain("--brand: #0f766e;");
        (_branding.Style.Link == before).ShouldBeFalse();
    }

    [Fact]
    public async Task Middleware_Logo_IsServedWithoutRights()
    {
        (await GetAsync("/.agw/logo", "")).Response.StatusCode.ShouldBe(299);
        _state.Swap(Table("", new PageLogo("image/svg+xml", "<svg/>"u8.ToArray())));

        var context = await GetAsync("/.agw/logo", "");

        context.Response.ContentType.ShouldBe("image/svg+xml");
        context.Response.Headers.ContentSecurityPolicy.ToString().ShouldBe("default-src 'none'; style-src 'unsafe-inline'; sandbox");
        context.Response.Headers.XContentTypeOptions.ToString().ShouldBe("nosniff");
    }

    [Fact]
    public async Task Middleware_Script_IsAModule() => (await GetAsync("/.agw/app.js", "")).Response.ContentType.ShouldBe("text/javascript; charset=utf-8");

    [Theory]
    [InlineData("/.agw")]
    [InlineData("/.agw/")]
    [InlineData("/.AGW/style.css")]
    [InlineData("/.agw/sign-in")]
    [InlineData("/.agw/../web.config")]
    [InlineData("/.agwx")]
    public async Task Middleware_EverythingElse_GoesOnToTheCorridor(string path) => (await GetAsync(path, "")).Response.StatusCode.ShouldBe(299);

    private static GatewayTable Table(string color, PageLogo? logo) => new()
    {
        Generation = 1, BuiltAt = DateTimeOffset.UnixEpoch, Services = new ServiceBed().Sound(), Devices = DeviceTrust.Empty, Chain = new BackendChain([]),
        Lockout = LockoutPolicy.From(new LockoutOptions()), Login = new LoginOptions(), BrandColor = color, Logo = logo,
    };

    private async Task<HttpContext> GetAsync(string path, string query, Action<HttpRequest>? change = null)
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
        }, _branding).Invoke(context);
        return context;
    }
}
