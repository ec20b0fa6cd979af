using System.Globalization;
using System.Text;
using AuthGateway.Core.Backends.Programs;

namespace AuthGateway.Core.Tunnels;

/// <summary>
/// What a gateway that was killed left in its folder. The kernel ends ssh with the gateway (PR_SET_PDEATHSIG); this is for the moment before that is set, and for
/// the files. Only to be called by whoever holds the folder's lock.
/// </summary>
internal static class TunnelLeftovers
{
    /// <summary>Ends processes that are ours beyond doubt and removes sockets, keys and pid files. Returns what was ended.</summary>
    public static IReadOnlyList<(string Tunnel, int Pid)> Clean(TunnelPlaces places)
    {
        var ended = new List<(string, int)>();
        foreach (var file in Directory.EnumerateFiles(places.Folder, "*.pid"))
        {
            var tunnel = Path.GetFileNameWithoutExtension(file);
            if (int.TryParse(ReadText(file), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) && pid > 1 && IsOurs(pid, places.KnownHosts(tunnel)))
            {
                _ = NativeProcess.Kill(-pid, NativeProcess.SignalKill);
                ended.Add((tunnel, pid));
            }

            File.Delete(file);
        }

        foreach (var file in Directory.EnumerateFiles(places.Folder, "*.sock").Concat(Directory.EnumerateFiles(places.Folder, "*.known_hosts")).ToList())
        {
            File.Delete(file);
        }

        return ended;
    }

    /// <summary>Whether a process is an ssh of this folder: its command line names the file of keys that only ours is given.</summary>
    internal static bool IsOurs(int pid, string knownHosts)
    {
        var line = ReadText(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/cmdline"));
        return line.Split('\0').Contains($"UserKnownHostsFile={knownHosts}", StringComparer.Ordinal);
    }

    private static string ReadText(string file)
    {
        try
        {
            return File.ReadAllText(file, Encoding.UTF8).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
