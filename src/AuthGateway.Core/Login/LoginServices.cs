using AuthGateway.Core.Login.ActFor;
using AuthGateway.Core.Login.AppPasswords;
using AuthGateway.Core.Login.SignOn;
using AuthGateway.Core.Login.Tickets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace AuthGateway.Core.Login;

/// <summary>Registers the room.</summary>
public static class LoginServices
{
    /// <summary>The flows; counters and backends come from their rooms.</summary>
    /// <param name="services">Where they are registered.</param>
    /// <param name="refresh">Gives the backends in force and how often they are asked again; null before the first load.</param>
    public static IServiceCollection AddLogin(this IServiceCollection services, Func<IServiceProvider, Func<AccountRefreshSettings?>> refresh)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<LoginFlow>();
        services.TryAddSingleton<SignOnFlow>();
        services.TryAddSingleton<AppPasswordFlow>();
        services.TryAddSingleton<ActForFlow>();
        services.TryAddSingleton<ActingFlow>();
        services.TryAddSingleton<ITicketAcceptor, PlatformTicketAcceptor>();
        services.TryAddSingleton<TicketGate>();
        services.TryAddSingleton<SignInFlow>();
        services.TryAddSingleton<SecondFactorFlow>();
        services.TryAddSingleton<EnrolmentFlow>();
        services.TryAddSingleton<PasswordChangeFlow>();
        services.TryAddSingleton<AccountRefresher>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, AccountRefreshWorker>(provider => new AccountRefreshWorker(
            provider.GetRequiredService<AccountRefresher>(), refresh(provider), provider.GetRequiredService<TimeProvider>())));
        return services;
    }
}
