using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using AuthGateway.Scenarios.Attacks;
using AuthGateway.TestKit.Gateway;

namespace AuthGateway.Scenarios.Programs;

/// <summary>A gateway whose accounts are known to programs only, with a folder for those programs.</summary>
internal sealed class ProgramGateway : IAsyncDisposable
{
    private const UnixFileMode Executable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private readonly AttackGateway _attack = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("authgateway-programs-").FullName;
    private GatewayProcess? _process;

    public ProgramGateway()
    {
        File.SetUnixFileMode(_folder, Executable);
        Directory.CreateDirectory(Notes);
        File.SetUnixFileMode(Notes, Executable | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite);
    }

    public GatewayProcess Process => _process ?? throw new InvalidOperationException("The gateway was not started.");

    public EchoUpstream Echo => _attack.Echo;

    /// <summary>Where programs may write.</summary>
    public string Notes => Path.Combine(_folder, "notes");

    public string PathOf(string name) => Path.Combine(_folder, name);

    /// <summary>Puts a program, or a file it reads, into the folder.</summary>
    public string Write(string name, string text)
    {
        var file = PathOf(name);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text.Replace("@folder@", _folder, StringComparison.Ordinal));
        File.SetUnixFileMode(file, Executable);
        return file;
    }

    /// <summary>Puts a program that is shipped with the gateway into the folder.</summary>
    public string CopySample(string name) => Write(name, File.ReadAllText(Path.Combine(Repository.Root, "deploy", "samples", "helpers", name)));

    /// <summary>Starts the gateway with these backends.</summary>
    public async Task StartAsync(params JsonObject[] backends) =>
        _process = await GatewayProcess.StartAsync(_attack.Setup(Text(backends)));

    /// <summary>Puts other backends in force.</summary>
    public Task ReloadAsync(params JsonObject[] backends) => Process.ReloadAsync(
        AttackGateway.Configuration.Replace("@backends@", Text(backends), StringComparison.Ordinal));

    /// <summary>What the gateway says to a start with these backends.</summary>
    public Task<ProgramRun> RefusedAsync(params JsonObject[] backends) => GatewayProcess.RunRefusedAsync(_attack.Setup(Text(backends)));

    /// <summary>A login; its status and how long it took.</summary>
    public async Task<(int Status, TimeSpan Took)> LoginAsync(string user, string password, string target = "/owa/")
    {
        var host = target.StartsWith("/dav", StringComparison.Ordinal) ? AttackGateway.Dav : AttackGateway.Mail;
        var watch = Stopwatch.StartNew();
        var answer = await _attack.SendAsync(HttpVersion.Http1, new AttackRequest("GET", host, target).As(user, password), gateway: Process);
        answer.ShouldNotBeNull();
        return (answer.Status, watch.Elapsed);
    }

    /// <summary>Logs in until it works: a program that was killed rests first.</summary>
    public async Task RecoversAsync(string user, string password) =>
        (await Deadline.PollAsync(TimeSpan.FromSeconds(20), async () => (await LoginAsync(user, password)).Status == 200)).ShouldBeTrue(Process.Errors);

    /// <summary>How many failures are counted.</summary>
    public async Task<int> FailuresAsync() => JsonNode.Parse((await Process.RunCliAsync(["lockout", "list", "--json"])).Output)!.AsArray().Count;

    /// <summary>Processes below the gateway, by id; zombies are not counted.</summary>
    public IReadOnlyList<int> Children() => ChildrenOf(Process.Id);

    public static IReadOnlyList<int> ChildrenOf(int parent)
    {
        var found = new List<int>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var id) && Stat(id) is { State: not "Z" } stat && stat.Parent == parent)
            {
                found.Add(id);
                found.AddRange(ChildrenOf(id));
            }
        }

        return found;
    }

    public static bool Lives(int id) => Stat(id) is { State: not "Z" };

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }

        await _attack.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private static (string State, int Parent)? Stat(int id)
    {
        try
        {
            var text = File.ReadAllText($"/proc/{id}/stat");
            var rest = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            return (rest[0], int.Parse(rest[1], CultureInfo.InvariantCulture));
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static string Text(JsonObject[] backends) => string.Join(",\n", backends.Select(backend => backend.ToJsonString()));
}
