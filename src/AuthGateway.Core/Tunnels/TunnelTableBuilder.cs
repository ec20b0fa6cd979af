using System.Net;
using AuthGateway.Core.Backends.Programs;
using AuthGateway.Core.Faults;

namespace AuthGateway.Core.Tunnels;

/// <summary>From options to tunnels; names every fault.</summary>
public static class TunnelTableBuilder
{
    private const string Section = "AuthGateway:Tunnels";
    private const int MostForwards = 128;
    private const UnixFileMode OthersMay =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>Builds the table; with faults it holds what was sound.</summary>
    /// <param name="options">The section.</param>
    /// <param name="uses">Who names a tunnel.</param>
    /// <param name="taken">Ports of the gateway's own listeners.</param>
    /// <param name="places">Folder and programs.</param>
    /// <param name="faults">Where faults are added.</param>
    public static TunnelTable Build(
        IReadOnlyDictionary<string, TunnelOptions> options, IReadOnlyList<TunnelUse> uses, IReadOnlyList<TakenPort> taken, TunnelPlaces places, FaultList faults)
    {
        var owners = CheckOwners(options, uses, faults);
        if (options.Count == 0)
        {
            return TunnelTable.Empty;
        }

        CheckPrograms(options, places, faults);
        var tunnels = new List<Tunnel>();
        var ends = new List<(string Key, Tunnel Tunnel, TunnelForward Forward)>();
        foreach (var (name, tunnel) in options)
        {
            var key = $"{Section}:{name}";
            if (name.Length > 32 || name.Any(c => !char.IsAsciiLetterOrDigit(c) && c != '-'))
            {
                faults.Error(key, null, "The name of a tunnel has 1 to 32 letters, digits and hyphens. Rename it.");
                continue;
            }

            CheckServer(tunnel, key, faults);
            CheckSecrets(tunnel, key, places, faults);
            var use = owners.GetValueOrDefault(name);
            var built = new Tunnel
            {
                Name = name,
                Host = tunnel.Host,
                Port = tunnel.Port,
                User = tunnel.User,
                KeyFile = tunnel.KeyFile,
                KeyPassphrase = tunnel.KeyPassphrase,
                Password = tunnel.Password,
                Fingerprint = tunnel.Fingerprint,
                Forwards = [],
                Owner = use?.Key,
                ReconnectDelay = tunnel.ReconnectDelay,
                ReconnectDelayMax = tunnel.ReconnectDelayMax,
                KeepAliveInterval = tunnel.KeepAliveInterval,
                KeepAliveCount = tunnel.KeepAliveCount,
                ConnectTimeout = tunnel.ConnectTimeout,
                KeyVersion = VersionOf(tunnel.KeyFile),
            };
            var forwards = Forwards(name, tunnel, use, places, faults);
            built = built with { Forwards = [.. forwards.Select(forward => forward.Forward)] };
            ends.AddRange(forwards.Select(forward => (forward.Key, built, forward.Forward)));
            tunnels.Add(built);
            if (forwards.Count == 0)
            {
                faults.Error(key, null, "Nothing is led through this tunnel. Name it in a backend or an upstream (\"Tunnel\"), or give it Forwards or Templates.");
            }
            else if (forwards.Count > MostForwards)
            {
                faults.Error(key, null, $"One tunnel has at most {MostForwards} forwards, this one {forwards.Count}. Make a second one.");
            }
            else if (use is null && forwards.Exists(forward => !forward.Forward.IsRemote))
            {
                faults.Warn(key, null, "No backend and no upstream names this tunnel. It is opened for other programs; if it was meant for one of them, set \"Tunnel\" there.");
            }
        }

        TunnelConflicts.Check(ends, taken, faults);
        return new TunnelTable(tunnels, [.. tunnels.Select(tunnel => tunnel.KeyFile).Where(file => file.Length > 0)]);
    }

    private static Dictionary<string, TunnelUse> CheckOwners(IReadOnlyDictionary<string, TunnelOptions> options, IReadOnlyList<TunnelUse> uses, FaultList faults)
    {
        var owners = new Dictionary<string, TunnelUse>(StringComparer.Ordinal);
        foreach (var use in uses)
        {
            if (!options.ContainsKey(use.Tunnel))
            {
                faults.Error($"{use.Key}:Tunnel", use.Tunnel, FaultList.Unknown("tunnel", use.Tunnel, options.Keys));
            }
            else if (!owners.TryAdd(use.Tunnel, use))
            {
                faults.Error($"{use.Key}:Tunnel", use.Tunnel, $"This tunnel belongs to {owners[use.Tunnel].Key} already, and whoever changes it there must not break another. Make a tunnel of its own for this.");
            }
        }

        return owners;
    }

