using System.Globalization;
using AuthGateway.Core.Backends.Programs;

namespace AuthGateway.Core.Tunnels;

/// <summary>Opens tunnels with OpenSSH, to servers whose key is the pinned one.</summary>
internal sealed class SshDialer(TunnelPlaces places, TimeProvider time, SshDialer.Scan? scanner = null) : ITunnelDialer
{
    // Each kind of key is asked for over a connection of its own, and a busy server drops some of them (MaxStartups): one scan may miss the pinned kind.
    private const int Scans = 3;

    private readonly HostKeyBook _book = new(places);
    private readonly Scan _scanner = scanner ?? ((tunnel, cancellationToken) => HostKeyScan.ReadAsync(tunnel, places, time, cancellationToken));
    private readonly Lock _gate = new();

    // Keys that were asked for and found to be the pinned ones, so that each further opening asks only ssh.
    private readonly Dictionary<string, HostKey> _found = new(StringComparer.Ordinal);

    /// <summary>Asks a server for its keys, as <see cref="HostKeyScan"/> does.</summary>
    internal delegate Task<(IReadOnlyList<HostKey> Keys, string Why)> Scan(Tunnel tunnel, CancellationToken cancellationToken);

    public async Task<TunnelDial> DialAsync(Tunnel tunnel, CancellationToken cancellationToken)
    {
        try
        {
            var (key, loss) = await FindKeyAsync(tunnel, cancellationToken);
            return key is null ? new TunnelDial(null, loss) : await OpenAsync(tunnel, key, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ProgramStartException)
        {
            return new TunnelDial(null, new TunnelLoss(TunnelFailure.Program, e.Message));
        }
    }

    /// <summary>The whole key behind the pinned fingerprint: the learned one, or what the server shows when it is that.</summary>
    public async Task<(HostKey? Key, TunnelLoss Loss)> FindKeyAsync(Tunnel tunnel, CancellationToken cancellationToken)
    {
        if (_book.Pin(tunnel) is not { } pin)
        {
            return (null, new TunnelLoss(TunnelFailure.HostKeyUntrusted, $"nobody has said which key the server must have; run: authgateway tunnel trust {tunnel.Name}"));
        }

        if (_book.Learned(tunnel) is { } learned && string.Equals(learned.Fingerprint, pin, StringComparison.Ordinal))
        {
            return (learned, default);
        }

        var remembered = $"{tunnel.Server} {pin}";
        lock (_gate)
        {
            if (_found.TryGetValue(remembered, out var known))
            {
                return (known, default);
            }
        }

        var seen = new List<HostKey>();
        HostKey? fitting = null;
        for (var scan = 1; scan <= Scans && fitting is null; scan++)
        {
            var (keys, why) = await _scanner(tunnel, cancellationToken);
            if (keys.Count == 0)
            {
                // Nothing was shown, so nothing is known to have changed; an earlier part of the keys included.
                return (null, new TunnelLoss(TunnelFailure.Unreachable, why));
            }

            seen.AddRange(keys.Where(key => !seen.Contains(key)));
            fitting = keys.FirstOrDefault(key => string.Equals(key.Fingerprint, pin, StringComparison.Ordinal));
        }

        if (fitting is null)
        {
            return (null, new TunnelLoss(
                TunnelFailure.HostKeyChanged, $"the server shows {string.Join(", ", seen.Select(key => $"{key.Fingerprint} ({key.Kind})"))}, and {pin} is pinned"));
        }

        lock (_gate)
        {
            _found[remembered] = fitting;
        }

        return (fitting, default);
    }

    private async Task<TunnelDial> OpenAsync(Tunnel tunnel, HostKey key, CancellationToken cancellationToken)
    {
        places.Prepare();
        var knownHosts = places.KnownHosts(tunnel.Name);
        HostKeyBook.WriteKnownHosts(knownHosts, tunnel.Name, key);
        if (tunnel.KeyFile.Length > 0 && TunnelTableBuilder.FindKeyFault(tunnel.KeyFile) is { } fault)
        {
            return new TunnelDial(null, new TunnelLoss(TunnelFailure.KeyUnusable, fault));
        }

        ProgramRules.RequireSound(places.Ssh, isProgram: true);
        var link = SshProcess.Start(SshCommand.Tunnel(tunnel, tunnel.Forwards, knownHosts, places), tunnel.Forwards.Count(forward => forward.IsRemote));
        try
        {
            TunnelPlaces.Write(places.PidFile(tunnel.Name), link.Id.ToString(CultureInfo.InvariantCulture));

            // ssh's own timeout ends with the server's greeting; a server that falls silent after it is ours to notice.
            await Task.WhenAny(link.Ready, link.Ended).WaitAsync(tunnel.ConnectTimeout, time, cancellationToken);
            if (link.Ready.IsCompleted)
            {
                return new TunnelDial(link, default);
            }

            var loss = await link.Ended;
            await link.DisposeAsync();
            return new TunnelDial(null, loss);
        }
        catch (TimeoutException)
        {
            await link.DisposeAsync();
            return new TunnelDial(null, new TunnelLoss(TunnelFailure.Unreachable, $"not open after {tunnel.ConnectTimeout.TotalSeconds:0} s"));
        }
        catch
        {
            await link.DisposeAsync();
            throw;
        }
    }
}
