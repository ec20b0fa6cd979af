using AuthGateway.Core.Backends;
using AuthGateway.Core.Devices;
using AuthGateway.Core.Factors;
using AuthGateway.Core.Faults;
using AuthGateway.Core.Forwarding;
using AuthGateway.Core.Listeners;
using AuthGateway.Core.Lockout;
using AuthGateway.Core.Login.ActFor;
using AuthGateway.Core.Login.SignOn;
using AuthGateway.Core.Login.Tickets;
using AuthGateway.Core.Networks;
using AuthGateway.Core.Pipeline;
using AuthGateway.Core.Services;
using AuthGateway.Core.Sessions.Tokens;
using AuthGateway.Core.Tunnels;
using Microsoft.Extensions.Logging;

namespace AuthGateway.Core.Configuration;

/// <summary>Everything one load produces, checked as a whole and ready to be put in force in one go.</summary>
/// <param name="Options">The options it was built from.</param>
/// <param name="Table">What requests are judged by.</param>
/// <param name="Listeners">What connections are accepted by.</param>
/// <param name="Forwarding">Where admitted requests go.</param>
/// <param name="Files">Files besides the configuration whose change asks for a reload.</param>
public sealed record GatewayBuild(
    GatewayOptions Options, GatewayTable Table, ListenerTable Listeners, ForwardingTable Forwarding, IReadOnlyList<string> Files)
{
    /// <summary>The options of the first build of this process: some are taken at start only, however often the file changes after.</summary>
    public GatewayOptions StartedWith { get; init; } = Options;

    /// <summary>Tunnels to keep open.</summary>
    public TunnelTable Tunnels { get; init; } = TunnelTable.Empty;
}

/// <summary>From options to tables: asks every room to build its part and to name every fault.</summary>
/// <param name="backends">What backends are built with.</param>
/// <param name="time">The clock.</param>
/// <param name="places">Where tunnels live; null where none can be built.</param>
public sealed class GatewayTableBuilder(BackendDependencies backends, TimeProvider time, TunnelPlaces? places = null)
{
    private long _generation;

    /// <summary>Builds everything, or returns null with at least one error in <paramref name="faults"/>.</summary>
    /// <param name="options">Validated one by one by the binder.</param>
    /// <param name="demo">True allows self-signed certificates.</param>
    /// <param name="faults">Where faults are added.</param>
    /// <param name="previous">The build in force, whose backends and certificates are taken over where nothing changed.</param>
    public GatewayBuild? Build(GatewayOptions options, bool demo, FaultList faults, GatewayBuild? previous)
    {
        OptionsRules.Check(options, faults);
        if (previous is not null)
        {
            RestartRules.Warn(previous.StartedWith, options, faults);
        }

        var networks = NetworkCatalog.Build(options.Networks, faults);
        var forwarders = networks.Resolve(options.TrustedForwarders, "AuthGateway:TrustedForwarders", faults);
        PageLook.CheckColor(options.Pages, faults);
        var logo = PageLook.LoadLogo(options.Pages, faults);
        var devices = DeviceTrust.Build(options.Devices, faults);
        var services = ServiceTableBuilder.Build(options.Hosts, options.Upstreams, options.Services, options.Policies, networks, faults);
        var enrolFrom = networks.Resolve(options.Factors.Totp.EnrolFrom, "AuthGateway:Factors:Totp:EnrolFrom", faults);
        var passwordFrom = options.Login.PasswordChangeFrom.Count == 0 ? NetworkSet.Any : networks.Resolve(options.Login.PasswordChangeFrom, "AuthGateway:Login:PasswordChangeFrom", faults);
        var tunnels = TunnelRules.Build(options, places, faults);
        var forwarding = ForwardingTable.Build(services.Services, options.Upstreams, faults, places);
        var listeners = ListenerTable.Build(options.Listeners, options.Hosts, devices ?? DeviceTrust.Empty, networks, demo, faults, previous?.Listeners, time, backends.Loggers.CreateLogger("AuthGateway.Core.Listeners"));
        if (devices is { Authorities.Count: 0 })
        {
            foreach (var service in services.Services.Where(service => service.Rules.Any(rule => rule.Policy.RequiresDevice)))
            {
                faults.Error($"AuthGateway:Services:{service.Name}:Rules", null, "A rule asks for a device, but no device authority is configured. Add one under Devices:Authorities.");
            }
        }

        var trustedHeader = TrustedHeader.Build(options.TrustedHeader, networks, faults);
        var tickets = KerberosTable.Build(options.Kerberos, [.. options.Backends.Select(backend => backend.Name)], networks, faults);
        var actFor = ActForTable.Build(options.ActFor, services, networks, faults);
        SignOnRules.Check(options, services, devices, faults);
        var tokens = TokenTable.Build(options.SessionTokens, networks, faults);
        SessionTokenRules.Check(options, services, faults);
        SecretOnlyRules.Check(options, services, faults);
        var chain = BackendFactory.Build(options.Backends, faults, places is null ? backends : backends with { TunnelSocket = places.Socket }, previous?.Table.Chain);
        if (faults.HasErrors || devices is null || listeners is null || chain is null)
        {
            // What only this chain has opened is given back; the running one goes on.
            _ = chain?.RetireAsync(previous?.Table.Chain, TimeSpan.Zero, time, CancellationToken.None);
            return null;
        }

        var table = new GatewayTable
        {
            Generation = Interlocked.Increment(ref _generation),
            BuiltAt = time.GetUtcNow(),
            Services = services,
            Networks = networks,
            Forwarders = new ForwarderTrust(forwarders),
            Devices = devices,
            Chain = chain,
            Lockout = LockoutPolicy.From(options.Lockout),
            Login = options.Login,
            Tickets = tickets,
            TrustedHeader = trustedHeader,
            ActFor = actFor,
            PasswordChangeFrom = passwordFrom,
            Sessions = options.Sessions,
            Tokens = tokens,
            Factors = FactorPolicy.From(options.Factors, enrolFrom, options.Pages.Product),
            Product = options.Pages.Product,
            HelpdeskContact = options.Pages.HelpdeskContact,
            BrandColor = options.Pages.BrandColor,
            HelpUrl = options.Pages.HelpUrl,
            Logo = logo,
        };
        return new GatewayBuild(options, table, listeners, forwarding, Files(options, devices, listeners, tunnels)) { StartedWith = previous?.StartedWith ?? options, Tunnels = tunnels };
    }

    private static List<string> Files(GatewayOptions options, DeviceTrust devices, ListenerTable listeners, TunnelTable tunnels) =>
    [
        .. devices.Files
            .Concat(listeners.Files)
            .Concat(tunnels.Files)
            .Concat(options.Upstreams.Values.Select(upstream => upstream.CaFile))
            .Append(options.Pages.LogoFile)
            .Concat(KerberosTable.FilesOf(options.Kerberos))
            .Concat(options.Backends.OfType<LdapBackendOptions>().Select(backend => backend.CaFile))
            .Concat(options.Backends.OfType<LocalBackendOptions>().Select(backend => backend.CommonPasswordsFile))
            .Where(file => file.Length > 0)
            .Distinct(StringComparer.Ordinal),
    ];
}
