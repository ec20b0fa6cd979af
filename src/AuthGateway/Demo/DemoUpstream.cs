using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using AuthGateway.Core.Audit;
using AuthGateway.Web.Pages;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AuthGateway.Demo;

/// <summary>
/// A server to stand behind the gateway of the demo: it shows who the gateway says you are, and answers ActiveSync. It takes
/// requests of the gateway only, known by the shared secret, so that nobody can reach it around the gateway.
/// </summary>
internal sealed class DemoUpstream : IAsyncDisposable
{
    /// <summary>Header the demo's services tell the login name in.</summary>
    public const string IdentityHeader = "X-Remote-User";

    /// <summary>Header with the shared secret.</summary>
    public const string SecretHeader = "X-AGW-Secret";

    private const string ActiveSyncPath = "/Microsoft-Server-ActiveSync";
    private const string StylePath = "/demo.css";

    private readonly WebApplication _app;

    private DemoUpstream(WebApplication app, Uri address) => (_app, Address) = (app, address);

    /// <summary>Where it listens: <c>http://127.0.0.1:PORT</c>.</summary>
    public Uri Address { get; }

    /// <summary>Starts on a loopback port; 0 takes a free one.</summary>
    public static async Task<DemoUpstream> StartAsync(string secret, int port, TimeProvider time, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(secret);
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = [], EnvironmentName = "Production" });
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.WebHost.UseSetting(WebHostDefaults.ServerUrlsKey, "");
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, port);
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 1024 * 1024;
        });
        var app = builder.Build();

        // Hashes are compared, so that neither content nor length shows in the time.
        var expected = SHA256.HashData(Encoding.UTF8.GetBytes(secret));
        app.Use(async (context, next) =>
        {
            var given = context.Request.Headers[SecretHeader];
            if (given.Count == 1 && CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(given[0]!)), expected))
            {
                await next(context);
                return;
            }

            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            context.Response.ContentType = "text/plain; charset=utf-8";
            await context.Response.WriteAsync("This server answers the gateway only.\n", context.RequestAborted);
        });

        var activeSync = new DemoActiveSync(IdentityHeader, time);
        app.Use(async (context, next) =>
        {
            if (context.Request.Path.StartsWithSegments(ActiveSyncPath, StringComparison.OrdinalIgnoreCase))
            {
                await activeSync.AnswerAsync(context);
            }
            else
            {
                await next(context);
            }
        });
        app.Run(context => context.Request.Path == StylePath ? StyleAsync(context) : ShowAsync(context));

        await app.StartAsync(cancellationToken);
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return new DemoUpstream(app, new Uri(address));
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        // Held polls are cut: the demo ends when its gateway does.
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }

    private static async Task StyleAsync(HttpContext context)
    {
        context.Response.ContentType = "text/css; charset=utf-8";
        context.Response.Headers.CacheControl = "max-age=60";
        await context.Response.Body.WriteAsync(GatewayAssets.Style, context.RequestAborted);
    }

    private static async Task ShowAsync(HttpContext context)
    {
        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
        {
            context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            return;
        }

        context.Response.ContentType = "text/html; charset=utf-8";
        PageHeaders.Apply(context.Response.Headers);
        if (HttpMethods.IsGet(context.Request.Method))
        {
            var page = context.Request.Path == DemoMailbox.Path
                ? DemoMailbox.Page(context.Request.Headers[IdentityHeader].ToString(), StylePath)
                : Page(context.Request);
            await context.Response.WriteAsync(page, context.RequestAborted);
        }
    }

    /// <summary>The page: who you are, and every header as it arrived, secrets masked.</summary>
    internal static string Page(HttpRequest request)
    {
        var user = request.Headers[IdentityHeader].ToString();
        var (state, sentence) = user.Length == 0
            ? ("warn", "The gateway does not say who you are.")
            : ("good", "The gateway vouches for you.");
        var rows = new StringBuilder();
        foreach (var (name, values) in request.Headers.OrderBy(header => !IsIdentity(header.Key)).ThenBy(header => header.Key, StringComparer.OrdinalIgnoreCase))
        {
            var mark = IsIdentity(name) ? " class=\"mark\"" : "";
            foreach (var value in values)
            {
                rows.Append($"<tr{mark}><th scope=\"row\">{Encode(name)}</th><td>{Encode(Masked(name, value ?? ""))}</td></tr>\n");
            }
        }

        return $"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>Behind the gateway</title>
            <link rel="icon" href="data:,">
            <link rel="stylesheet" href="{StylePath}">
            </head>
            <body>
            <main class="card wide">
            <p class="product">AuthGateway demo: the application behind the gateway</p>
            <p class="state {state}"><span aria-hidden="true">{(state == "good" ? "✓" : "!")}</span> {sentence}</p>
            <h1>You are {(user.Length == 0 ? "nobody yet" : Encode(user))}.</h1>
            <p class="remedy">This page never saw your password; it only believes the header {IdentityHeader}, and only together with the gateway's secret.</p>
            <p><a href="{DemoMailbox.Path}">Your mailbox</a> (asks for a second factor) · <a href="/.agw/account">My account</a> · <a href="/.agw/sign-out">Sign out</a></p>
            <h2>What arrived: {Encode(request.Method)} {Encode(request.Path)}</h2>
            <table class="stack">
            {rows}</table>
            </main>
            </body>
            </html>

            """;
    }

    private static bool IsIdentity(string header) => string.Equals(header, IdentityHeader, StringComparison.OrdinalIgnoreCase);

    private static string Masked(string name, string value) => name.ToUpperInvariant() switch
    {
        "AUTHORIZATION" or "PROXY-AUTHORIZATION" => $"{value.Split(' ', 2)[0]} (hidden, {value.Length} characters)",
        "X-AGW-SECRET" => $"(hidden, {value.Length} characters)",
        "COOKIE" => string.Join("; ", value.Split(';').Select(cookie => $"{cookie.Split('=', 2)[0].Trim()}=(hidden)")),
        _ => value,
    };

    private static string Encode(string? text) => HtmlEncoder.Default.Encode(VisibleText.Escape(text) ?? "");

    // Ctrl-C belongs to the gateway, which stops its upstream itself.
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
