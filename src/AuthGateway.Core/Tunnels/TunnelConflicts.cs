using System.Globalization;
using System.Net;
using AuthGateway.Core.Faults;

namespace AuthGateway.Core.Tunnels;

/// <summary>Two that would listen in one place: forwards of all tunnels among themselves, and with the gateway's own listeners.</summary>
internal static class TunnelConflicts
{
    /// <summary>Adds a fault to the later of two, naming the earlier.</summary>
    public static void Check(IReadOnlyList<(string Key, Tunnel Tunnel, TunnelForward Forward)> ends, IReadOnlyList<TakenPort> taken, FaultList faults)
    {
        for (var i = 0; i < ends.Count; i++)
        {
            var (key, tunnel, forward) = ends[i];
            var earlier = ends.Take(i).FirstOrDefault(other => Clashes(other.Tunnel, other.Forward, tunnel, forward));
            if (earlier.Forward is not null)
            {
                faults.Error(ListenKey(key), forward.Listen.ToString(), $"{earlier.Key} listens there already{(forward.IsRemote ? ", on the same server" : "")}. Choose another port.");
            }
            else if (!forward.IsRemote && forward.Listen.Socket is null && taken.FirstOrDefault(port => Clashes(port, forward.Listen)) is { } listener)
            {
                faults.Error(ListenKey(key), forward.Listen.ToString(), $"The gateway's own listener \"{listener.Name}\" has this port. Choose another.");
            }
        }
    }

    private static string ListenKey(string key) => key.EndsWith(']') ? $"{key}:Listen" : key;

    private static bool Clashes(Tunnel one, TunnelForward first, Tunnel other, TunnelForward second)
    {
        if (first.IsRemote != second.IsRemote || (first.IsRemote && !IsSameServer(one, other)))
        {
            return false;
        }

        if (first.Listen.Socket is not null || second.Listen.Socket is not null)
        {
            return string.Equals(first.Listen.Socket, second.Listen.Socket, StringComparison.Ordinal);
        }

        return first.Listen.Port == second.Listen.Port && Overlap(Parse(first.Listen), Parse(second.Listen));
    }

    private static bool Clashes(TakenPort taken, TunnelEnd listen) => taken.Port == listen.Port && Overlap(taken.Address, Parse(listen));

    private static bool IsSameServer(Tunnel one, Tunnel other) =>
        one.Port == other.Port && string.Equals(one.Host.TrimEnd('.'), other.Host.TrimEnd('.'), StringComparison.OrdinalIgnoreCase);

    // An address of all takes the port of each; [::] takes IPv4 along.
    private static bool Overlap(IPAddress one, IPAddress other) =>
        one.Equals(other) || IsAll(one, other) || IsAll(other, one);

    private static bool IsAll(IPAddress all, IPAddress one) =>
        all.Equals(IPAddress.IPv6Any) || (all.Equals(IPAddress.Any) && one.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork);

    private static IPAddress Parse(TunnelEnd end) => IPAddress.Parse(string.Create(CultureInfo.InvariantCulture, $"{end.Host}"));
}
