using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AuthGateway.Core.Audit;

/// <summary>Registers the room.</summary>
public static class AuditServices
{
    /// <summary>The log and its worker; the store comes from elsewhere. Register it before whatever may still record while it stops.</summary>
    /// <param name="services">Where to.</param>
    /// <param name="contactMaxAge">How old contact data may be to be written down; asked for each record that has some.</param>
    public static IServiceCollection AddAudit(this IServiceCollection services, Func<IServiceProvider, Func<TimeSpan>> contactMaxAge)
    {
        services.AddOptions<AuditOptions>();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(provider => new AuditLog(
            provider.GetRequiredService<IAuditStore>(), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<AuditLog>>())
        {
            ContactMaxAge = contactMaxAge(provider),
        });
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, AuditWorker>());
        return services;
    }
}
