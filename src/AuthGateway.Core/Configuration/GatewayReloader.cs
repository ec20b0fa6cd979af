using System.Collections;
using AuthGateway.Core.Audit;
using AuthGateway.Core.Faults;
using AuthGateway.Core.Forwarding;
using AuthGateway.Core.Listeners;
using AuthGateway.Core.Login.Tickets;
using AuthGateway.Core.Login;
using AuthGateway.Core.Pipeline;
using AuthGateway.Core.Telemetry;
using AuthGateway.Core.Tunnels;
using Microsoft.Extensions.Logging;

namespace AuthGateway.Core.Configuration;

/// <summary>Where the configuration comes from.</summary>
/// <param name="ConfigFile">Path of <c>appsettings.json</c>.</param>
/// <param name="StateDirectory">Directory relative paths start from.</param>
/// <param name="Demo">True for the demo, which may sign its own certificates.</param>
public sealed record GatewaySources(string ConfigFile, string StateDirectory, bool Demo);

/// <summary>How the last load went, for status and helpdesk.</summary>
/// <param name="At">When.</param>
/// <param name="Trigger">Why: start, file, signal.</param>
/// <param name="InForce">True when the load was put in force.</param>
/// <param name="Faults">Errors and warnings of that load.</param>
public sealed record LoadReport(DateTimeOffset At, string Trigger, bool InForce, IReadOnlyList<Fault> Faults);

/// <summary>
/// Builds everything, checks everything, swaps once. A load with errors changes nothing: the tables in force stay, and
/// log, audit and status say so.
/// </summary>
public sealed partial class GatewayReloader(
    GatewaySources sources,
    GatewayTableBuilder builder,
    GatewayState state,
    ListenerState listeners,
    ForwardingState forwarding,
    LoginFlow login,
    TicketKeys ticketKeys,
    AuditLog audit,
    TimeProvider time,
    ILogger<GatewayReloader> logger,
    TunnelSupervisor? tunnels = null)
{
    // Requests that took the old table may run for an hour; only its idle directory connections are closed after this.
    private static readonly TimeSpan ChainGrace = TimeSpan.FromSeconds(30);

    private readonly SemaphoreSlim _one = new(1, 1);

    /// <summary>The build in force.</summary>
    public GatewayBuild? Current { get; private set; }

    /// <summary>How the last load went.</summary>
    public LoadReport? Last { get; private set; }

    /// <summary>Files whose change asks for a reload.</summary>
    public IReadOnlyList<string> Files { get; private set; } = [];

    /// <summary>Puts the first build in force, which the start has already checked.</summary>
    /// <exception cref="IOException">The Kerberos keys could not be written.</exception>
    public void Start(GatewayBuild build, FaultList faults, IReadOnlyList<string> files)
    {
        if (ticketKeys.PutInForce(build.Table.Tickets) is { } unwritten)
        {
            throw new IOException(unwritten);
        }

        Swap(build);
        Files = [.. files, .. build.Files];
        Last = new LoadReport(time.GetUtcNow(), "start", InForce: true, faults.All);
        Log.Loaded(logger, build.Table.Generation, build.Table.Services.Services.Count, "start");
    }

    /// <summary>Loads again; true when the new configuration is in force.</summary>
    public async Task<bool> ReloadAsync(string trigger, CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            var (build, faults, files) = Load(sources, builder, Current);
            if (build is not null && ticketKeys.PutInForce(build.Table.Tickets) is { } unwritten)
            {
                faults.Error($"{ConfigurationTree.RootKey}:Kerberos", null, unwritten);
                _ = build.Table.Chain.RetireAsync(Current?.Table.Chain, TimeSpan.Zero, time, CancellationToken.None);
                build = null;
            }

            Files = build is null ? [.. files, .. Current?.Files ?? []] : [.. files, .. build.Files];
            Last = new LoadReport(time.GetUtcNow(), trigger, build is not null, faults.All);
            if (build is null)
            {
                foreach (var fault in faults.All.Where(fault => fault.Severity == FaultSeverity.Error))
                {
                    Log.Rejected(logger, FaultText.Render(fault));
                }

                await RecordAsync(trigger, "refused", "deny", $"{faults.All.Count(fault => fault.Severity == FaultSeverity.Error)} faults; the running configuration stays", cancellationToken);
                return false;
            }

            var old = Current;
            Swap(build);
            Log.Loaded(logger, build.Table.Generation, build.Table.Services.Services.Count, trigger);
            await RecordAsync(trigger, "loaded", "done", $"generation {build.Table.Generation}", cancellationToken);
            if (old is not null)
            {
                _ = old.Table.Chain.RetireAsync(build.Table.Chain, ChainGrace, time, CancellationToken.None);
            }

            return true;
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Loads and builds without putting anything in force: what <c>check</c> and the start do.</summary>
    public static (GatewayBuild? Build, FaultList Faults, IReadOnlyList<string> Files) Load(GatewaySources sources, GatewayTableBuilder builder, GatewayBuild? previous)
    {
        var load = ConfigurationLoader.Load(sources.ConfigFile, sources.StateDirectory, Environment.GetEnvironmentVariables());
        var build = load.Options is null ? null : builder.Build(load.Options, sources.Demo, load.Faults, previous);
        return (build, load.Attribute(load.Faults), load.Files);
    }

    private void Swap(GatewayBuild build)
    {
        // The forwarder first: a request judged by the new table must find its upstream.
        forwarding.Swap(build.Forwarding);
        listeners.Current = build.Listeners;
        state.Swap(build.Table);
        tunnels?.Apply(build.Tunnels);
        Current = build;
        login.ForgetAll();
    }

    private async Task RecordAsync(string trigger, string reason, string verdict, string detail, CancellationToken cancellationToken)
    {
        try
        {
            await audit.RecordAsync(
                new AuditRecord { At = time.GetUtcNow(), Event = AuditEvents.Configuration, Reason = $"configuration-{reason}", Verdict = verdict, Detail = $"{trigger}: {detail}" },
                cancellationToken);
        }
        catch (StoreUnavailableException e)
        {
            // The load itself stands; the log above has said it.
            Log.NotRecorded(logger, e);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.ConfigurationLoaded, LogLevel.Information, "Configuration {Generation} is in force ({Services} services, by {Trigger}).")]
        public static partial void Loaded(ILogger logger, long generation, int services, string trigger);

        [LoggerMessage(EventIds.ConfigurationRejected, LogLevel.Error, "The configuration has a fault; the running one stays. {Fault}")]
        public static partial void Rejected(ILogger logger, string fault);

        [LoggerMessage(EventIds.ConfigurationNotRecorded, LogLevel.Warning, "The load of the configuration could not be written into the audit.")]
        public static partial void NotRecorded(ILogger logger, Exception exception);
    }
}
