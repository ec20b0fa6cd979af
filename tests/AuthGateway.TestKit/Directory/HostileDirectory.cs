using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace AuthGateway.TestKit.Directory;

/// <summary>
/// An LDAP server on 127.0.0.1 with a small tree, that does as told: well by default, badly where <see cref="On"/> or
/// <see cref="Once"/> say so. It counts what reaches it.
/// </summary>
/// <example><c>await using var directory = new HostileDirectory { Entries = { anna } }; directory.Once(DirectoryRequest.Search, Mischief.Garbage);</c></example>
public sealed class HostileDirectory : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _closing = new();
    private readonly ConcurrentDictionary<FakeDirectoryConnection, Task> _connections = new();
    private readonly ConcurrentDictionary<DirectoryRequest, Mischief> _habits = new();
    private readonly ConcurrentDictionary<DirectoryRequest, ConcurrentQueue<Mischief>> _next = new();
    private readonly ConcurrentDictionary<string, int> _binds = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<DirectoryRequest, int> _requests = new();
    private readonly ConcurrentQueue<string> _changedBy = new();
    private readonly ConcurrentQueue<byte[]> _filters = new();
    private readonly Task _accepting;
    private TaskCompletionSource _happened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _accepted;
    private int _dripped;

    /// <summary>Starts listening at once.</summary>
    /// <param name="certificate">With a private key: TLS from the first byte or by StartTLS. Null: StartTLS is refused with code 2.</param>
    /// <param name="isLdaps">TLS from the first byte.</param>
    public HostileDirectory(X509Certificate2? certificate = null, bool isLdaps = false)
    {
        Certificate = certificate;
        IsLdaps = isLdaps;
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = AcceptAsync();
    }

    /// <summary>The tree. Do not change the list while requests run; an entry's password may be changed.</summary>
    public List<FakeEntry> Entries { get; } = [];

    public X509Certificate2? Certificate { get; }

    public bool IsLdaps { get; }

    public int Port { get; }

    /// <summary>For instance <c>ldap://127.0.0.1:40123</c>.</summary>
    public string Address => $"{(IsLdaps ? "ldaps" : "ldap")}://127.0.0.1:{Port}";

    /// <summary>Accepts connections and then does nothing at all, not even TLS.</summary>
    public bool IsFrozen { get; set; }

    /// <summary>Answers code 50 to searches of connections on which nobody is bound.</summary>
    public bool RequiresBind { get; set; }

    /// <summary>Closes a connection after so many answered messages; null never does.</summary>
    public int? CloseAfter { get; set; }

    /// <summary>Connections accepted so far.</summary>
    public int Accepted => Volatile.Read(ref _accepted);

    /// <summary>Connections open now.</summary>
    public int Open => _connections.Count;

    /// <summary>Bytes sent so far by <see cref="Mischief.Drip"/>.</summary>
    public int Dripped => Volatile.Read(ref _dripped);

    /// <summary>Binds received, right or wrong.</summary>
    public int Binds => Requests(DirectoryRequest.Bind);

    public int Searches => Requests(DirectoryRequest.Search);

    /// <summary>Requests of a kind received, answered or not.</summary>
    public int Requests(DirectoryRequest request) => _requests.GetValueOrDefault(request);

    /// <summary>Names that wanted something changed, in order.</summary>
    public IReadOnlyCollection<string> ChangedBy => _changedBy;

    /// <summary>Filters of the searches received, in order, in their wire form.</summary>
    public IReadOnlyCollection<byte[]> Filters => _filters;

    /// <summary>Sends this many entries in each page to who asks for pages; null takes what is asked for.</summary>
    public int? PageLimit { get; set; }

    /// <summary>Binds received under exactly this name (without case).</summary>
    public int BindsAs(string name) => _binds.GetValueOrDefault(name);

    /// <summary>From now on, every request of a kind is treated so.</summary>
    public void On(DirectoryRequest request, Mischief mischief) => _habits[request] = mischief;

    /// <summary>The next request of a kind is treated so; calls queue up and go before <see cref="On"/>.</summary>
    public void Once(DirectoryRequest request, Mischief mischief) => _next.GetOrAdd(request, _ => new()).Enqueue(mischief);

    /// <summary>Closes all connections, as a restart does; new ones are accepted.</summary>
    public async Task DropConnectionsAsync()
    {
        foreach (var (connection, running) in _connections)
        {
            connection.Dispose();
            await running;
        }
    }

    /// <summary>Completes when the condition holds; looks again after each event. Fails after 10 s.</summary>
    public async Task UntilAsync(Func<HostileDirectory, bool> condition)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            var happened = Volatile.Read(ref _happened).Task;
            if (condition(this))
            {
                return;
            }

            await happened.WaitAsync(patience.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_closing.IsCancellationRequested)
        {
            return;
        }

        await _closing.CancelAsync();
        _listener.Stop();
        await _accepting;
        await DropConnectionsAsync();
        _closing.Dispose();
    }

    internal Mischief Receive(DirectoryRequest request, string? bindName = null)
    {
        if (bindName is not null)
        {
            _binds.AddOrUpdate(bindName, 1, static (_, count) => count + 1);
        }

        _requests.AddOrUpdate(request, 1, static (_, count) => count + 1);
        Signal();
        return _next.TryGetValue(request, out var queue) && queue.TryDequeue(out var next) ? next : _habits.GetValueOrDefault(request, Mischief.Honest);
    }

    internal void NoteDrip()
    {
        Interlocked.Increment(ref _dripped);
        Signal();
    }

    internal void NoteChange(string boundAs) => _changedBy.Enqueue(boundAs);

    internal void NoteFilter(byte[] filter) => _filters.Enqueue(filter);

    private async Task AcceptAsync()
    {
        while (!_closing.IsCancellationRequested)
        {
            try
            {
                var client = await _listener.AcceptTcpClientAsync(_closing.Token);
                Interlocked.Increment(ref _accepted);
                var connection = new FakeDirectoryConnection(this, client);
                var begin = new TaskCompletionSource();
                _connections[connection] = RunAsync(connection, begin.Task);
                begin.SetResult();
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task RunAsync(FakeDirectoryConnection connection, Task begin)
    {
        await begin;
        Signal();
        await connection.RunAsync();
        _connections.TryRemove(connection, out _);
        Signal();
    }

    private void Signal() =>
        Interlocked.Exchange(ref _happened, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
}
