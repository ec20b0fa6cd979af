using AuthGateway.Core.Audit;
using AuthGateway.Core.Backends.Local;
using AuthGateway.Core.Configuration;
using AuthGateway.Core.Factors.AppPasswords;
using AuthGateway.Core.Forwarding;
using AuthGateway.Core.Lockout;
using AuthGateway.Core.Login;
using AuthGateway.Core.Pipeline;
using AuthGateway.Core.Sessions;
using AuthGateway.Core.Tunnels;
using Microsoft.Extensions.DependencyInjection;

namespace AuthGateway.Core;

/// <summary>The list of rooms.</summary>
public static class CoreServices
{
    private static readonly LoginOptions s_untilLoaded = new();

    /// <summary>Registers every room of Core. Stores, pages and the first listener table come from outside.</summary>
    public static IServiceCollection AddAuthGateway(this IServiceCollection services) => services
        .AddAudit(provider => () => (provider.GetRequiredService<GatewayState>().CurrentOrNull?.Login ?? s_untilLoaded).ContactMaxAge)
        .AddLockout()
        .AddLocalAccounts()
        .AddAppPasswords()
        .AddSessions(provider => () => provider.GetRequiredService<GatewayState>().CurrentOrNull?.Sessions ?? new SessionOptions())
        .AddLogin(provider => () => provider.GetRequiredService<GatewayState>().CurrentOrNull is { } table
            ? new AccountRefreshSettings(table.Chain, table.Login.RefreshInterval) { UnconfirmedLifetime = table.Login.UnconfirmedLifetime, ActFor = table.ActFor }
            : null)
        .AddForwarding()
        .AddTunnels()
        .AddPipeline()
        .AddConfigurationRoom();
}
