using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using AuthGateway.Scenarios.Programs;
using AuthGateway.TestKit.Gateway;

namespace AuthGateway.Scenarios.Tunnels;

/// <summary>An SSH server of the test's own, with the bed's users: it may be killed, and come back as somebody else.</summary>
internal sealed class SshServer : IAsyncDisposable
{
    public const string User = "agw-tunnel";
    public const string Password = "tunnel-pw";

    private Process? _process;

    private SshServer(int port) => Port = port;

    public int Port { get; }

    /// <summary>A file of the bed's server.</summary>
    public static string File(string name) => Path.Combine(Bed.Folder, "sshd", name);

    /// <summary>The fingerprint of a key of the bed, as OpenSSH tells it.</summary>
    public static async Task<string> FingerprintAsync(string key) =>
        (await ProgramRun.ExecuteAsync("ssh-keygen", ["-lf", File($"{key}.pub")])).Output.Split(' ')[1];

    public static async Task<SshServer> StartNewAsync()
    {
        await Bed.EnsureServiceAsync("sshd");
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        var server = new SshServer(((IPEndPoint)probe.LocalEndpoint).Port);
        probe.Stop();
        await server.StartAsync();
        return server;
    }

    public async Task StartAsync(string key = "host_ed25519")
    {
        var start = new ProcessStartInfo("/usr/sbin/sshd", ["-D", "-e", "-f", File("sshd.conf"), "-p", Port.ToString(CultureInfo.InvariantCulture), "-h", File(key)])
        {
            UseShellExecute = false,
            RedirectStandardError = true,
        };
        _process = Process.Start(start)!;
        _process.ErrorDataReceived += (_, _) => { };
        _process.BeginErrorReadLine();
        (await Deadline.PollAsync(TimeSpan.FromSeconds(10), ListensAsync)).ShouldBeTrue("sshd listens");
    }

    /// <summary>The machine is gone: the server and every session of it.</summary>
    public async Task StopAsync()
    {
        if (_process is { } process)
        {
            var sessions = ProgramGateway.ChildrenOf(process.Id);
            process.Kill();
            foreach (var session in sessions)
            {
                Kill(session);
            }

            await process.WaitForExitAsync();
            process.Dispose();
            _process = null;
        }
    }

    /// <summary>Processes of the sessions that are open.</summary>
    public IReadOnlyList<int> Sessions() => ProgramGateway.ChildrenOf(_process!.Id);

    /// <summary>Sends a signal to processes.</summary>
    public static void Signal(string signal, IEnumerable<int> processes)
    {
        using var kill = Process.Start("kill", [$"-{signal}", .. processes.Select(id => id.ToString(CultureInfo.InvariantCulture))]);
        kill.WaitForExit();
    }

    public async ValueTask DisposeAsync() => await StopAsync();

    /// <summary>Ends a process, if it still lives.</summary>
    public static void Kill(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            process.Kill();
        }
        catch (ArgumentException)
        {
            // It ended by itself.
        }
    }

    private async Task<bool> ListensAsync()
    {
        try
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(IPAddress.Loopback, Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
