using System.Diagnostics;
using System.Net.Sockets;
using AuthGateway.TestKit.Gateway;

namespace AuthGateway.Scenarios.Directories;

/// <summary>
/// A further server with what the bed's second OpenLDAP holds: same entries, same numbers, same password policies. It is this test's own, so that it may
/// be counted at, changed and ended.
/// </summary>
internal sealed class ReplicaDirectory : IAsyncDisposable
{
    public const string Base = "dc=second,dc=test";

    private readonly string _folder = System.IO.Directory.CreateTempSubdirectory("authgateway-replica-").FullName;
    private readonly int _port = FreePorts.Take();
    private readonly Lock _lock = new();
    private readonly List<string> _log = [];
    private Process? _process;

    /// <summary>For the configuration.</summary>
    public string Address => $"ldap://127.0.0.1:{_port}";

    /// <summary>Binds of people seen so far, right or wrong.</summary>
    public int Binds
    {
        get
        {
            lock (_lock)
            {
                return _log.Count(line => line.Contains(" BIND dn=\"uid=", StringComparison.Ordinal) && line.EndsWith(" method=128", StringComparison.Ordinal));
            }
        }
    }

    /// <summary>Starts one.</summary>
    /// <param name="more">Entries it has beside the others', as LDIF.</param>
    public static async Task<ReplicaDirectory> StartAsync(string more = "")
    {
        await Bed.EnsureServiceAsync("slapd2");
        var replica = new ReplicaDirectory();
        try
        {
            await replica.FillAsync(more);
            await replica.RunAsync();
            return replica;
        }
        catch
        {
            await replica.DisposeAsync();
            throw;
        }
    }

    /// <summary>The server is gone.</summary>
    public void Kill()
    {
        _process?.Kill();
        _process?.WaitForExit();
    }

    public ValueTask DisposeAsync()
    {
        Kill();
        _process?.Dispose();
        System.IO.Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    private async Task FillAsync(string more)
    {
        var theirs = Path.Combine(Bed.Folder, "slapd2", "slapd.conf");
        var ours = Path.Combine(_folder, "slapd.conf");
        var database = System.IO.Directory.CreateDirectory(Path.Combine(_folder, "db")).FullName;
        await File.WriteAllTextAsync(
            ours, (await File.ReadAllTextAsync(theirs)).Replace($"directory {Path.Combine(Bed.Folder, "slapd2", "db")}", $"directory {database}", StringComparison.Ordinal));
        var copy = await ProgramRun.ExecuteAsync("slapcat", ["-f", theirs]);
        copy.ExitCode.ShouldBe(0, copy.Error);
        var fill = await ProgramRun.ExecuteAsync("slapadd", ["-q", "-f", ours], $"{copy.Output}\n{more}\n");
        fill.ExitCode.ShouldBe(0, fill.Error);
    }

    private async Task RunAsync()
    {
        var start = new ProcessStartInfo("slapd", ["-d", "stats", "-f", Path.Combine(_folder, "slapd.conf"), "-h", Address]) { UseShellExecute = false, RedirectStandardError = true };
        _process = Process.Start(start) ?? throw new InvalidOperationException("slapd did not start.");
        _process.ErrorDataReceived += (_, line) =>
        {
            lock (_lock)
            {
                _log.Add(line.Data ?? "");
            }
        };
        _process.BeginErrorReadLine();
        (await Deadline.PollAsync(TimeSpan.FromSeconds(10), ListensAsync)).ShouldBeTrue("slapd does not listen");
    }

    private async Task<bool> ListensAsync()
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync("127.0.0.1", _port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
