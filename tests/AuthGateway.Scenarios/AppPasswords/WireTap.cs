using System.Net;
using System.Net.Sockets;
using System.Text;

namespace AuthGateway.Scenarios.AppPasswords;

/// <summary>
/// A piece of wire before the directory that remembers every byte the gateway sent. LDAP in the clear on loopback, so what was bound with can be read;
/// and it can be cut.
/// </summary>
internal sealed class WireTap : IAsyncDisposable
{
    private readonly IPEndPoint _target;
    private readonly MemoryStream _sent = new();
    private readonly Lock _gate = new();
    private readonly List<Socket> _open = [];
    private readonly int _port;
    private TcpListener? _listener;

    public WireTap(int targetPort)
    {
        _target = new IPEndPoint(IPAddress.Loopback, targetPort);
        _port = Listen(0);
    }

    /// <summary>Where it listens.</summary>
    public int Port => _port;

    /// <summary>How often a text went over it towards the directory.</summary>
    public int Count(string text)
    {
        byte[] sent;
        lock (_gate)
        {
            sent = _sent.ToArray();
        }

        var wanted = Encoding.UTF8.GetBytes(text);
        var found = 0;
        for (var rest = sent.AsSpan(); rest.IndexOf(wanted) is var at and >= 0; rest = rest[(at + wanted.Length)..])
        {
            found++;
        }

        return found;
    }

    /// <summary>The directory is gone.</summary>
    public void Cut()
    {
        lock (_gate)
        {
            _listener?.Stop();
            _listener = null;
            _open.ForEach(socket => socket.Dispose());
            _open.Clear();
        }
    }

    /// <summary>It is back.</summary>
    public void Mend() => Listen(_port);

    public ValueTask DisposeAsync()
    {
        Cut();
        return ValueTask.CompletedTask;
    }

    private int Listen(int port)
    {
        var listener = new TcpListener(IPAddress.Loopback, port);
        listener.Server.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        listener.Start(64);
        lock (_gate)
        {
            _listener = listener;
        }

        _ = AcceptAsync(listener);
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private async Task AcceptAsync(TcpListener listener)
    {
        try
        {
            while (true)
            {
                var client = await listener.AcceptSocketAsync();
                var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                lock (_gate)
                {
                    _open.AddRange([client, server]);
                }

                _ = ServeAsync(client, server);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Cut.
        }
    }

    private async Task ServeAsync(Socket client, Socket server)
    {
        try
        {
            await server.ConnectAsync(_target);
            await Task.WhenAny(CopyAsync(client, server, keep: true), CopyAsync(server, client, keep: false));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // One of the two is gone.
        }
        finally
        {
            client.Dispose();
            server.Dispose();
        }
    }

    private async Task CopyAsync(Socket from, Socket to, bool keep)
    {
        var buffer = new byte[16 * 1024];
        int read;
        while ((read = await from.ReceiveAsync(buffer)) > 0)
        {
            if (keep)
            {
                lock (_gate)
                {
                    _sent.Write(buffer, 0, read);
                }
            }

            await to.SendAsync(buffer.AsMemory(0, read));
        }
    }
}
