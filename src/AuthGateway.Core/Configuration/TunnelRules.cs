using System.Net;
using AuthGateway.Core.Backends;
using AuthGateway.Core.Faults;
using AuthGateway.Core.Forwarding;
using AuthGateway.Core.Tunnels;

namespace AuthGateway.Core.Configuration;

/// <summary>Brings tunnels together with those who name them, backends and upstreams, and with the gateway's own listeners.</summary>
public static class TunnelRules
{
    /// <summary>Builds the tunnels of a configuration.</summary>
    /// <param name="options">Validated one by one by the binder.</param>
    /// <param name="places">Where tunnels live; null where none can be built.</param>
    /// <param name="faults">Where faults are added.</param>
    public static TunnelTable Build(GatewayOptions options, TunnelPlaces? places, FaultList faults)
    {
        var uses = Uses(options);
        if (places is not null)
        {
            return TunnelTableBuilder.Build(options.Tunnels, uses, Taken(options), places, faults);
        }

        if (options.Tunnels.Count > 0 || uses.Count > 0)
        {
            faults.Error($"{ConfigurationTree.RootKey}:Tunnels", null, "There is no folder for tunnels here. Remove them.");
        }

        return TunnelTable.Empty;
    }

    private static List<TunnelUse> Uses(GatewayOptions options)
    {
        var uses = new List<TunnelUse>();
        for (var i = 0; i < options.Backends.Count; i++)
        {
            if (options.Backends[i] is LdapBackendOptions { Tunnel.Length: > 0 } ldap)
            {
                uses.Add(new TunnelUse($"{ConfigurationTree.RootKey}:Backends[{i}]", ldap.Tunnel, BackendFactory.TunnelTargets(ldap)));
            }
        }

        foreach (var (name, upstream) in options.Upstreams.Where(upstream => upstream.Value.Tunnel.Length > 0))
        {
            uses.Add(new TunnelUse($"{ConfigurationTree.RootKey}:Upstreams:{name}", upstream.Tunnel, ForwardingTable.TunnelTargets(upstream)));
        }

        return uses;
    }

    private static List<TakenPort> Taken(GatewayOptions options)
    {
        var taken = new List<TakenPort>();
        foreach (var (name, listener) in options.Listeners)
        {
            // What cannot be read is a fault of the listener's own.
            if (Uri.TryCreate(listener.Url, UriKind.Absolute, out var uri) && IPAddress.TryParse(uri.Host.Trim('[', ']'), out var address))
            {
                taken.Add(new TakenPort(name, address, uri.Port));
            }
        }

        return taken;
    }
}