    private static void CheckPrograms(IReadOnlyDictionary<string, TunnelOptions> options, TunnelPlaces places, FaultList faults)
    {
        foreach (var program in new[] { places.Ssh, places.KeyScan })
        {
            if (FileStanding.FindFault(program, isProgram: true) is { } fault)
            {
                faults.Error(Section, program, File.Exists(program) ? fault : "Tunnels are made of this program, which is not there. Install the package openssh-client.");
            }
        }

        if (!File.Exists(ProgramCommand.SetPriv))
        {
            faults.Error(Section, ProgramCommand.SetPriv, "Programs are started through this one, which is not there. Install the package util-linux.");
        }

        if (places.AskPass.Length == 0 && options.FirstOrDefault(tunnel => tunnel.Value.Password.Length > 0 || tunnel.Value.KeyPassphrase.Length > 0) is { Key: { } name })
        {
            faults.Error($"{Section}:{name}", null, "A secret is handed to ssh by the gateway's own program file, which is not beside its library. Install the gateway whole, or use a key without a passphrase.");
        }

        if (!TunnelText.IsSocketPath(Path.Combine(places.Folder, $"{new string('x', 32)}-{new string('0', 12)}.sock")))
        {
            faults.Error(
                Section, places.Folder, $"Sockets of tunnels lie here, and ssh wants their paths short ({TunnelText.LongestSocket} characters, 50 of them for the name) and of letters, digits and ._-/ only. Choose another state directory.");
        }
    }

    private static void CheckServer(TunnelOptions tunnel, string key, FaultList faults)
    {
        if (tunnel.Host.Length > 0 && !TunnelText.IsHost(tunnel.Host))
        {
            faults.Error($"{key}:Host", tunnel.Host, "Must be a host name or an IP address: letters, digits, dots and hyphens, beginning with a letter or digit. The port is another key.");
        }

        if (tunnel.User.Length > 0 && !TunnelText.IsUser(tunnel.User))
        {
            faults.Error($"{key}:User", tunnel.User, "Must be a user's name of letters, digits and . _ - @ \\, beginning with a letter, digit or underscore.");
        }

        if (tunnel.ReconnectDelay > tunnel.ReconnectDelayMax)
        {
            faults.Error($"{key}:ReconnectDelayMax", $"{tunnel.ReconnectDelayMax.TotalSeconds}s", $"Is shorter than ReconnectDelay ({tunnel.ReconnectDelay.TotalSeconds}s). Raise it.");
        }

        foreach (var (name, value) in new[] { (nameof(TunnelOptions.KeepAliveInterval), tunnel.KeepAliveInterval), (nameof(TunnelOptions.ConnectTimeout), tunnel.ConnectTimeout) })
        {
            if (value.Ticks % TimeSpan.TicksPerSecond != 0)
            {
                faults.Error($"{key}:{name}", $"{value.TotalSeconds}s", "ssh knows whole seconds only. Round it.");
            }
        }

        if (tunnel.Fingerprint.Length == 0)
        {
            faults.Warn($"{key}:Fingerprint", null, "Without it the tunnel trusts only a key that \"authgateway tunnel trust\" learned. Put the fingerprint here, so that a new machine trusts the same one.");
        }
    }

    private static void CheckSecrets(TunnelOptions tunnel, string key, TunnelPlaces places, FaultList faults)
    {
        if (tunnel.KeyFile.Length > 0 && tunnel.Password.Length > 0)
        {
            faults.Error($"{key}:Password", "***", "A tunnel has a key or a password. Remove one of KeyFile and Password.");
        }
        else if (tunnel.KeyFile.Length == 0 && tunnel.Password.Length == 0)
        {
            faults.Error($"{key}:KeyFile", null, "How does the gateway prove itself to the server? Set KeyFile, or PasswordFile.");
        }

        if (tunnel.KeyPassphrase.Length > 0 && tunnel.KeyFile.Length == 0)
        {
            faults.Error($"{key}:KeyPassphrase", "***", "There is no key it could open. Set KeyFile, or remove it.");
        }

        foreach (var (name, secret) in new[] { (nameof(TunnelOptions.Password), tunnel.Password), (nameof(TunnelOptions.KeyPassphrase), tunnel.KeyPassphrase) })
        {
            if (secret.Any(char.IsControl))
            {
                faults.Error($"{key}:{name}", "***", "Must be one line without control characters.");
            }
        }

        if (tunnel.KeyFile.Length > 0 && FindKeyFault(tunnel.KeyFile) is { } fault)
        {
            faults.Error($"{key}:KeyFile", tunnel.KeyFile, fault);
        }
    }

    /// <summary>What is wrong with a private key's file, with its remedy; or null.</summary>
    internal static string? FindKeyFault(string file)
    {
        if (new FileInfo(file).LinkTarget is not null)
        {
            return "The file is a symbolic link. Name the file itself.";
        }

        if (FileStanding.FindFault(file, isProgram: false) is { } fault)
        {
            return fault;
        }

        try
        {
            if ((File.GetUnixFileMode(file) & OthersMay) != 0)
            {
                return $"Others than the owner can read or change the key. Run: chmod 600 {file}";
            }

            using var reader = File.OpenText(file);
            var head = new char[64];
            var read = reader.ReadBlock(head);
            return head.AsSpan(0, read).Contains("PRIVATE KEY", StringComparison.Ordinal) ? null : "This is not a private key (-----BEGIN … PRIVATE KEY-----). Name the file without .pub, or make one with: ssh-keygen -t ed25519";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"The file cannot be read: {e.Message}";
        }
    }

