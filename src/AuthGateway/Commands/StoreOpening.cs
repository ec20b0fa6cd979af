using AuthGateway.Core.Audit;
using AuthGateway.Core.Backends;
using AuthGateway.Core.Backends.Local;
using AuthGateway.Core.Configuration;
using AuthGateway.Core.Factors.AppPasswords;
using AuthGateway.Core.Factors.Enrolment;
using AuthGateway.Core.Factors.RecoveryCodes;
using AuthGateway.Core.Factors.Totp;
using AuthGateway.Core.Faults;
using AuthGateway.Core.Lockout;
using AuthGateway.Core.Sessions;
using AuthGateway.Core.Signals;
using AuthGateway.Hosting;
using AuthGateway.Rendering;
using Microsoft.Extensions.DependencyInjection;

namespace AuthGateway.Commands;

/// <summary>Opens the stores the configuration names, for verbs. The one place where verbs meet the database.</summary>
internal static class StoreOpening
{
    /// <summary>Loads the configuration, opens the database in the state folder and hands over its stores.</summary>
    /// <exception cref="CommandFailedException">The configuration has faults, or the database cannot be opened.</exception>
    public static Task<Stores> OpenAsync(CommandContext context)
    {
        var sources = RunSettings.Resolve(context.ConfigFile, context.StateDirectory);
        var options = LoadForStores(context, sources);
        if (!context.OnlyLooks)
        {
            StateDirectory.Prepare(sources.StateDirectory);
        }

        var local = options.Backends.OfType<LocalBackendOptions>().FirstOrDefault();
        var services = context.OnlyLooks ? Look(context, sources, options) : GatewayServices.CreateForVerb(sources, options);
        try
        {
            return Task.FromResult(new Stores
            {
                Accounts = services.GetRequiredService<ILocalAccountStore>(),
                Lockouts = services.GetRequiredService<ILockoutStore>(),
                Sessions = services.GetRequiredService<ISessionStore>(),
                Apps = services.GetRequiredService<ITotpStore>(),
                RecoveryCodes = services.GetRequiredService<IRecoveryCodeStore>(),
                EnrolmentCodes = services.GetRequiredService<IEnrolmentCodeStore>(),
                AppPasswords = services.GetRequiredService<IAppPasswordStore>(),
                AppPasswordKey = services.GetRequiredService<AppPasswordKey>,
                OpenGateway = () => ConfiguredGateway.Open(context, services),
                Audit = services.GetRequiredService<IAuditStore>(),
                Signals = services.GetRequiredService<ISignalStore>(),
                Passwords = local is null ? PasswordPolicy.Default : PasswordPolicy.From(local),
                LocalBackend = local?.Name ?? "local",
                Owner = services,
            });
        }
        catch (StoreUnavailableException e)
        {
            services.Dispose();
            throw new CommandFailedException(ExitCodes.Unavailable, e.Message, "See that the state folder exists and belongs to the user who runs the gateway.");
        }
    }

    // The gateway runs on with its old table while a file has a fault; whoever is locked out just then must still be helped.
    private static GatewayOptions LoadForStores(CommandContext context, GatewaySources sources)
    {
        var load = ConfigurationLoader.Load(sources.ConfigFile, sources.StateDirectory, Environment.GetEnvironmentVariables());
        if (load.Options is { } options)
        {
            return options;
        }

        var usual = new GatewayOptions();
        usual.Storage.Path = Path.Combine(sources.StateDirectory, usual.Storage.Path);
        usual.Storage.KeyFile = Path.Combine(sources.StateDirectory, usual.Storage.KeyFile);
        if (!File.Exists(usual.Storage.Path))
        {
            return LoadOptions(context).Options;
        }

        context.Output.Progress($"The configuration has faults (\"authgateway check\" shows them); going on with {usual.Storage.Path}.");
        return usual;
    }

    /// <summary>The rooms for a verb that looks and changes nothing, the database included; a missing one is said and read as empty.</summary>
    public static ServiceProvider Look(CommandContext context, GatewaySources sources, GatewayOptions options)
    {
        if (!File.Exists(options.Storage.Path))
        {
            context.Output.Progress($"There is no database at {options.Storage.Path} yet: no account and no counter is known.");
        }

        return GatewayServices.CreateForLooking(sources, options);
    }

    /// <summary>Reads the configuration and tells every fault, without building anything from it.</summary>
    public static (GatewaySources Sources, GatewayOptions Options) LoadOptions(CommandContext context)
    {
        var sources = RunSettings.Resolve(context.ConfigFile, context.StateDirectory);
        var load = ConfigurationLoader.Load(sources.ConfigFile, sources.StateDirectory, Environment.GetEnvironmentVariables());
        if (load.Options is { } options)
        {
            return (sources, options);
        }

        context.Output.Faults(load.Attribute(load.Faults).All);
        throw new CommandFailedException(ExitCodes.ConfigurationFaults, "The configuration has faults.", "Mend them; \"authgateway check\" shows them all again.");
    }
}
