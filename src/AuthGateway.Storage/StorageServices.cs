using AuthGateway.Core.Audit;
using AuthGateway.Core.Backends.Local;
using AuthGateway.Core.Factors.AppPasswords;
using AuthGateway.Core.Factors.Enrolment;
using AuthGateway.Core.Factors.RecoveryCodes;
using AuthGateway.Core.Factors.Totp;
using AuthGateway.Core.Lockout;
using AuthGateway.Core.Sessions;
using AuthGateway.Core.Signals;
using AuthGateway.Storage.Accounts;
using AuthGateway.Storage.Audit;
using AuthGateway.Storage.Factors;
using AuthGateway.Storage.Lockout;
using AuthGateway.Storage.Protection;
using AuthGateway.Storage.Sessions;
using AuthGateway.Storage.Signals;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace AuthGateway.Storage;

/// <summary>Registers the database and every store.</summary>
public static class StorageServices
{
    /// <summary>
    /// The file is opened, checked and migrated when the first store, or <see cref="Database"/> itself, is asked for; the key when
    /// <see cref="FieldProtector"/> is, or the first seed: what has no secrets works without it.
    /// </summary>
    public static IServiceCollection AddStorage(this IServiceCollection services, string databasePath, string keyPath)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(provider => Database.Open(
            databasePath, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<Database>>()));
        services.TryAddSingleton<ILockoutStore, SqliteLockoutStore>();
        services.TryAddSingleton<IAuditStore, SqliteAuditStore>();
        services.TryAddSingleton<ILocalAccountStore, SqliteLocalAccountStore>();
        services.TryAddSingleton<ISignalStore, SqliteSignalStore>();
        services.TryAddSingleton(provider => ProtectionOpening.Open(
            provider.GetRequiredService<Database>(), keyPath, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<FieldProtector>>()));
        services.TryAddSingleton<ISessionStore, SqliteSessionStore>();
        services.TryAddSingleton<ITotpStore>(provider => new SqliteTotpStore(provider.GetRequiredService<Database>(), provider.GetRequiredService<FieldProtector>));
        services.TryAddSingleton<IRecoveryCodeStore, SqliteRecoveryCodeStore>();
        services.TryAddSingleton<IEnrolmentCodeStore, SqliteEnrolmentCodeStore>();
        services.TryAddSingleton<IAppPasswordStore, SqliteAppPasswordStore>();
        services.TryAddSingleton(provider => provider.GetRequiredService<FieldProtector>().MakeAppPasswordKey());
        return services;
    }
}
