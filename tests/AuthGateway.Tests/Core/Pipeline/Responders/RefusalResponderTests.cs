using System.Text;
using AuthGateway.Core.Pipeline;
using AuthGateway.Core.Pipeline.Responders;
using AuthGateway.Core.Policies;
using AuthGateway.Core.Services;
using AuthGateway.Tests.Core.Services;
using AuthGateway.Web.Pages;
using AuthGateway.Web.Refusal;
using Microsoft.AspNetCore.Http;

namespace AuthGateway.Tests.Core.Pipeline.Responders;

public sealed class RefusalResponderTests
{
    private readonly RequestBed _bed = new();

    public RefusalResponderTests() => _bed.Services.Services["phones"] = ServiceBed.Service("generic-activesync", "app");

    [Theory]
    [InlineData("text/html", ServiceKind.Web)]
    [InlineData("*/*", ServiceKind.Web)]
    [InlineData("text/html", ServiceKind.ActiveSync)]
    public async Task Tell_RefusedLogins_AreAlikeToTheByte(string accept, ServiceKind kind)
    {
        var told = new List<string>();
        foreach (var reason in new[] { VerdictReason.WrongPassword, VerdictReason.UnknownUser, VerdictReason.AccountLocked, VerdictReason.AccountState, VerdictReason.EmptyPassword })
        {
            told.Add((await Tell(Verdict.Deny(reason), accept: accept, kind: kind, id: $"id-{told.Count}")).Replace($"id-{told.Count}", "ID", StringComparison.Ordinal));
        }

        told.Distinct(StringComparer.Ordinal).ShouldHaveSingleItem().ShouldStartWith("401\n");
    }

    [Fact]
    public async Task Tell_CredentialsWanted_NamesRealmAndCharset() =>
        (await Tell(Verdict.Challenge(VerdictReason.CredentialsMissing))).ShouldContain("WWW-Authenticate: Basic realm=\"Mail\", charset=\"UTF-8\"\n");

    [Fact]
    public async Task Tell_MethodNotAllowed_NamesTheMethods() =>
        (await Tell(Verdict.Deny(VerdictReason.MethodNotAllowed))).ShouldContain("Allow: GET, HEAD, OPTIONS, POST\n");

    [Theory]
    [InlineData("backend-unavailable", "503", "30")]
    [InlineData("store-unavailable", "503", "30")]
    [InlineData("busy", "503", "30")]
    [InlineData("address-locked", "429", "600")]
    public async Task Tell_LaterAgain_SaysWhen(string code, string status, string after)
    {
        var told = await Tell(Verdict.Unavailable(VerdictReason.All[code]));
        told.ShouldStartWith(status + "\n");
        told.ShouldContain($"Retry-After: {after}\n");
        told.ShouldNotContain("WWW-Authenticate");
    }

    [Theory]
    [InlineData(443, "https://mail.example.com/SOGo/")]
    [InlineData(8443, "https://mail.example.com:8443/SOGo/")]
    public async Task Tell_Redirect_IsHttpsWithThePort(int port, string location)
    {
        var told = await Tell(Verdict.Redirect, port: port, redirectTo: "/SOGo/");
        told.ShouldStartWith("301\n");
        told.ShouldContain($"Location: {location}\n");
        told.ShouldEndWith("\n\n");
    }

    [Fact]
    public async Task Tell_Head_HasNoBody()
    {
        var told = await Tell(Verdict.Deny(VerdictReason.NoRule), method: "HEAD");
        told.ShouldStartWith("403\n");
        told.ShouldEndWith("\n\n");
    }

    [Fact]
    public async Task Tell_NothingDecided_IsAServerError() => (await Tell(default)).ShouldStartWith("500\n");

    [Theory]
    [InlineData("text/html,*/*", ServiceKind.Web, "text/html; charset=utf-8")]
    [InlineData("application/json", ServiceKind.Web, "text/plain; charset=utf-8")]
    [InlineData("text/html", ServiceKind.ActiveSync, "text/plain; charset=utf-8")]
    public async Task Tell_Form_FollowsTheKindOfClient(string accept, ServiceKind kind, string type)
    {
        var told = await Tell(Verdict.Deny(VerdictReason.NoRule), accept: accept, kind: kind);
        told.ShouldContain($"Content-Type: {type}\n");
        told.ShouldContain("Cache-Control: no-store\n");
        told.ShouldContain("X-Content-Type-Options: nosniff\n");
    }

    [Fact]
    public async Task TellAtTheEdge_NeverRepeatsTheHostOrAPage()
    {
        var context = Context("GET", "text/html", "id");
        context.Request.Host = new HostString("evil.example.com");
        await Responder().TellAtTheEdgeAsync(context, _bed.Table(), VerdictReason.MethodNotAllowed);
        var told = Told(context);
        told.ShouldStartWith("405\n");
        told.ShouldContain("Allow: GET, HEAD, POST, OPTIONS\n");
        told.ShouldContain("Content-Type: text/plain; charset=utf-8\n");
        told.ShouldNotContain("evil");
    }

    private static DefaultHttpContext Context(string method, string accept, string id)
    {
        var context = new DefaultHttpContext { TraceIdentifier = id };
        context.Request.Method = method;
        context.Request.Headers.Accept = accept;
        context.Response.Body = new MemoryStream();
        return context;
    }

    private static string Told(HttpContext context) =>
        $"{context.Response.StatusCode}\n{string.Concat(context.Response.Headers.Where(header => header.Key != "Content-Length").OrderBy(header => header.Key, StringComparer.Ordinal).Select(header => $"{header.Key}: {header.Value}\n"))}\n{Encoding.UTF8.GetString(((MemoryStream)context.Response.Body).ToArray())}";

    private RefusalResponder Responder() => new(new RefusalPage(new Branding(new GatewayState())), _bed.Clock);

    private async Task<string> Tell(
        Verdict verdict, string method = "GET", string accept = "*/*", ServiceKind kind = ServiceKind.Web, int port = 443, string? redirectTo = null, string id = "id")
    {
        var request = _bed.Request(method: method, port: port);
        request.Service = request.Table.Services.Services.Single(service => service.Kind == kind);
        (request.Verdict, request.RedirectTo) = (verdict, redirectTo);
        var context = Context(method, accept, id);
        await Responder().TellAsync(context, request);
        return Told(context);
    }
}
