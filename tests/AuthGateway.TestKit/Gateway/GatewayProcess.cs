using System.Diagnostics;
using System.Net;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace AuthGateway.TestKit.Gateway;

/// <summary>The real program as a child process, with a state directory of its own that goes with it.</summary>
public sealed partial class GatewayProcess : IAsyncDisposable
{
    private const int Terminate = 15;

    private static readonly TimeSpan Startup = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Shutdown = TimeSpan.FromSeconds(35);

    private readonly GatewaySetup _setup;
    private readonly Dictionary<string, int> _ports = new(StringComparer.Ordinal);
    private readonly StringBuilder _errors = new();
    private readonly HttpClient _staff = new(new HttpClientHandler
    {
        // The staff listener shows a certificate it made itself, and the test reads nothing secret over it.
        ServerCertificateCustomValidationCallback = HttpClientHandler.DangerousAcceptAnyServerCertificateValidator,
        UseProxy = false,
    })
    {
        Timeout = TimeSpan.FromSeconds(5),
    };

    private Process? _process;

    private GatewayProcess(GatewaySetup setup)
    {
        _setup = setup;
        State = System.IO.Directory.CreateTempSubdirectory("authgateway-test-").FullName;
        File.SetUnixFileMode(State, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        ConfigurationFile = Path.Combine(State, "appsettings.json");
        Bed.CopyPki(State);
        setup.Prepare?.Invoke(State);
        WriteConfiguration(setup.Configuration);
        setup.Finish?.Invoke(State);
    }

    /// <summary>The state directory.</summary>
    public string State { get; }

    /// <summary>The configuration file, in the state directory.</summary>
    public string ConfigurationFile { get; }

    /// <summary>The process id.</summary>
    public int Id => Running.Id;

    /// <summary>What the process wrote to standard error until now.</summary>
    public string Errors
    {
        get
        {
            lock (_errors)
            {
                return _errors.ToString();
            }
        }
    }

    private Process Running => _process ?? throw new InvalidOperationException("The gateway has not been started.");

    /// <summary>Where a port of the configuration is reached.</summary>
    public IPEndPoint EndPoint(string port) => new(IPAddress.Loopback, _ports[port]);

    /// <summary>Starts the program and waits until it is ready.</summary>
    public static async Task<GatewayProcess> StartAsync(GatewaySetup setup)
    {
        var gateway = new GatewayProcess(setup);
        try
        {
            await gateway.StartAsync();
            return gateway;
        }
        catch
        {
            await gateway.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts a configuration that is expected to be refused, and returns what the program said.</summary>
    public static async Task<ProgramRun> RunRefusedAsync(GatewaySetup setup)
    {
        await using var gateway = new GatewayProcess(setup);
        return await gateway.RunCliAsync(["run"], null, TimeSpan.FromSeconds(15));
    }

    /// <summary>Starts the program again in the same state directory, on the same ports.</summary>
    public async Task StartAsync()
    {
        var start = new ProcessStartInfo("dotnet", [Repository.Program, "run", "--config", ConfigurationFile, "--state", State])
        {
            UseShellExecute = false,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            RedirectStandardInput = true,
            WorkingDirectory = State,
        };
        start.Environment["DOTNET_NOLOGO"] = "1";
        _process = new Process { StartInfo = start };
        _process.ErrorDataReceived += Keep;
        _process.OutputDataReceived += Keep;
        _process.Start();
        _process.BeginErrorReadLine();
        _process.BeginOutputReadLine();
        _process.StandardInput.Close();
        if (!await Deadline.PollAsync(Startup, async () => _process.HasExited || await IsReadyAsync()) || _process.HasExited)
        {
            throw new InvalidOperationException(
                $"The gateway {(_process.HasExited ? $"ended with {_process.ExitCode}" : "was not ready in time")}.\n{Errors}");
        }
    }

    /// <summary>Whether <c>/healthz</c> says ready.</summary>
    public async Task<bool> IsReadyAsync()
    {
        try
        {
            using var answer = await _staff.GetAsync(Staff("healthz"));
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            return false;
        }
    }

    /// <summary>What <c>/healthz</c> says, whatever its status.</summary>
    public async Task<string> HealthAsync()
    {
        using var answer = await _staff.GetAsync(Staff("healthz"));
        return await answer.Content.ReadAsStringAsync();
    }

    /// <summary>What <c>/status</c> says.</summary>
    public async Task<JsonElement> StatusAsync()
    {
        await using var stream = await _staff.GetStreamAsync(Staff("status"));
        using var document = await JsonDocument.ParseAsync(stream);
        return document.RootElement.Clone();
    }

    /// <summary>The generation of the configuration in force.</summary>
    public async Task<long> GenerationAsync() => (await StatusAsync()).GetProperty("generation").GetInt64();

    /// <summary>Writes a new configuration and waits until it is in force.</summary>
    public async Task ReloadAsync(string configuration)
    {
        var before = await GenerationAsync();
        WriteConfiguration(configuration);
        if (!await Deadline.PollAsync(Startup, async () => await GenerationAsync() > before))
        {
            throw new TimeoutException($"The new configuration did not come into force. {await StatusAsync()}\n{Errors}");
        }
    }

    /// <summary>Waits until a load has been refused after this changes something, and returns the status.</summary>
    public async Task<JsonElement> RefusedReloadAsync(Action change)
    {
        ArgumentNullException.ThrowIfNull(change);
        change();
        JsonElement status = default;
        if (!await Deadline.PollAsync(Startup, async () => !(status = await StatusAsync()).GetProperty("lastLoad").GetProperty("inForce").GetBoolean()))
        {
            throw new TimeoutException($"The change was not refused. {status}\n{Errors}");
        }

        return status;
    }

    /// <summary>Runs a verb on the same configuration and state.</summary>
    public Task<ProgramRun> RunCliAsync(IReadOnlyList<string> arguments, string? input = null, TimeSpan? within = null) =>
        StoreVerbs.Has(arguments) ? StoreVerbs.RunAsync([.. arguments, .. Places], input) : RunProgramAsync(arguments, input, within);

    /// <summary>The same by the program itself, as a shell starts it.</summary>
    public Task<ProgramRun> RunProgramAsync(IEnumerable<string> arguments, string? input = null, TimeSpan? within = null) =>
        ProgramRun.ExecuteAsync("dotnet", [Repository.Program, .. arguments, .. Places], input, within);

    private string[] Places => ["--config", ConfigurationFile, "--state", State];

    /// <summary>
    /// The audit records found for these options of <c>audit search</c>, newest first. Repeats are folded before they are written, so a record may come a
    /// moment after its request; this asks once.
    /// </summary>
    public async Task<IReadOnlyList<JsonElement>> AuditAsync(params string[] options)
    {
        var run = await RunCliAsync(["audit", "search", .. options, "--json"]);
        if (run.ExitCode is not (0 or 1))
        {
            throw new InvalidOperationException($"The audit search ended with {run.ExitCode}.\n{run.Error}{run.Output}");
        }

        return string.IsNullOrWhiteSpace(run.Output) ? [] : [.. JsonSerializer.Deserialize<List<JsonElement>>(run.Output)!];
    }

    /// <summary>Asks until the audit holds a record that fits.</summary>
    public async Task<JsonElement> AuditRecordAsync(Func<JsonElement, bool> fits, params string[] options)
    {
        IReadOnlyList<JsonElement> records = [];
        JsonElement found = default;
        var there = await Deadline.PollAsync(TimeSpan.FromSeconds(10), async () =>
        {
            records = await AuditAsync(options);
            found = records.FirstOrDefault(fits);
            return found.ValueKind == JsonValueKind.Object;
        });
        return there ? found : throw new InvalidOperationException($"No such audit record among {records.Count}:\n{string.Join('\n', records)}");
    }

    /// <summary>Asks the program to stop, as systemd does, and returns its exit code.</summary>
    public async Task<int> StopAsync()
    {
        _ = Signal(Running.Id, Terminate);
        using var limit = new CancellationTokenSource(Shutdown);
        await Running.WaitForExitAsync(limit.Token);
        return Running.ExitCode;
    }

    /// <summary>Ends the program without a word, as a power cut does.</summary>
    public async Task KillAsync()
    {
        Running.Kill();
        await Running.WaitForExitAsync();
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (_process is { } process)
        {
            try
            {
                if (!process.HasExited)
                {
                    process.Kill();
                    await process.WaitForExitAsync();
                }
            }
            catch (InvalidOperationException)
            {
                // It was never started.
            }

            process.Dispose();
        }

        _staff.Dispose();
        System.IO.Directory.Delete(State, recursive: true);
    }

    private Uri Staff(string path) => new($"https://127.0.0.1:{_ports["staff"]}/{path}");

    /// <summary>Writes the configuration file anew, without waiting for what comes of it.</summary>
    public void WriteConfiguration(string text)
    {
        text = Placeholder().Replace(text, match => match.Groups["port"].Success
            ? Port(match.Groups["port"].Value).ToString(System.Globalization.CultureInfo.InvariantCulture)
            : _setup.Values.TryGetValue(match.Groups["name"].Value, out var value) ? value : match.Value);
        var next = ConfigurationFile + ".new";
        File.WriteAllText(next, text);
        File.SetUnixFileMode(next, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.Move(next, ConfigurationFile, overwrite: true);
    }

    private int Port(string name)
    {
        if (!_ports.TryGetValue(name, out var port))
        {
            _ports[name] = port = FreePorts.Take();
        }

        return port;
    }

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        lock (_errors)
        {
            _errors.AppendLine(line.Data);
        }
    }

    [GeneratedRegex("@(port:(?<port>[a-z0-9-]+)|(?<name>[A-Za-z0-9-]+))@", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Placeholder();

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int Signal(int process, int signal);
}
