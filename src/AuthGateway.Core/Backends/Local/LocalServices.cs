using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace AuthGateway.Core.Backends.Local;

/// <summary>Registers what local accounts need.</summary>
public static class LocalServices
{
    /// <summary>Hasher and lanes, one of each for the process; backends themselves are made from the configuration's list.</summary>
    public static IServiceCollection AddLocalAccounts(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<PasswordHasher>();
        services.TryAddSingleton<HashLanes>();
        return services;
    }
}
