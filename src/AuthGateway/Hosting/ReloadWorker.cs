using AuthGateway.Core.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AuthGateway.Hosting;

/// <summary>Watches the configuration and the files it names, and has a change loaded.</summary>
internal sealed class ReloadWorker(GatewaySources sources, GatewayReloader reloader, TimeProvider time, ILoggerFactory loggers) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => new ConfigurationWatcher(
        sources.ConfigFile,
        () => reloader.Files,
        reason => reloader.ReloadAsync(reason, stoppingToken),
        time,
        loggers.CreateLogger<ConfigurationWatcher>()).RunAsync(stoppingToken);
}
