using AuthGateway.Core.Login.SignOn;
using AuthGateway.Core.Login.Tickets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace AuthGateway.Core.Login;

/// <summary>Registers the room.</summary>
public static class LoginServices
{
    /// <summary>The flows; counters and backends come from their rooms.</summary>
    public static IServiceCollection AddLogin(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<LoginFlow>();
        services.TryAddSingleton<SignOnFlow>();
        services.TryAddSingleton<ITicketAcceptor, PlatformTicketAcceptor>();
        services.TryAddSingleton<TicketGate>();
        services.TryAddSingleton<SignInFlow>();
        services.TryAddSingleton<SecondFactorFlow>();
        services.TryAddSingleton<EnrolmentFlow>();
        return services;
    }
}
