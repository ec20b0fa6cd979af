using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace AuthGateway.TestKit.Gateway;

/// <summary>How a raw client connects.</summary>
public sealed record RawConnect(IPEndPoint EndPoint)
{
    /// <summary>Name in the handshake; null sends none.</summary>
    public string? Sni { get; init; }

    /// <summary>Client certificate.</summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>The address to come from, such as 127.0.0.77.</summary>
    public IPAddress? Source { get; init; }

    /// <summary>False speaks plain HTTP.</summary>
    public bool Tls { get; init; } = true;

    /// <summary>Bytes before the handshake, such as a PROXY header.</summary>
    public byte[] Prelude { get; init; } = [];

    /// <summary>Longest time of the whole conversation.</summary>
    public TimeSpan Within { get; init; } = TimeSpan.FromSeconds(20);

    internal async Task<Stream> OpenAsync(SslApplicationProtocol protocol, CancellationToken cancellationToken)
    {
        var socket = new Socket(EndPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (Source is not null)
        {
            socket.Bind(new IPEndPoint(Source, 0));
        }

        try
        {
            await socket.ConnectAsync(EndPoint, cancellationToken);
        }
        catch
        {
            socket.Dispose();
            throw;
        }

        Stream stream = new NetworkStream(socket, ownsSocket: true);
        if (Prelude.Length > 0)
        {
            await stream.WriteAsync(Prelude, cancellationToken);
        }

        if (!Tls)
        {
            return stream;
        }

        var tls = new SslStream(stream);
        try
        {
            await tls.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = Sni ?? "",
                    ApplicationProtocols = [protocol],
                    EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                    AllowTlsResume = false,
                    ClientCertificates = Certificate is null ? null : [Certificate],

                    // Sent whatever authorities the server names: a thief would do the same.
                    LocalCertificateSelectionCallback = Certificate is null ? null : (_, _, _, _, _) => Certificate,
                    RemoteCertificateValidationCallback = static (_, _, _, _) => true,
                },
                cancellationToken);
            return tls;
        }
        catch
        {
            await tls.DisposeAsync();
            throw;
        }
    }
}
