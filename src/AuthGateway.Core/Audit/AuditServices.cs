using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace AuthGateway.Core.Audit;

/// <summary>Registers the room.</summary>
public static class AuditServices
{
    /// <summary>The log and its worker; the store comes from elsewhere. Register it before whatever may still record while it stops.</summary>
    public static IServiceCollection AddAudit(this IServiceCollection services)
    {
        services.AddOptions<AuditOptions>();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<AuditLog>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, AuditWorker>());
        return services;
    }
}
