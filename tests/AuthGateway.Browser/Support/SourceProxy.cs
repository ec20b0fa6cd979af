using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace AuthGateway.Browser.Support;

/// <summary>
/// A browser's way to the gateway: a SOCKS proxy whose connections come from an address we choose, which no browser lets its user do.
/// (The kernel takes 127.0.0.1 for every connection within 127/8.) It leads every name to this machine, 443 and 80 to
/// the gateway's own ports, so that pages have the addresses they have in earnest, and nothing leaves for the Internet.
/// </summary>
internal sealed class SourceProxy : IAsyncDisposable
{
    private const byte Version = 5;
    private const byte ByName = 3;

    private readonly IPAddress _source;
    private readonly IPEndPoint _https;
    private readonly IPEndPoint _http;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _loop;

    public SourceProxy(IPAddress source, IPEndPoint https, IPEndPoint http)
    {
        (_source, _https, _http) = (source, https, http);
        _listener.Start();
        _loop = AcceptAsync();
    }

    /// <summary>Its address, for the browser.</summary>
    public string Url => $"socks5://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _loop;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await _listener.AcceptSocketAsync(_stop.Token));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or InvalidOperationException)
        {
            // The page is closed; a listener that was stopped between two connections calls that an invalid operation.
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        try
        {
            await using var client = new NetworkStream(socket, ownsSocket: true);
            socket.NoDelay = true;
            var port = await ReadTargetAsync(client);
            using var upstream = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            upstream.Bind(new IPEndPoint(_source, 0));
            await upstream.ConnectAsync(Target(port), _stop.Token);
            await client.WriteAsync((byte[])[Version, 0, 0, 1, 0, 0, 0, 0, 0, 0], _stop.Token);
            await using var server = new NetworkStream(upstream);
            await Task.WhenAny(client.CopyToAsync(server, _stop.Token), server.CopyToAsync(client, _stop.Token));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or IOException or ObjectDisposedException)
        {
            // One of the two is gone, and the other goes with it.
        }
    }

    private IPEndPoint Target(int port) => port switch
    {
        443 => _https,
        80 => _http,
        _ => new IPEndPoint(IPAddress.Loopback, port),
    };

    // RFC 1928: the greeting, answered with "no password needed", then one request to connect, of which only the port is of interest.
    private async Task<int> ReadTargetAsync(NetworkStream client)
    {
        var greeting = await ExactlyAsync(client, 2);
        _ = await ExactlyAsync(client, greeting[1]);
        await client.WriteAsync((byte[])[Version, 0], _stop.Token);
        var request = await ExactlyAsync(client, 4);
        var length = request[3] == ByName ? (await ExactlyAsync(client, 1))[0] : request[3] == 1 ? 4 : 16;
        _ = await ExactlyAsync(client, length);
        return BinaryPrimitives.ReadUInt16BigEndian(await ExactlyAsync(client, 2));
    }

    private async Task<byte[]> ExactlyAsync(NetworkStream client, int count)
    {
        var bytes = new byte[count];
        await client.ReadExactlyAsync(bytes, _stop.Token);
        return bytes;
    }
}
