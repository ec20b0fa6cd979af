using AuthGateway.Core.Backends;
using AuthGateway.Core.Configuration;
using AuthGateway.Core.Faults;
using AuthGateway.Core.Identities;
using AuthGateway.Hosting;
using AuthGateway.Rendering;
using Microsoft.Extensions.Logging.Abstractions;

namespace AuthGateway.Commands;

/// <summary><c>check</c>.</summary>
internal static class CheckCommand
{
    public static Verb Create(CommandLineHost host)
    {
        var verb = new Verb(
            "check",
            "Reads the whole configuration as a start would, and tells every fault with file, key, value and remedy. Starts and changes nothing.",
            "authgateway check",
            "authgateway check --config new.json --json");
        host.Handle(verb, (context, _) => Task.FromResult(Run(context)));
        return verb;
    }

    private static int Run(CommandContext context)
    {
        var sources = RunSettings.Resolve(context.ConfigFile, context.StateDirectory);
        var load = ConfigurationLoader.Load(sources.ConfigFile, sources.StateDirectory, Environment.GetEnvironmentVariables());
        GatewayBuild? build = null;
        if (load.Options is { } options)
        {
            // No services: they would make a database, or migrate the one a running gateway has open.
            var backends = new BackendDependencies(local => new UnopenedBackend(local.Name), context.Time, NullLoggerFactory.Instance);
            build = new GatewayTableBuilder(backends, context.Time, GatewayServices.Tunnels(sources.StateDirectory)).Build(options, demo: false, load.Faults, previous: null);
        }

        var faults = load.Attribute(load.Faults).All;
        var errors = faults.Count(fault => fault.Severity == FaultSeverity.Error);
        if (context.Output.IsJson)
        {
            context.Output.Json(new { sound = build is not null, errors, warnings = faults.Count - errors, faults });
        }
        else
        {
            context.Output.Faults(faults);
            context.Output.Line(build is null
                ? $"{sources.ConfigFile}: {Count(errors, "fault")}; the gateway would not start with it."
                : $"{sources.ConfigFile}: sound. {Count(build.Table.Services.Services.Count, "service")} on {Count(build.Options.Hosts.Count, "host")}, {Count(build.Options.Backends.Count, "backend")}{(faults.Count > 0 ? $", {Count(faults.Count, "warning")}" : "")}.");
        }

        return build is null ? ExitCodes.ConfigurationFaults : ExitCodes.Done;
    }

    private static string Count(int number, string noun) => $"{number} {noun}{(number == 1 ? "" : "s")}";

    /// <summary>Stands for a local backend whose accounts nobody looks at.</summary>
    private sealed class UnopenedBackend(string name) : IBackend
    {
        private const string Why = "the accounts were not opened";

        public string Name => name;

        public ValueTask<BackendLookup> FindAsync(UserName typed, CancellationToken cancellationToken) => new(new BackendLookup.Unavailable(Why));

        public ValueTask<BackendAnswer> VerifyAsync(BackendLookup.Found user, Secret secret, CancellationToken cancellationToken) => new(new BackendAnswer.Unavailable(Why));

        public ValueTask<string?> ProbeAsync(CancellationToken cancellationToken) => new(Why);
    }
}
