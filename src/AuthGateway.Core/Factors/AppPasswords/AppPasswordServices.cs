using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AuthGateway.Core.Factors.AppPasswords;

/// <summary>Registers the room.</summary>
public static class AppPasswordServices
{
    /// <summary>The live app passwords and their worker; store and key come from elsewhere.</summary>
    public static IServiceCollection AddAppPasswords(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(provider => new LiveAppPasswords(
            provider.GetRequiredService<IAppPasswordStore>(), provider.GetRequiredService<AppPasswordKey>, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<LiveAppPasswords>>()));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, AppPasswordWorker>());
        return services;
    }
}
