using AuthGateway.Core.Backends;
using AuthGateway.Core.Configuration;
using AuthGateway.Core.Factors.AppPasswords;
using AuthGateway.Core.Faults;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Pipeline;
using AuthGateway.Core.Policies;
using AuthGateway.Core.Services;
using AuthGateway.Rendering;
using Microsoft.Extensions.DependencyInjection;

namespace AuthGateway.Commands;

/// <summary>The tables a running gateway would judge by, built for one verb.</summary>
internal sealed class ConfiguredGateway : IConfiguredGateway
{
    private readonly GatewayTable _table;
    private readonly TimeProvider _time;

    private ConfiguredGateway(GatewayTable table, TimeProvider time)
    {
        _table = table;
        _time = time;
        Services =
        [
            .. table.Services.Services.Where(service => service.Kind != ServiceKind.Portal).Select(service => new ConfiguredService(
                service.Name,
                service.Kind switch { ServiceKind.ActiveSync => AppPasswordClass.ActiveSync, ServiceKind.Dav => AppPasswordClass.Dav, _ => AppPasswordClass.Web },
                (service.Logins & LoginWays.Basic) != 0 && service.Rules.Any(rule => (rule.Policy.Accepted & FactorSet.AppPassword) != 0))),
        ];
    }

    /// <inheritdoc />
    public IReadOnlyList<ConfiguredService> Services { get; }

    /// <summary>Builds everything, or tells every fault.</summary>
    /// <exception cref="CommandFailedException">The configuration has faults.</exception>
    public static ConfiguredGateway Open(CommandContext context, IServiceProvider services)
    {
        var (_, options) = StoreOpening.LoadOptions(context);
        var faults = new FaultList();
        if (services.GetRequiredService<GatewayTableBuilder>().Build(options, demo: true, faults, previous: null) is { } build)
        {
            return new ConfiguredGateway(build.Table, context.Time);
        }

        context.Output.Faults(faults.All);
        throw new CommandFailedException(ExitCodes.ConfigurationFaults, "The configuration has faults.", "Mend them; \"authgateway check\" shows them all again.");
    }

    /// <inheritdoc />
    public string? FindFault(IReadOnlyList<string> networks)
    {
        var faults = new FaultList();
        _ = _table.Networks.Resolve(networks, "--network", faults);
        return faults.All.FirstOrDefault()?.Message;
    }

    /// <inheritdoc />
    public async ValueTask<Resolution> ResolveAsync(UserName name, string service, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(_table.Login.ChainTimeout, _time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        return await _table.Chain.ResolveAsync(name, service, backend: null, end.Token);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync() => await _table.Chain.RetireAsync(successor: null, TimeSpan.Zero, _time, CancellationToken.None);
}
