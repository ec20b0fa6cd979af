using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace AuthGateway.Core.Tunnels;

/// <summary>Registers the room.</summary>
public static class TunnelServices
{
    /// <summary>The supervisor, which opens nothing by itself. <see cref="TunnelPlaces"/> come from outside.</summary>
    public static IServiceCollection AddTunnels(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<TunnelMetrics>();
        services.AddSingleton<TunnelSupervisor>();
        return services;
    }
}
