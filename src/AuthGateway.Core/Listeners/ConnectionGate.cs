using System.Net;
using AuthGateway.Core.Telemetry;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace AuthGateway.Core.Listeners;

/// <summary>
/// Stands before TLS on every listener: who may not connect, or has too many connections already, is cut off before a byte is
/// read or written, for a handshake is what costs us most.
/// </summary>
internal sealed partial class ConnectionGate(
    string name, ListenerKind kind, ListenerState state, ConnectionCounter counter, HandshakeAudit? handshakes, ILogger logger)
{
    public async Task OnConnectionAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        if ((connection.RemoteEndPoint as IPEndPoint)?.Address is not { } address)
        {
            connection.Abort();
            return;
        }

        var peer = Fold(address);
        if (!state.Current.AllowFrom(name).Contains(peer))
        {
            Log.NotAllowed(logger, name, peer);
            connection.Abort();
            return;
        }

        if (!counter.TryEnter(peer))
        {
            Log.TooMany(logger, name, peer);
            connection.Abort();
            return;
        }

        try
        {
            connection.Features.Set<IListenerFeature>(new ListenerFeature(name, kind, peer));
            await next(connection);
        }
        finally
        {
            counter.Leave(peer);
        }

        if (handshakes is not null)
        {
            await handshakes.EndedAsync(connection, peer);
        }
    }

    /// <summary>A dual-stack socket shows IPv4 peers as ::ffff:a.b.c.d; lists are written in IPv4. The zone of a link-local address says nothing about who it is.</summary>
    internal static IPAddress Fold(IPAddress address) =>
        address.IsIPv4MappedToIPv6 ? address.MapToIPv4()
        : address is { AddressFamily: System.Net.Sockets.AddressFamily.InterNetworkV6, ScopeId: not 0 } ? new IPAddress(address.GetAddressBytes())
        : address;

    private static partial class Log
    {
        [LoggerMessage(EventIds.ConnectionDropped, LogLevel.Debug, "{Listener}: {Peer} may not connect.")]
        public static partial void NotAllowed(ILogger logger, string listener, IPAddress peer);

        [LoggerMessage(EventIds.ConnectionDropped, LogLevel.Debug, "{Listener}: {Peer} dropped, too many connections.")]
        public static partial void TooMany(ILogger logger, string listener, IPAddress peer);
    }
}
