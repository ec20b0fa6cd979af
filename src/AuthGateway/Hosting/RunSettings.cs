using AuthGateway.Core.Configuration;

namespace AuthGateway.Hosting;

/// <summary>Where configuration and state are, resolved from options, environment and defaults.</summary>
internal static class RunSettings
{
    private const string SystemConfig = "/etc/authgateway/appsettings.json";
    private const string SystemState = "/var/lib/authgateway";

    /// <summary><c>--config</c>, else <c>appsettings.json</c> here, else the system's; <c>--state</c>, else what systemd says, else the system's.</summary>
    public static GatewaySources Resolve(string? configFile, string? stateDirectory, bool demo = false)
    {
        var config = configFile ?? (File.Exists("appsettings.json") ? "appsettings.json" : SystemConfig);
        var state = stateDirectory ?? (Environment.GetEnvironmentVariable("STATE_DIRECTORY") is { Length: > 0 } given ? given.Split(':')[0] : SystemState);
        return new GatewaySources(Path.GetFullPath(config), Path.GetFullPath(state), demo);
    }
}
