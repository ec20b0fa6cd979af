using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace AuthGateway.Scenarios.Outages;

/// <summary>
/// A piece of network between the gateway and a server, which can be cut in the ways networks are, without touching the server that
/// others use too.
/// </summary>
internal sealed class TcpRelay : IAsyncDisposable
{
    private readonly IPEndPoint _target;
    private readonly int _port;
    private readonly ConcurrentDictionary<Guid, Pair> _pairs = new();
    private readonly Lock _lock = new();
    private Listening? _listening;
    private TaskCompletionSource _flow = Opened();
    private int _accepted;

    public TcpRelay(int targetPort)
    {
        _target = new IPEndPoint(IPAddress.Loopback, targetPort);
        _listening = new Listening(0);
        _port = _listening.Port;
        _ = AcceptAsync(_listening);
    }

    /// <summary>Where it listens.</summary>
    public int Port => _port;

    /// <summary>How many connections it took.</summary>
    public int Accepted => Volatile.Read(ref _accepted);

    /// <summary>The server's process is gone: nobody listens, and open connections are reset.</summary>
    public void Stop()
    {
        lock (_lock)
        {
            _listening?.Dispose();
            _listening = null;
        }

        Kill();
    }

    /// <summary>Open connections are reset; new ones are taken.</summary>
    public void Kill()
    {
        foreach (var pair in _pairs.Values)
        {
            pair.Reset();
        }
    }

    /// <summary>The half-open server: connections are taken, and not a byte passes in either direction.</summary>
    public void Freeze()
    {
        lock (_lock)
        {
            if (_flow.Task.IsCompleted)
            {
                _flow = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }
    }

    /// <summary>All is well again.</summary>
    public void Restore()
    {
        lock (_lock)
        {
            _flow.TrySetResult();
            if (_listening is null)
            {
                _listening = new Listening(_port);
                _ = AcceptAsync(_listening);
            }
        }
    }

    public ValueTask DisposeAsync()
    {
        Stop();
        Restore();
        Stop();
        return ValueTask.CompletedTask;
    }

    private static TaskCompletionSource Opened()
    {
        var source = new TaskCompletionSource();
        source.SetResult();
        return source;
    }

    private async Task AcceptAsync(Listening listening)
    {
        try
        {
            while (true)
            {
                var client = await listening.Socket.AcceptAsync();
                Interlocked.Increment(ref _accepted);
                _ = ServeAsync(client);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Stopped.
        }
    }

    private async Task ServeAsync(Socket client)
    {
        var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        client.NoDelay = true;
        var pair = new Pair(client, server);
        var id = Guid.NewGuid();
        _pairs[id] = pair;
        try
        {
            await _flow.Task;
            await server.ConnectAsync(_target);
            await Task.WhenAny(CopyAsync(client, server), CopyAsync(server, client));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // One of the two is gone, and the other goes with it.
        }
        finally
        {
            _pairs.TryRemove(id, out _);
            pair.Close();
        }
    }

    private async Task CopyAsync(Socket from, Socket to)
    {
        var buffer = new byte[16 * 1024];
        int read;
        while ((read = await from.ReceiveAsync(buffer)) > 0)
        {
            // What was underway when the network froze stays where it is.
            await _flow.Task;
            await to.SendAsync(buffer.AsMemory(0, read));
        }
    }

    private sealed class Listening : IDisposable
    {
        public Listening(int port)
        {
            Socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            Socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            Socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            Socket.Listen(256);
        }

        public Socket Socket { get; }

        public int Port => ((IPEndPoint)Socket.LocalEndPoint!).Port;

        public void Dispose() => Socket.Dispose();
    }

    private sealed record Pair(Socket Client, Socket Server)
    {
        public void Reset()
        {
            Reset(Client);
            Reset(Server);
        }

        public void Close()
        {
            Client.Dispose();
            Server.Dispose();
        }

        private static void Reset(Socket socket)
        {
            try
            {
                // Closing with a linger time of zero sends RST.
                socket.LingerState = new LingerOption(enable: true, 0);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // It is closed already.
            }

            socket.Dispose();
        }
    }
}
