using AuthGateway.Core.Audit;
using AuthGateway.Core.Backends.Local;
using AuthGateway.Core.Lockout;
using AuthGateway.Core.Signals;
using AuthGateway.Storage.Accounts;
using AuthGateway.Storage.Audit;
using AuthGateway.Storage.Lockout;
using AuthGateway.Storage.Signals;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace AuthGateway.Storage;

/// <summary>Registers the database and every store.</summary>
public static class StorageServices
{
    /// <summary>The file is opened, checked and migrated when the first store, or <see cref="Database"/> itself, is asked for.</summary>
    public static IServiceCollection AddStorage(this IServiceCollection services, string databasePath)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(provider => Database.Open(
            databasePath, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<Database>>()));
        services.TryAddSingleton<ILockoutStore, SqliteLockoutStore>();
        services.TryAddSingleton<IAuditStore, SqliteAuditStore>();
        services.TryAddSingleton<ILocalAccountStore, SqliteLocalAccountStore>();
        services.TryAddSingleton<ISignalStore, SqliteSignalStore>();
        return services;
    }
}
