using System.Globalization;
using System.Runtime.InteropServices;
using AuthGateway.Core.Configuration;
using AuthGateway.Core.Faults;
using AuthGateway.Core.Forwarding;
using AuthGateway.Core.Listeners;
using AuthGateway.Core.Pipeline;
using AuthGateway.Core.Telemetry;
using AuthGateway.Rendering;
using AuthGateway.Storage;
using AuthGateway.Storage.Protection;
using AuthGateway.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Serilog;

namespace AuthGateway.Hosting;

/// <summary>Starts the server and keeps it until it is told to stop.</summary>
internal static partial class GatewayHost
{
    /// <summary>First runtime whose Data Protection and chunk parser are sound (CVE-2026-40372, CVE-2025-55315).</summary>
    private static readonly Version LowestRuntime = new(10, 0, 12);

    private static readonly TimeSpan Drain = TimeSpan.FromSeconds(30);

    /// <summary>Runs until cancelled or signalled. Returns one of <see cref="ExitCodes"/>.</summary>
    /// <param name="sources">Configuration and state.</param>
    /// <param name="output">For faults of the start.</param>
    /// <param name="started">Called once the listeners are open.</param>
    /// <param name="cancellationToken">Stops the server.</param>
    public static async Task<int> RunAsync(GatewaySources sources, Output output, Func<IServiceProvider, Task>? started, CancellationToken cancellationToken)
    {
        CultureInfo.DefaultThreadCurrentCulture = CultureInfo.InvariantCulture;
        CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        if (Environment.Version < LowestRuntime)
        {
            output.Error($"The .NET runtime is {Environment.Version}; AuthGateway needs {LowestRuntime} or later.", "Install the current .NET 10 runtime.");
            return ExitCodes.Unavailable;
        }

        StateDirectory.Prepare(sources.StateDirectory);
        var load = ConfigurationLoader.Load(sources.ConfigFile, sources.StateDirectory, Environment.GetEnvironmentVariables());
        if (load.Options is not { } options)
        {
            output.Faults(load.Attribute(load.Faults).All);
            return ExitCodes.ConfigurationFaults;
        }

        await using var log = LogSetup.Create(options.Log);
        GatewayKestrel.RefuseBareLineFeeds();
        GatewayBuild? build = null;
        using var app = new HostBuilder()
            .UseContentRoot(sources.StateDirectory)
            .ConfigureLogging(logging => LogSetup.Filter(logging.AddSerilog(log, dispose: false), options.Log))
            .ConfigureServices(services =>
            {
                services.AddRoutingCore();
                services.AddAuthGatewayProgram(sources, options);
                services.AddSingleton(_ => new ListenerState(build!.Listeners));
                services.Configure<HostOptions>(host => host.ShutdownTimeout = Drain);
                services.AddSingleton<HealthProbe>();
                services.AddHostedService<ReloadWorker>();
                services.AddHostedService<SignalWorker>();
                services.AddHostedService<TunnelWorker>();
            })
            // Last, so that the listeners open when counters and audit are ready, and close before them.
            .ConfigureWebHost(web => web
                .UseKestrel(kestrel => GatewayKestrel.Configure(kestrel, build!.Listeners, kestrel.ApplicationServices.GetRequiredService<ListenerState>(), options.Limits, options.Kerberos.Realms.Count > 0))
                .Configure(MapRequests))
            .Build();

        try
        {
            _ = app.Services.GetRequiredService<Database>();
            _ = app.Services.GetRequiredService<FieldProtector>();
        }
        catch (Exception e) when (e is DatabaseRefusedException or MasterKeyRefusedException)
        {
            // Says itself what is wrong with the file and how to mend it.
            output.Error(e.Message, "Nothing was changed; start again when it is mended.");
            return ExitCodes.Unavailable;
        }
        catch (Exception e) when (e is StoreUnavailableException or IOException or UnauthorizedAccessException)
        {
            output.Error($"The database cannot be opened: {e.Message}", "See that the state folder exists, belongs to the user who runs the gateway and is on a local disk.");
            return ExitCodes.Unavailable;
        }

        build = app.Services.GetRequiredService<GatewayTableBuilder>().Build(options, sources.Demo, load.Faults, previous: null);
        var faults = load.Attribute(load.Faults);
        if (build is null)
        {
            output.Faults(faults.All);
            return ExitCodes.ConfigurationFaults;
        }

        output.Faults(faults.All);
        try
        {
            app.Services.GetRequiredService<GatewayReloader>().Start(build, faults, load.Files);
        }
        catch (IOException e)
        {
            output.Error(e.Message, "Start again when it is mended.");
            return ExitCodes.Unavailable;
        }

        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch (IOException e)
        {
            // Kestrel says which address and why. What was started before it is stopped first, so that this is the last word.
            await app.StopAsync(CancellationToken.None);
            output.Error(e.Message, "Stop what listens there, or change the listener's Url.");
            return ExitCodes.Unavailable;
        }

        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
        {
            signal.Cancel = true;
            _ = Task.Run(() => ReloadBySignalAsync(app.Services), CancellationToken.None);
        });
        if (started is not null)
        {
            await started(app.Services);
        }

        await app.WaitForShutdownAsync(cancellationToken);
        if (app.Services.GetRequiredService<GatewayReloader>().Current is { } last)
        {
            // Programs of backends are told to end; the kernel kills those that outlive us.
            await last.Table.Chain.RetireAsync(successor: null, TimeSpan.Zero, TimeProvider.System, CancellationToken.None);
        }

        return ExitCodes.Done;
    }

    private static async Task ReloadBySignalAsync(IServiceProvider services)
    {
        try
        {
            await services.GetRequiredService<GatewayReloader>().ReloadAsync("signal", CancellationToken.None);
        }
        catch (Exception e)
        {
            // Nobody waits for this task; a fault of ours must not vanish with it, and the running tables stay.
            Log.ReloadFailed(services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(GatewayHost)), e);
        }
    }

    private static void MapRequests(IApplicationBuilder app)
    {
        var listeners = app.ApplicationServices.GetRequiredService<ListenerState>();
        app.UseListenerGate(listeners);
        app.UsePlainListener(listeners);
        app.UseStaffListener();
        app.UseGatewayAssets();
        app.UseEnforcement();
        app.UsePortal();
        app.UseRouting();
        app.UseEndpoints(endpoints => endpoints.MapForwarding());
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.SignalReloadFailed, LogLevel.Error, "The reload asked for by signal failed; the running configuration stays.")]
        public static partial void ReloadFailed(Microsoft.Extensions.Logging.ILogger logger, Exception exception);
    }
}