    private static List<(string Key, TunnelForward Forward)> Forwards(string name, TunnelOptions tunnel, TunnelUse? use, TunnelPlaces places, FaultList faults)
    {
        var key = $"{Section}:{name}";
        var found = new List<(string Key, TunnelForward Forward)>();
        for (var i = 0; i < tunnel.Forwards.Count; i++)
        {
            if (Parse(tunnel.Forwards[i], $"{key}:Forwards[{i}]", faults) is { } forward)
            {
                found.Add(($"{key}:Forwards[{i}]", forward));
            }
        }

        foreach (var (template, target) in tunnel.Templates)
        {
            var at = $"{key}:Templates:{template}";
            if (!TunnelTemplate.Names.Contains(template, StringComparer.Ordinal))
            {
                faults.Error(at, target, FaultList.Unknown("template", template, TunnelTemplate.Names));
            }
            else if (TunnelTemplate.Expand(template, target, out var fault) is { } forwards)
            {
                found.AddRange(forwards.Select(forward => (at, forward)));
            }
            else
            {
                faults.Error(at, target, fault);
            }
        }

        foreach (var (host, port) in (use?.Targets ?? []).Distinct())
        {
            if (!TunnelText.IsHost(host))
            {
                faults.Error($"{use!.Key}:Tunnel", use.Tunnel, $"\"{host}\" cannot be reached through a tunnel: a host name of letters, digits, dots and hyphens, or an address without scope, is needed.");
                continue;
            }

            found.Add((use!.Key, new TunnelForward(IsRemote: false, new TunnelEnd("", 0, places.Socket(name, host, port)), new TunnelEnd(host, port, null))));
        }

        return found;
    }

    private static TunnelForward? Parse(TunnelForwardOptions options, string key, FaultList faults)
    {
        var isRemote = options.Direction == "remote";
        TunnelEnd? listen = null;
        if (options.Listen.StartsWith('/'))
        {
            if (!TunnelText.IsSocketPath(options.Listen))
            {
                faults.Error($"{key}:Listen", options.Listen, $"A socket's path has at most {TunnelText.LongestSocket} characters: letters, digits and ._-/ only, without \"..\".");
            }
            else if (!isRemote && IsSomethingElse(options.Listen))
            {
                faults.Error($"{key}:Listen", options.Listen, "There is a file of this name that is no socket, and ssh would remove it. Choose another path.");
            }
            else
            {
                listen = new TunnelEnd("", 0, options.Listen);
            }
        }
        else if (options.Listen.Length > 0)
        {
            listen = ParseAddress(options, isRemote, key, faults);
        }

        if (options.Public && !isRemote)
        {
            faults.Error($"{key}:Public", "true", "The gateway's side of a tunnel listens on loopback only; whoever shall be served from outside is published as a service. Remove it.");
        }

        if (!TunnelText.TryParseEnd(options.Target, out var target))
        {
            if (options.Target.Length > 0)
            {
                faults.Error($"{key}:Target", options.Target, "Must be host:port, such as dc1.corp.example.org:636 or [2001:db8::1]:636.");
            }

            return null;
        }

        return listen is { } where ? new TunnelForward(isRemote, where, target.Value) : null;
    }

    private static TunnelEnd? ParseAddress(TunnelForwardOptions options, bool isRemote, string key, FaultList faults)
    {
        if (!TunnelText.TryParseEnd(options.Listen, out var end) || !IPAddress.TryParse(end.Value.Host, out var address))
        {
            faults.Error($"{key}:Listen", options.Listen, "Must be 127.0.0.1:port, [::1]:port or the absolute path of a socket.");
            return null;
        }

        if (IPAddress.IsLoopback(address))
        {
            return end;
        }

        if (!isRemote)
        {
            faults.Error($"{key}:Listen", options.Listen, "The gateway's side of a tunnel listens on loopback only, or every neighbour would be in the other network. Use 127.0.0.1.");
            return null;
        }

        if (!options.Public)
        {
            faults.Error($"{key}:Listen", options.Listen, "The far side would offer this to its whole network. Use 127.0.0.1, or set \"Public\": true if that is meant.");
            return null;
        }

        return end;
    }

    private static bool IsSomethingElse(string path)
    {
        try
        {
            if (!File.Exists(path))
            {
                return Directory.Exists(path);
            }

            // A socket cannot be opened as a file (ENXIO).
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            return true;
        }
        catch (UnauthorizedAccessException)
        {
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static string VersionOf(string file)
    {
        var info = file.Length > 0 ? new FileInfo(file) : null;
        return info is { Exists: true } ? $"{info.LastWriteTimeUtc.Ticks}/{info.Length}" : "";
    }
}
