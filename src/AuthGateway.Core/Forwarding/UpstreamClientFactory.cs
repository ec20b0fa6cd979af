using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using AuthGateway.Core.Tunnels;
using Yarp.ReverseProxy.Forwarder;

namespace AuthGateway.Core.Forwarding;

/// <summary>Connections to upstreams: bounded, and with a private authority where one is configured.</summary>
internal sealed class UpstreamClientFactory : ForwarderHttpClientFactory
{
    protected override void ConfigureHandler(ForwarderHttpClientContext context, SocketsHttpHandler handler)
    {
        base.ConfigureHandler(context, handler);
        handler.ConnectTimeout = TimeSpan.FromSeconds(5);
        handler.MaxResponseHeadersLength = 64;
        handler.MaxResponseDrainSize = 64 * 1024;
        handler.RequestHeaderEncodingSelector = static (_, _) => Encoding.Latin1;
        handler.ResponseHeaderEncodingSelector = static (_, _) => Encoding.Latin1;
        if (context.NewMetadata?.ContainsKey(ForwardingTable.OneRequest) == true)
        {
            // "Connection: close" asks the upstream alone; one that closes without announcing it (SOGo) would meet the next request on a
            // connection it has just left, and a client would see a 502.
            handler.PooledConnectionLifetime = TimeSpan.Zero;
        }

        if (context.NewMetadata?.TryGetValue(ForwardingTable.Tunnel, out var tunnel) == true)
        {
            var places = new TunnelPlaces(context.NewMetadata[ForwardingTable.TunnelFolder]);
            handler.ConnectCallback = (connection, cancellationToken) => ConnectAsync(places.Socket(tunnel, connection.DnsEndPoint.Host, connection.DnsEndPoint.Port), cancellationToken);
        }

        if (context.NewMetadata?.TryGetValue(ForwardingTable.CaFile, out var file) == true)
        {
            var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
            policy.CustomTrustStore.ImportFromPemFile(file);
            handler.SslOptions.CertificateChainPolicy = policy;
        }
    }

    // TLS comes on top of this, with the name of the destination.
    private static async ValueTask<Stream> ConnectAsync(string path, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    // The base class compares the client's configuration only; a new CA file must make a new client too.
    protected override bool CanReuseOldClient(ForwarderHttpClientContext context) =>
        base.CanReuseOldClient(context) && Same(context.OldMetadata, context.NewMetadata);

    private static bool Same(IReadOnlyDictionary<string, string>? old, IReadOnlyDictionary<string, string>? now) =>
        (old?.Count ?? 0) == (now?.Count ?? 0)
        && (now is null || now.All(pair => old!.TryGetValue(pair.Key, out var value) && string.Equals(value, pair.Value, StringComparison.Ordinal)));
}
