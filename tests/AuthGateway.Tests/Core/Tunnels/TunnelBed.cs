using AuthGateway.Core.Faults;
using AuthGateway.Core.Tunnels;

namespace AuthGateway.Tests.Core.Tunnels;

/// <summary>Tunnels in a folder that is gone after the test.</summary>
internal sealed class TunnelBed : IDisposable
{
    public const string Fingerprint = "SHA256:KKIZlmqxMlwr9dbP9Jkn1+/riT+jpDt72ZHPdBj/5fg";

    public TunnelBed()
    {
        Folder = Directory.CreateTempSubdirectory("agw-tunnel-").FullName;
        Places = new TunnelPlaces(Path.Combine(Folder, "tunnels")) { Ssh = "/bin/true", KeyScan = "/bin/true", AskPass = "/opt/authgateway/authgateway" };
        Key = Write("key", "-----BEGIN OPENSSH PRIVATE KEY-----\n");
    }

    public string Folder { get; }

    public TunnelPlaces Places { get; }

    public string Key { get; }

    public Dictionary<string, TunnelOptions> Options { get; } = new(StringComparer.Ordinal);

    public List<TunnelUse> Uses { get; } = [];

    public List<TakenPort> Taken { get; } = [];

    public TunnelOptions Add(string name = "office", Action<TunnelOptions>? change = null)
    {
        var options = new TunnelOptions { Host = "ssh.example.org", User = "tunnel", KeyFile = Key, Fingerprint = Fingerprint };
        change?.Invoke(options);
        Options.Add(name, options);
        return options;
    }

    public void Use(string tunnel, string key, params (string Host, int Port)[] targets) => Uses.Add(new TunnelUse(key, tunnel, targets));

    public TunnelTable Build(out FaultList faults) => TunnelTableBuilder.Build(Options, Uses, Taken, Places, faults = new FaultList());

    /// <summary>Faults as key, value and message, one a line.</summary>
    public IReadOnlyList<string> Faults()
    {
        Build(out var faults);
        return [.. faults.All.Select(fault => $"{(fault.Severity == FaultSeverity.Warning ? "warning " : "")}{fault.Key}={fault.Value}: {fault.Message}")];
    }

    public string Write(string name, string text, UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite)
    {
        var file = Path.Combine(Folder, name);
        File.WriteAllText(file, text);
        File.SetUnixFileMode(file, mode);
        return file;
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
