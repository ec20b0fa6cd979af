using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace AuthGateway.Core.Lockout;

/// <summary>Registers the room.</summary>
public static class LockoutServices
{
    /// <summary>The guard and its worker; the store comes from elsewhere.</summary>
    public static IServiceCollection AddLockout(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<LockoutGuard>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, LockoutWorker>());
        return services;
    }
}
