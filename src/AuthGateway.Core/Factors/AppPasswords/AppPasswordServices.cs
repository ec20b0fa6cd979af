using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace AuthGateway.Core.Factors.AppPasswords;

/// <summary>Registers the room.</summary>
public static class AppPasswordServices
{
    /// <summary>The live app passwords and their worker; store and key come from elsewhere.</summary>
    public static IServiceCollection AddAppPasswords(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<LiveAppPasswords>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, AppPasswordWorker>());
        return services;
    }
}
