using System.Net;
using AuthGateway.Core.Edge;
using AuthGateway.Web.Portal;
using AuthGateway.Web.Portal.Forms;
using Microsoft.AspNetCore.Http;

namespace AuthGateway.Tests.Web.Portal;

/// <summary>SE-04: a form counts only when it came from a page of ours.</summary>
public sealed class FormGateTests
{
    private const string Own = "https://" + PortalBed.Host;
    private readonly PortalBed _bed = new();

    [Theory]
    [InlineData(null, null, 303)]
    [InlineData(Own, null, 303)]
    [InlineData(Own, "same-origin", 303)]
    [InlineData(null, "same-origin", 303)]
    [InlineData("null", "same-origin", 303)]
    [InlineData("null", null, 403)]
    [InlineData("https://evil.test", null, 403)]
    [InlineData("https://evil.test", "same-origin", 403)]
    [InlineData("https://mail.example.com.evil.test", null, 403)]
    [InlineData("http://mail.example.com", null, 403)]
    [InlineData("https://mail.example.com:8443", null, 403)]
    [InlineData("", null, 403)]
    [InlineData(Own, "cross-site", 403)]
    [InlineData(null, "cross-site", 403)]
    [InlineData(null, "same-site", 403)]
    [InlineData(null, "none", 403)]
    [InlineData(null, "", 403)]
    public async Task Post_HeadersOfBrowsers_DecideBeforeTheToken(string? origin, string? site, int status)
    {
        var browser = _bed.Browser();
        await browser.GetAsync("/.agw/sign-in");
        (string, string)[] headers = [.. origin is null ? [] : new[] { ("Origin", origin) }, .. site is null ? [] : new[] { ("Sec-Fetch-Site", site) }];

        var answer = await browser.SendAsync("POST", "/.agw/sign-in?rd=/files/", Form(browser.Cookies[GatewayCookies.Form]), headers);

        answer.Status.ShouldBe(status);
        (browser.Session is null).ShouldBe(status == 403);
        if (status == 403)
        {
            await ShouldHaveChargedNobodyAsync();
        }
    }

    [Fact]
    public async Task Post_WithoutToken_IsRefusedAndNotCounted()
    {
        var browser = _bed.Browser();
        await browser.GetAsync("/.agw/sign-in");

        (await browser.SendAsync("POST", "/.agw/sign-in", PortalBrowser.Encode([("name", "alice"), ("password", "wrong")]), [])).Status.ShouldBe(403);

        await ShouldHaveChargedNobodyAsync();
    }

    [Fact]
    public async Task Post_TokenOfAnotherBrowser_IsRefused()
    {
        var (browser, other) = (_bed.Browser(), _bed.Browser());
        await browser.GetAsync("/.agw/sign-in");
        await other.GetAsync("/.agw/sign-in");

        (await browser.SendAsync("POST", "/.agw/sign-in", Form(other.Cookies[GatewayCookies.Form]), [])).Status.ShouldBe(403);
        browser.Session.ShouldBeNull();
    }

    [Fact]
    public async Task Post_TokenCookieMadeUpByASibling_NeedsTheRightLength()
    {
        var browser = _bed.Browser();
        browser.Cookies[GatewayCookies.Form] = "";

        (await browser.SendAsync("POST", "/.agw/sign-in", Form(""), [])).Status.ShouldBe(403);
    }

