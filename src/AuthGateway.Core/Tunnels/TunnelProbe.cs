using System.Net.Sockets;
using AuthGateway.Core.Backends.Programs;

namespace AuthGateway.Core.Tunnels;

/// <summary>What a trial of one forward found.</summary>
/// <param name="Forward">The forward, for people.</param>
/// <param name="IsReachable">True when its target took a connection; null when that cannot be tried.</param>
/// <param name="What">One word or sentence.</param>
public sealed record ForwardTrial(string Forward, bool? IsReachable, string What);

/// <summary>What a trial of a tunnel found.</summary>
/// <param name="Tunnel">Name.</param>
/// <param name="Server">Host and port.</param>
/// <param name="IsOpen">True when the server took key or password.</param>
/// <param name="Failure">Why not.</param>
/// <param name="Why">In one sentence, or null.</param>
/// <param name="Forwards">Each forward.</param>
public sealed record TunnelTrial(string Tunnel, string Server, bool IsOpen, TunnelFailure Failure, string? Why, IReadOnlyList<ForwardTrial> Forwards);

/// <summary>A key a server shows, beside what is trusted.</summary>
/// <param name="Kind">Kind of the key.</param>
/// <param name="Fingerprint"><c>SHA256:…</c>.</param>
/// <param name="IsTrusted">True when it is the one that counts.</param>
public sealed record ShownKey(string Kind, string Fingerprint, bool IsTrusted);

/// <summary>What verbs ask of tunnels, beside a running gateway.</summary>
public sealed class TunnelProbe(TunnelTable table, TunnelPlaces places, TimeProvider time)
{
    private static readonly TimeSpan ForOneForward = TimeSpan.FromSeconds(10);

    private readonly HostKeyBook _book = new(places);

    /// <summary>The fingerprint that counts for a tunnel, and whether the configuration says it; null when nobody has said.</summary>
    public (string? Fingerprint, bool IsConfigured) Pin(string name)
    {
        var tunnel = Find(name);
        return (_book.Pin(tunnel), tunnel.Fingerprint.Length > 0);
    }

    /// <summary>The keys a tunnel's server shows; none, and why, when it cannot be asked.</summary>
    public async Task<(IReadOnlyList<ShownKey> Keys, string Why)> AskKeysAsync(string name, CancellationToken cancellationToken)
    {
        var tunnel = Find(name);
        var pin = _book.Pin(tunnel);
        var (keys, why) = await HostKeyScan.ReadAsync(tunnel, places, time, cancellationToken);
        return ([.. keys.Select(key => new ShownKey(key.Kind, key.Fingerprint, string.Equals(key.Fingerprint, pin, StringComparison.Ordinal)))], why);
    }

    /// <summary>Has the server asked again and learns the key with this fingerprint; false when it shows none such.</summary>
    /// <exception cref="IOException">The key cannot be kept.</exception>
    public async Task<bool> LearnAsync(string name, string fingerprint, CancellationToken cancellationToken)
    {
        var tunnel = Find(name);
        var (keys, _) = await HostKeyScan.ReadAsync(tunnel, places, time, cancellationToken);
        if (keys.FirstOrDefault(key => string.Equals(key.Fingerprint, fingerprint, StringComparison.Ordinal)) is not { } key)
        {
            return false;
        }

        _book.Learn(tunnel, key);
        return true;
    }

