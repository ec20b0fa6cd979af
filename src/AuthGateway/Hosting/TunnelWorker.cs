using AuthGateway.Core.Tunnels;
using Microsoft.Extensions.Hosting;

namespace AuthGateway.Hosting;

/// <summary>Ends the tunnels when the gateway stops: after the listeners, so that running requests keep them while they drain.</summary>
internal sealed class TunnelWorker(TunnelSupervisor tunnels) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => tunnels.StopAsync();
}