    [Fact]
    public async Task Post_WithoutAnyCookie_ExplainsCookies()
    {
        var answer = await _bed.Browser().SendAsync("POST", "/.agw/sign-in", Form("x"), []);

        answer.Status.ShouldBe(403);
        answer.Text.ShouldContain("Your browser does not keep cookies.");
        (await _bed.Lockouts.ListAsync(null, 10, CancellationToken.None)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(null)]
    [InlineData("other=1")]
    [InlineData(GatewayCookies.Form + "=short")]
    public async Task Post_WithoutTokenCookie_IsRefusedUnread(string? cookies)
    {
        using var body = new MemoryStream(new byte[100_000]);
        var context = Post(cookies, body);

        await _bed.SendAsync(context, IPAddress.Parse(PortalBed.Inside));

        context.Response.StatusCode.ShouldBe(403);
        body.Position.ShouldBe(0);
        _bed.Audit.Records.Count(record => record.Reason == "foreign-form").ShouldBe(cookies is null ? 0 : 1);
    }

    [Fact]
    public async Task Post_MoreLargeOnesAtOnceThanAreRead_AreToldToComeBackAndPeopleSignIn()
    {
        var browser = _bed.Browser();
        await browser.GetAsync("/.agw/sign-in");
        var token = browser.Cookies[GatewayCookies.Form];
        var gate = new TaskCompletionSource();
        var slow = Enumerable.Range(0, LargeForms.Most)
            .Select(_ => _bed.SendAsync(Post($"{GatewayCookies.Form}={token}", new Late(gate.Task)), IPAddress.Parse(PortalBed.Outside)))
            .ToList();

        var busy = await browser.SendAsync("POST", "/.agw/sign-in", Form(token) + "&more=" + string.Concat(Enumerable.Repeat("&", 5000)), []);

        (busy.Status, busy.Headers.RetryAfter.ToString()).ShouldBe((503, "30"));
        (await browser.SendAsync("POST", "/.agw/sign-in", Form(token), [])).Status.ShouldBe(303);
        gate.SetResult();
        (await Task.WhenAll(slow)).ShouldAllBe(context => context.Response.StatusCode == 403);
        (await browser.SendAsync("POST", "/.agw/sign-in", Form(token), [])).Status.ShouldBe(303);
    }

    [Theory]
    [InlineData("/.agw/account/revoke-others")]
    [InlineData("/.agw/account/recovery-codes")]
    [InlineData("/.agw/sign-out")]
    public async Task Post_OfASignedInBrowser_NeedsTheTokenToo(string path)
    {
        var browser = _bed.Browser();
        await browser.SignInAsync();

        (await browser.SendAsync("POST", path, "form=" + new string('A', 43), [])).Status.ShouldBe(403);
        (await browser.GetAsync("/.agw/account")).Status.ShouldBe(200);
    }

    [Theory]
    [InlineData("text/plain", 415)]
    [InlineData("multipart/form-data; boundary=a", 415)]
    public async Task Post_OtherKindsOfForm_AreRefused(string type, int status)
    {
        var browser = _bed.Browser();
        await browser.GetAsync("/.agw/sign-in");

        (await browser.SendAsync("POST", "/.agw/sign-in", Form(browser.Cookies[GatewayCookies.Form]), [], type)).Status.ShouldBe(status);
    }

    private static string Form(string token) => PortalBrowser.Encode([(FormToken.FieldName, token), ("name", "alice"), ("password", PortalBed.Right)]);

    private static DefaultHttpContext Post(string? cookies, Stream body)
    {
        var context = new DefaultHttpContext();
        context.Request.Method = "POST";
        context.Request.Path = "/.agw/sign-in";
        context.Request.ContentType = "application/x-www-form-urlencoded";
        context.Request.Body = body;
        if (cookies is not null)
        {
            context.Request.Headers.Cookie = cookies;
        }

        return context;
    }

    private async Task ShouldHaveChargedNobodyAsync()
    {
        (await _bed.Lockouts.ListAsync(null, 10, CancellationToken.None)).ShouldBeEmpty();
        _bed.Audit.Records.ShouldContain(record => record.Reason == "foreign-form");
        _bed.Audit.Records.ShouldNotContain(record => record.Reason == "wrong-password");
    }

    /// <summary>A large body without a field, whose end is long in coming.</summary>
    private sealed class Late(Task end) : MemoryStream
    {
        private int _left = FormReader.FirstBytes + 1000;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_left > 0)
            {
                var count = Math.Min(_left, buffer.Length);
                buffer.Span[..count].Fill((byte)'&');
                _left -= count;
                return count;
            }

            await end;
            return 0;
        }
    }
}