    /// <summary>Opens the tunnel once, on sockets of its own, and tries each forward.</summary>
    /// <param name="name">Which.</param>
    /// <param name="isRunning">True when a running gateway has it open: its remote forwards cannot be opened twice.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<TunnelTrial> TryAsync(string name, bool isRunning, CancellationToken cancellationToken)
    {
        var tunnel = Find(name);
        var (key, loss) = await new SshDialer(places, time).FindKeyAsync(tunnel, cancellationToken);
        if (key is null)
        {
            return Closed(tunnel, loss);
        }

        var folder = Directory.CreateTempSubdirectory("agw-").FullName;
        try
        {
            var knownHosts = Path.Combine(folder, "known_hosts");
            HostKeyBook.WriteKnownHosts(knownHosts, tunnel.Name, key);
            var trials = tunnel.Forwards
                .Where(forward => !forward.IsRemote || !isRunning)
                .Select((forward, i) => (Forward: forward, Tried: forward.IsRemote ? forward : forward with { Listen = new TunnelEnd("", 0, Path.Combine(folder, $"{i}.sock")) }))
                .ToList();
            return await OpenAsync(tunnel, knownHosts, trials, cancellationToken);
        }
        catch (ProgramStartException e)
        {
            return Closed(tunnel, new TunnelLoss(TunnelFailure.Program, e.Message));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private async Task<TunnelTrial> OpenAsync(Tunnel tunnel, string knownHosts, List<(TunnelForward Forward, TunnelForward Tried)> trials, CancellationToken cancellationToken)
    {
        var ear = new Ear();
        await using var ssh = SshProcess.Start(SshCommand.Tunnel(tunnel, [.. trials.Select(trial => trial.Tried)], knownHosts, places, isTest: true), remotes: 0, ear.Hear);
        try
        {
            await Task.WhenAny(ssh.Ready, ssh.Ended).WaitAsync(tunnel.ConnectTimeout, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            return Closed(tunnel, new TunnelLoss(TunnelFailure.Unreachable, $"not open after {tunnel.ConnectTimeout.TotalSeconds:0} s"));
        }

        if (!ssh.Ready.IsCompleted)
        {
            return Closed(tunnel, await ssh.Ended);
        }

        var found = new List<ForwardTrial>();
        foreach (var forward in tunnel.Forwards)
        {
            var tried = trials.Find(trial => ReferenceEquals(trial.Forward, forward)).Tried;
            var (isReachable, what) = tried is null ? (null, "held by the running gateway")
                : forward.IsRemote ? await TryRemoteAsync(tried, ear, cancellationToken)
                : await TryLocalAsync(tried, ear, cancellationToken);
            found.Add(new ForwardTrial(forward.ToString(), isReachable, what));
        }

        return new TunnelTrial(tunnel.Name, tunnel.Server, IsOpen: true, TunnelFailure.None, null, found);
    }

    /// <summary>A connection through the tunnel is taken by ssh at once; whether the target took it, ssh says in a line of its own.</summary>
    private async Task<(bool? IsReachable, string What)> TryLocalAsync(TunnelForward forward, Ear ear, CancellationToken cancellationToken)
    {
        var answer = ear.AwaitChannel();
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(forward.Listen.Socket!), cancellationToken);
            var refusal = await answer.WaitAsync(ForOneForward, time, cancellationToken);
            return refusal is null ? (true, "reachable") : (false, refusal);
        }
        catch (SocketException e)
        {
            return (false, e.Message);
        }
        catch (TimeoutException)
        {
            return (false, "no answer");
        }
    }

    private async Task<(bool? IsReachable, string What)> TryRemoteAsync(TunnelForward forward, Ear ear, CancellationToken cancellationToken)
    {
        bool opened;
        try
        {
            opened = await ear.AwaitRemote(forward.Listen.ToString()).WaitAsync(ForOneForward, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            return (false, "the server did not say whether it listens");
        }

        if (!opened)
        {
            return (false, "the server does not listen there: forbidden, or somebody has the port");
        }

        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        using var deadline = new CancellationTokenSource(ForOneForward, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            await socket.ConnectAsync(forward.Target.Host, forward.Target.Port, either.Token);
            return (true, "the server listens, and the target here is reachable");
        }
        catch (SocketException e)
        {
            return (false, $"the server listens, but {forward.Target} here: {e.Message}");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (false, $"the server listens, but {forward.Target} here gives no answer");
        }
    }

    private static TunnelTrial Closed(Tunnel tunnel, TunnelLoss loss) =>
        new(tunnel.Name, tunnel.Server, IsOpen: false, loss.Failure, loss.Why, [.. tunnel.Forwards.Select(forward => new ForwardTrial(forward.ToString(), null, "not tried"))]);

    private Tunnel Find(string name) => table.Find(name) ?? throw new ArgumentException($"no tunnel {name}", nameof(name));

    /// <summary>Hears what ssh says of channels and remote forwards.</summary>
    private sealed class Ear
    {
        private readonly Lock _gate = new();
        private readonly List<string> _remotes = [];
        private TaskCompletionSource<string?>? _channel;
        private TaskCompletionSource<bool>? _remote;
        private string _listen = "";

        public bool Hear(string line)
        {
            lock (_gate)
            {
                if (line.Contains(": open confirm", StringComparison.Ordinal))
                {
                    _channel?.TrySetResult(null);
                }
                else if (line.StartsWith("channel ", StringComparison.Ordinal) && line.IndexOf("open failed: ", StringComparison.Ordinal) is > 0 and var at)
                {
                    _channel?.TrySetResult(Audit.VisibleText.Escape(line[(at + "open failed: ".Length)..]));
                }
                else if (line.Contains("remote forward ", StringComparison.Ordinal))
                {
                    _remotes.Add(line);
                    Judge();
                }
            }

            return !line.Contains("remote port forwarding failed", StringComparison.Ordinal);
        }

        public Task<string?> AwaitChannel()
        {
            lock (_gate)
            {
                _channel = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
                return _channel.Task;
            }
        }

        public Task<bool> AwaitRemote(string listen)
        {
            lock (_gate)
            {
                (_listen, _remote) = (listen, new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously));
                Judge();
                return _remote.Task;
            }
        }

        private void Judge()
        {
            if (_remote is not null && _remotes.Find(line => line.Contains($"listen {_listen},", StringComparison.Ordinal) || line.Contains($"listen {_listen}:", StringComparison.Ordinal)) is { } line)
            {
                _remote.TrySetResult(line.StartsWith(SshWords.RemoteOpened, StringComparison.Ordinal));
            }
        }
    }
}
