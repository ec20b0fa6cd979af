using AuthGateway.Core.Sessions.Tokens;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AuthGateway.Core.Sessions;

/// <summary>Registers the room.</summary>
public static class SessionServices
{
    /// <summary>The live sessions and their worker; the store comes from elsewhere.</summary>
    /// <param name="services">Where they are registered.</param>
    /// <param name="options">Gives the lifetimes in force, which a reload may change.</param>
    public static IServiceCollection AddSessions(this IServiceCollection services, Func<IServiceProvider, Func<SessionOptions>> options)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<LiveSessions>();
        services.TryAddSingleton<UpstreamTokens>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, SessionWorker>(provider => new SessionWorker(
            provider.GetRequiredService<LiveSessions>(), options(provider), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<SessionWorker>>())));
        return services;
    }
}
