using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using AuthGateway.Scenarios.Support;
using AuthGateway.TestKit.Gateway;

namespace AuthGateway.Scenarios.Outages;

/// <summary>The sample configuration with a network of the test's own before the directory, and upstreams that answer at once.</summary>
internal sealed class DirectoryGateway : IAsyncDisposable
{
    public const string Host = "mail.bed.test";

    private const int DirectoryPort = 3636;

    private DirectoryGateway(GatewayProcess gateway, TcpRelay network, EchoUpstream echo) => (Gateway, Network, Echo) = (gateway, network, echo);

    public GatewayProcess Gateway { get; }

    public TcpRelay Network { get; }

    public EchoUpstream Echo { get; }

    public static async Task<DirectoryGateway> StartAsync(Action<JsonObject>? change = null, bool relayed = true, Action<string>? prepare = null)
    {
        await Bed.EnsureUpAsync();
        var network = new TcpRelay(DirectoryPort);
        var echo = new EchoUpstream();
        try
        {
            var gateway = await GatewayProcess.StartAsync(new GatewaySetup
            {
                Configuration = Sample.Configuration(configuration =>
                {
                    if (relayed)
                    {
                        configuration.Directory()["Hosts"] = new JsonArray($"ldaps://127.0.0.1:{network.Port}");
                    }

                    configuration.RaiseAddressLimit();
                    configuration["Upstreams"]!["sogo"] = new JsonObject { ["Destinations"] = new JsonArray(echo.Url) };
                    configuration["Upstreams"]!["sogo-trusted"] = new JsonObject { ["Destinations"] = new JsonArray(echo.TrustingUrl), ["TrustsIdentityHeader"] = true };
                    configuration["Upstreams"]!["static"] = new JsonObject { ["Destinations"] = new JsonArray(echo.Url) };
                    // Local accounts are in no group of the directory.
                    configuration["Policies"]!["password"] = Sample.Node("""{ "Factors": ["password"] }""");
                    change?.Invoke(configuration);
                }),
                Prepare = prepare,
            });
            return new DirectoryGateway(gateway, network, echo);
        }
        catch
        {
            await network.DisposeAsync();
            await echo.DisposeAsync();
            throw;
        }
    }

    /// <summary>One login from an address of its own; how it ended and how long it took.</summary>
    public async Task<(Answer Answer, TimeSpan Took)> LoginAsync(string login)
    {
        using var client = new GatewayClient(Gateway, Host, null, login);
        // The handshake is not what is measured.
        await client.GetAsync("/.well-known/caldav");
        var watch = Stopwatch.StartNew();
        var answer = await client.SendAsync("PROPFIND", "/SOGo/dav/x/", null, ("Depth", "0"));
        return (answer, watch.Elapsed);
    }

    /// <summary>Something that needs no login.</summary>
    public async Task<(Answer Answer, TimeSpan Took)> OpenAsync()
    {
        using var client = new GatewayClient(Gateway, Host);
        var watch = Stopwatch.StartNew();
        var answer = await client.GetAsync("/SOGo.woa/WebServerResources/x.css");
        return (answer, watch.Elapsed);
    }

    /// <summary>The counters of failed logins.</summary>
    public async Task<JsonElement> CountersAsync()
    {
        using var document = JsonDocument.Parse((await Gateway.RunCliAsync(["lockout", "list", "--json"])).Output);
        return document.RootElement.Clone();
    }

    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        await Network.DisposeAsync();
        await Echo.DisposeAsync();
    }
}
