using AuthGateway.Scenarios.Support;
using AuthGateway.TestKit.Gateway;

namespace AuthGateway.Scenarios.ActFor;

/// <summary>
/// The sample before the bed's OpenLDAP and the SOGo that believes the gateway, with DAV told the user by header. Who is in <c>webusers</c> (alice, bob) may
/// act there for the users of bed.test, from inside; a second host shows what reaches an upstream.
/// </summary>
public sealed class ActForGateway : IAsyncLifetime
{
    /// <summary>Where the echoing upstream is published as DAV.</summary>
    internal const string EchoHost = "auth.bed.test";

    private GatewayProcess? _gateway;

    internal GatewayProcess Gateway => _gateway ?? throw new InvalidOperationException("The gateway has not been started.");

    internal EchoUpstream Echo { get; } = new();

    /// <inheritdoc />
    public async Task InitializeAsync()
    {
        await Bed.EnsureUpAsync();
        _gateway = await GatewayProcess.StartAsync(new GatewaySetup
        {
            Configuration = Sample.Configuration(gateway =>
            {
                var dav = gateway["Services"]!["dav"]!;
                dav["Upstream"] = "sogo-trusted";
                dav["Identity"] = "header";
                gateway.AddHost(EchoHost);
                gateway.AddService("echo-dav", EchoHost, "sogo-dav", "password", Echo.TrustingUrl, service => service["Identity"] = "header-and-basic");
                gateway["Upstreams"]!["echo-dav"]!["TrustsIdentityHeader"] = true;
                gateway.AddService("closed-dav", EchoHost, "generic-web", "password", Echo.Url, service => service["Paths"] = Sample.Node("""["/closed"]"""));
                gateway["ActFor"] = Sample.Node(
                    """
                    {
                      "Grants": [{ "Groups": ["webusers"], "Domains": ["bed.test"], "Services": ["dav", "echo-dav"], "Networks": ["inside"] }]
                    }
                    """);
                gateway.RaiseAddressLimit();
            }),
        });
    }

    /// <inheritdoc />
    public async Task DisposeAsync()
    {
        if (_gateway is not null)
        {
            await _gateway.DisposeAsync();
        }

        await Echo.DisposeAsync();
    }

    /// <summary>A calendar client.</summary>
    internal GatewayClient Dav(string login) => new(Gateway, "mail.bed.test", null, login);

    /// <summary>A client of the upstream that shows what it receives.</summary>
    internal GatewayClient EchoClient(string login) => new(Gateway, EchoHost, null, login);
}
