namespace AuthGateway.Core.Tunnels;

/// <summary>
/// Which key a server must show. What the configuration pins decides; else what an administrator had the gateway learn (<c>tunnel trust</c>), kept in a file
/// of the tunnel's folder together with the server it was learned from.
/// </summary>
internal sealed class HostKeyBook(TunnelPlaces places)
{
    /// <summary>The name under which a server's key stands in the file given to ssh, whatever host and port it has.</summary>
    public static string Alias(string tunnel) => $"tunnel-{tunnel}";

    /// <summary>The fingerprint that counts, or null when nobody has said.</summary>
    public string? Pin(Tunnel tunnel) => tunnel.Fingerprint.Length > 0 ? tunnel.Fingerprint : Learned(tunnel)?.Fingerprint;

    /// <summary>The key learned for this very server, or null.</summary>
    public HostKey? Learned(Tunnel tunnel)
    {
        try
        {
            var text = File.ReadAllText(places.TrustFile(tunnel.Name)).Trim();
            return HostKey.TryParse(text, out var key) && text.StartsWith($"{tunnel.Server} ", StringComparison.OrdinalIgnoreCase) ? key : null;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Learns a key for a server. Only an administrator does.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Learn(Tunnel tunnel, HostKey key)
    {
        places.Prepare();
        TunnelPlaces.Write(places.TrustFile(tunnel.Name), $"{tunnel.Server} {key.Kind} {key.Blob}\n");
    }

    /// <summary>Writes the one key ssh may accept, and returns the file.</summary>
    public static void WriteKnownHosts(string file, string tunnel, HostKey key) => TunnelPlaces.Write(file, $"{Alias(tunnel)} {key.Kind} {key.Blob}\n");
}
