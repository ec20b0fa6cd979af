using Microsoft.Extensions.DependencyInjection;

namespace AuthGateway.Core.Configuration;

/// <summary>Registration of loading and reloading.</summary>
public static class ConfigurationServices
{
    /// <summary>Registers builder and reloader.</summary>
    public static IServiceCollection AddConfigurationRoom(this IServiceCollection services) => services
        .AddSingleton<GatewayTableBuilder>()
        .AddSingleton<GatewayReloader>();
}
