using AuthGateway.TestKit.Gateway;

namespace AuthGateway.Browser.ActFor;

/// <summary>The sample, where members of <c>webusers</c> may act for the users of bed.test in the web mail, from inside.</summary>
public sealed class ActForGateway : IAsyncLifetime
{
    private GatewayProcess? _gateway;

    internal GatewayProcess Process => _gateway ?? throw new InvalidOperationException("The gateway has not been started.");

    /// <inheritdoc />
    public async Task InitializeAsync()
    {
        await Bed.EnsureUpAsync();
        _gateway = await GatewayProcess.StartAsync(new GatewaySetup
        {
            Configuration = Sample.Configuration(gateway => gateway["ActFor"] = Sample.Node(
                """
                {
                  "Grants": [{ "Groups": ["webusers"], "Domains": ["bed.test"], "Services": ["webmail"], "Networks": ["inside"] }]
                }
                """)),
        });
    }

    /// <inheritdoc />
    public async Task DisposeAsync()
    {
        if (_gateway is not null)
        {
            await _gateway.DisposeAsync();
        }
    }
}
