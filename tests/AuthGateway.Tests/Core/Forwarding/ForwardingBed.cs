using AuthGateway.Core.Faults;
using AuthGateway.Core.Forwarding;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Policies;
using AuthGateway.Core.Services;
using AuthGateway.Core.Sessions.Tokens;
using AuthGateway.TestKit;
using AuthGateway.TestKit.Gateway;
using AuthGateway.Tests.Core.Services;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;

namespace AuthGateway.Tests.Core.Forwarding;

/// <summary>The forwarder between a client and an upstream that keeps every byte; what the corridor found is the test's to say.</summary>
internal sealed class ForwardingBed : IAsyncDisposable
{
    private readonly IHost _host;
    private bool _isUpstreamStopped;

    private ForwardingBed(IHost host, EchoUpstream upstream, Service service, ManualTimeProvider clock)
    {
        Clock = clock;
        _host = host;
        Upstream = upstream;
        Admitted = new Told { Service = service };
        Client = new HttpClient { BaseAddress = new Uri(host.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()) };
    }

    public EchoUpstream Upstream { get; }

    public ManualTimeProvider Clock { get; }

    public HttpClient Client { get; }

    /// <summary>What the forwarder is told; null tells it nothing.</summary>
    public Told? Admitted { get; set; }

    /// <summary>Services whose upstream is the echo.</summary>
    public static async Task<ForwardingBed> StartAsync(string preset = "generic-web", Action<ServiceOptions>? change = null, string affinity = "none")
    {
        var upstream = new EchoUpstream();
        var services = new ServiceBed();
        services.Upstreams["app"] = services.Upstreams["sogo"] = new() { Destinations = [upstream.Url], TrustsIdentityHeader = true };
        var options = services.Services["web"] = ServiceBed.Service(preset, "app");
        change?.Invoke(options);
        services.Upstreams["app"].TrustsIdentityHeader = options.Identity is "" && preset is "generic-web" or "sogo-web" || options.Identity.Contains("header", StringComparison.Ordinal);
        services.Upstreams["app"].Affinity = affinity;
        services.Upstreams.Remove("sogo");
        var table = services.Sound();
        var faults = new FaultList();
        var forwarding = ForwardingTable.Build(table.Services, services.Upstreams, faults);
        faults.All.ShouldBeEmpty();

        var clock = new ManualTimeProvider();
        ForwardingBed? bed = null;
        var host = new HostBuilder()
            .ConfigureLogging(logging => logging.SetMinimumLevel(LogLevel.None))
            .ConfigureServices(inner => inner.AddRoutingCore().AddSingleton<TimeProvider>(clock).AddForwarding())
            .ConfigureWebHost(web => web.UseKestrel().UseUrls("http://127.0.0.1:0").Configure(app =>
            {
                app.Use(next => context =>
                {
                    if (bed!.Admitted is { } admitted)
                    {
                        admitted.Raw = context.Features.Get<IHttpRequestFeature>()!.RawTarget;
                        context.Features.Set<IAdmittedRequest>(admitted);
                        context.Features.Get<IHttpMaxRequestBodySizeFeature>()!.MaxRequestBodySize = admitted.Service.MaxBodyBytes;
                    }

                    return next(context);
                });
                app.UseRouting();
                app.UseEndpoints(endpoints => endpoints.MapForwarding());
            }))
            .Build();
        await host.StartAsync();
        host.Services.GetRequiredService<ForwardingState>().Swap(forwarding);
        return bed = new ForwardingBed(host, upstream, table.Services[0], clock);
    }

    /// <summary>Sends a request and gives what the upstream received of it.</summary>
    public async Task<EchoRequest> SendAsync(HttpRequestMessage request)
    {
        using var answer = await Client.SendAsync(request);
        ((int)answer.StatusCode).ShouldBeLessThan(400);
        return Upstream.Requests[^1];
    }

    public Task<EchoRequest> GetAsync(string target, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Client.BaseAddress!.GetLeftPart(UriPartial.Authority) + target, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value).ShouldBeTrue();
        }

        return SendAsync(request);
    }

    public async Task StopUpstreamAsync()
    {
        _isUpstreamStopped = true;
        await Upstream.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _host.StopAsync();
        _host.Dispose();
        if (!_isUpstreamStopped)
        {
            await Upstream.DisposeAsync();
        }
    }

    /// <summary>An admitted request as a test tells it.</summary>
    internal sealed class Told : IAdmittedRequest
    {
        public string Raw { get; set; } = "/";

        public bool IsAllowed { get; set; } = true;

        public string RequestId => "request-1";

        public required Service Service { get; set; }

        public string Host => ServiceBed.Mail;

        public string Authority => ServiceBed.Mail + ":8443";

        public string Port => "8443";

        public string EncodedPath => Raw.Split('?')[0];

        public string Query => Raw.Contains('?', StringComparison.Ordinal) ? Raw[Raw.IndexOf('?', StringComparison.Ordinal)..] : "";

        public string ClientAddress => "203.0.113.5";

        public string? DestinationPath { get; set; }

        public string? Login { get; set; } = "alice";

        public Secret? Password { get; set; } = Secret.FromText("pässword");

        /// <summary>The token the forwarder is given.</summary>
        public UpstreamToken Token { get; } = UpstreamToken.New();

        public UpstreamToken TakeToken() => Token;

        public bool IsWebSocket { get; set; }

        public CancellationToken Ended { get; set; }

        public bool HasSession { get; set; }

        public bool BringsForeignCookies { get; set; }

        /// <summary>Names of cookies an upstream has set.</summary>
        public List<string> OwnCookies { get; } = [];

        public bool IsOwnCookie(string name) => OwnCookies.Contains(name, StringComparer.Ordinal);

        public void KeepOwnCookies(StringValues setCookies) => OwnCookies.AddRange(setCookies.Select(line => line!.Split('=')[0]));

        public Func<ValueTask<bool>> Stands { get; set; } = () => new(true);

        public ValueTask<bool> StillStandsAsync() => Stands();

        public string Realm => "Mail";

        /// <summary>What the forwarder said went wrong.</summary>
        public List<(VerdictReason Reason, string? Detail)> Failures { get; } = [];

        public async Task FailAsync(HttpContext context, VerdictReason reason, string? detail)
        {
            Failures.Add((reason, detail));
            if (!context.Response.HasStarted)
            {
                context.Response.StatusCode = reason.Status;
                await context.Response.WriteAsync($"told {reason.Code}");
            }
        }
    }
}
