using System.Text.Json;
using System.Security.Cryptography;

namespace AuthGateway.Core.Tunnels;

/// <summary>A tunnel, validated and immutable.</summary>
internal sealed record Tunnel
{
    public required string Name { get; init; }

    public required string Host { get; init; }

    public required int Port { get; init; }

    public required string User { get; init; }

    /// <summary>Empty: by password.</summary>
    public string KeyFile { get; init; } = "";

    public string KeyPassphrase { get; init; } = "";

    public string Password { get; init; } = "";

    /// <summary><c>SHA256:…</c> as configured, or empty.</summary>
    public string Fingerprint { get; init; } = "";

    public required IReadOnlyList<TunnelForward> Forwards { get; init; }

    /// <summary>Key of the backend or upstream that names it, or null.</summary>
    public string? Owner { get; init; }

    public TimeSpan ReconnectDelay { get; init; } = TimeSpan.FromSeconds(1);

    public TimeSpan ReconnectDelayMax { get; init; } = TimeSpan.FromSeconds(8);

    public TimeSpan KeepAliveInterval { get; init; } = TimeSpan.FromSeconds(15);

    public int KeepAliveCount { get; init; } = 3;

    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The key file's time and length: a new key is a new tunnel.</summary>
    public string KeyVersion { get; init; } = "";

    /// <summary>The server, for people.</summary>
    public string Server => new TunnelEnd(Host, Port, null).ToString();

    /// <summary>What a secret is asked for, or null: without one nobody is asked.</summary>
    public string? Secret => Password.Length > 0 ? Password : KeyPassphrase.Length > 0 ? KeyPassphrase : null;

    /// <summary>Two tunnels of one version are the same; a hash, for there are secrets in it.</summary>
    public string Version => field ??= Convert.ToHexString(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(
        new { Name, Host, Port, User, KeyFile, KeyPassphrase, Password, Fingerprint, Forwards, ReconnectDelay, ReconnectDelayMax, KeepAliveInterval, KeepAliveCount, ConnectTimeout, KeyVersion })));

    /// <summary>Without secrets.</summary>
    public override string ToString() => $"{Name} ({User} at {Server})";
}

/// <summary>Every tunnel of a configuration.</summary>
public sealed class TunnelTable
{
    internal TunnelTable(IReadOnlyList<Tunnel> tunnels, IReadOnlyList<string> files) => (Tunnels, Files) = (tunnels, files);

    /// <summary>No tunnel.</summary>
    public static TunnelTable Empty { get; } = new([], []);

    /// <summary>Names of the tunnels.</summary>
    public IEnumerable<string> Names => Tunnels.Select(tunnel => tunnel.Name);

    /// <summary>Files whose change makes another tunnel.</summary>
    public IReadOnlyList<string> Files { get; }

    internal IReadOnlyList<Tunnel> Tunnels { get; }

    internal Tunnel? Find(string name) => Tunnels.FirstOrDefault(tunnel => string.Equals(tunnel.Name, name, StringComparison.Ordinal));
}

/// <summary>Who names a tunnel, and what shall be reached through it.</summary>
/// <param name="Key">The section's key, for faults and as the owner.</param>
/// <param name="Tunnel">The name given.</param>
/// <param name="Targets">Hosts and ports as the far side sees them.</param>
public sealed record TunnelUse(string Key, string Tunnel, IReadOnlyList<(string Host, int Port)> Targets);

/// <summary>A port the gateway listens on itself.</summary>
/// <param name="Name">The listener.</param>
/// <param name="Address">Address, or all of them.</param>
/// <param name="Port">Port.</param>
public sealed record TakenPort(string Name, System.Net.IPAddress Address, int Port);
