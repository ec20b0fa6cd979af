using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace AuthGateway.Core.Tunnels;

/// <summary>Where tunnels keep what they need while they run, and the programs they are made of.</summary>
/// <param name="Folder">A folder of the state directory that only the gateway's user may enter.</param>
public sealed record TunnelPlaces(string Folder)
{
    /// <summary>OpenSSH's client.</summary>
    public string Ssh { get; init; } = "/usr/bin/ssh";

    /// <summary>OpenSSH's reader of host keys.</summary>
    public string KeyScan { get; init; } = "/usr/bin/ssh-keyscan";

    /// <summary>A program that writes the secret of <see cref="SshCommand.SecretVariable"/> to standard output: the gateway itself. Empty where there is none.</summary>
    public string AskPass { get; init; } = "";

    /// <summary>Where the runtime is that <see cref="AskPass"/> needs, when this process was started through it; empty where it finds it by itself.</summary>
    public string DotnetRoot { get; init; } = "";

    /// <summary>Where the state of the running gateway's tunnels is told.</summary>
    public string StatusFile => Path.Combine(Folder, "status.json");

    /// <summary>The private local end of a tunnel for one target. Known without asking anybody: backends and upstreams connect to it, ssh makes it.</summary>
    public string Socket(string tunnel, string host, int port)
    {
        var target = string.Create(CultureInfo.InvariantCulture, $"{host.ToLowerInvariant()}:{port}");
        return Path.Combine(Folder, $"{tunnel}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(target)).AsSpan(0, 6))}.sock");
    }

    internal string LockFile => Path.Combine(Folder, "lock");

    internal string PidFile(string tunnel) => Path.Combine(Folder, $"{tunnel}.pid");

    internal string KnownHosts(string tunnel) => Path.Combine(Folder, $"{tunnel}.known_hosts");

    internal string TrustFile(string tunnel) => Path.Combine(Folder, $"{tunnel}.trusted");

    /// <summary>Makes the folder, for its owner alone.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">It cannot be made, or is another user's.</exception>
    internal void Prepare()
    {
        const UnixFileMode owner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        Directory.CreateDirectory(Folder, owner);
        File.SetUnixFileMode(Folder, owner);
    }

    /// <summary>Writes a file of the folder in one go, for its owner alone.</summary>
    internal static void Write(string file, string text)
    {
        var next = file + ".new";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite };
        using (var stream = new FileStream(next, options))
        {
            stream.Write(Encoding.UTF8.GetBytes(text));
        }

        File.Move(next, file, overwrite: true);
    }
}
