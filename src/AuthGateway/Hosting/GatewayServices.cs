using AuthGateway.Core.Backends.Local;
using AuthGateway.Core.Backends;
using AuthGateway.Core.Configuration;
using AuthGateway.Core.Forwarding;
using AuthGateway.Core.Login.Tickets;
using AuthGateway.Core.Tunnels;
using AuthGateway.Core;
using AuthGateway.Storage;
using AuthGateway.Web;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AuthGateway.Hosting;

/// <summary>The composition root: every room is registered here, for the server and for verbs alike.</summary>
internal static class GatewayServices
{
    public static IServiceCollection AddAuthGatewayProgram(this IServiceCollection services, GatewaySources sources, GatewayOptions options)
    {
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(sources);
        services.AddStorage(options.Storage.Path, options.Storage.KeyFile);
        services.AddSingleton(new BodySpool(options.Limits.CollectedBodyBytes, Path.GetTempPath()));
        services.AddSingleton(provider => new TicketKeys(sources.StateDirectory, provider.GetRequiredService<ILogger<TicketKeys>>()));
        services.AddSingleton(Tunnels(sources.StateDirectory));
        services.AddAuthGateway();
        services.AddWeb();
        services.AddSingleton<IConfigureOptions<Core.Audit.AuditOptions>>(new ConfigureOptions<Core.Audit.AuditOptions>(audit => audit.RetainDays = options.Audit.RetainDays));
        services.AddSingleton(provider => new BackendDependencies(
            local => ActivatorUtilities.CreateInstance<LocalBackend>(provider, local),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILoggerFactory>())
        {
            OwnProgram = OwnProgram(),
        });
        return services;
    }

    /// <summary>How this program was started: as itself, or by <c>dotnet authgateway.dll</c>.</summary>
    private static string[] OwnProgram()
    {
        var library = typeof(GatewayServices).Assembly.Location;
        return Environment.ProcessPath is not { } program ? []
            : Path.GetFileNameWithoutExtension(program) == "dotnet" && library.Length > 0 ? [program, library] : [program];
    }

    /// <summary>Where tunnels live, and how ssh asks this program for a secret: it starts one file, without arguments of ours.</summary>
    public static TunnelPlaces Tunnels(string stateDirectory)
    {
        var own = OwnProgram();
        var file = own.Length == 1 ? own[0] : own.Length == 2 ? Path.ChangeExtension(own[1], null) : "";
        return new TunnelPlaces(Path.Combine(stateDirectory, "tunnels"))
        {
            AskPass = File.Exists(file) ? file : "",
            DotnetRoot = own.Length == 2 ? Path.GetDirectoryName(own[0]) ?? "" : "",
        };
    }

    /// <summary>The services of a verb that works beside a running gateway: the same rooms, nothing started.</summary>
    public static ServiceProvider CreateForVerb(GatewaySources sources, GatewayOptions options) => ForVerb(sources, options).BuildServiceProvider();

    /// <summary>The same for a verb that only looks: the database is neither made nor migrated nor changed.</summary>
    public static ServiceProvider CreateForLooking(GatewaySources sources, GatewayOptions options) => ForVerb(sources, options)
        .Replace(ServiceDescriptor.Singleton(provider => Database.OpenReadOnly(
            options.Storage.Path, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<Database>>())))
        .BuildServiceProvider();

    private static IServiceCollection ForVerb(GatewaySources sources, GatewayOptions options)
    {
        var services = new ServiceCollection();
        services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.None));
        services.AddMetrics();
        return services.AddAuthGatewayProgram(sources, options);
    }
}
