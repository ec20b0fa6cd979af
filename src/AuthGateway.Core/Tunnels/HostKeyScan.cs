using System.Text;
using AuthGateway.Core.Backends.Programs;

namespace AuthGateway.Core.Tunnels;

/// <summary>Asks a server for its keys. What it says proves nothing by itself: only a key whose fingerprint is the pinned one is ever given to ssh.</summary>
internal static class HostKeyScan
{
    private const int MostBytes = 64 * 1024;

    /// <summary>The keys, best kind first; none, and why, when the server could not be asked.</summary>
    public static async Task<(IReadOnlyList<HostKey> Keys, string Why)> ReadAsync(Tunnel tunnel, TunnelPlaces places, TimeProvider time, CancellationToken cancellationToken)
    {
        // Each kind of key is a connection of its own, side by side.
        using var deadline = new CancellationTokenSource(tunnel.ConnectTimeout + TimeSpan.FromSeconds(2), time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        ProgramProcess program;
        try
        {
            program = ProgramProcess.Start(SshCommand.KeyScan(tunnel, places), ProgramChannel.Conversation);
        }
        catch (ProgramStartException e)
        {
            return ([], e.Message);
        }

        await using (program)
        {
            var output = ReadAllAsync(program.Output);
            var errors = ReadAllAsync(program.Errors);
            try
            {
                await program.Exited.WaitAsync(either.Token);
            }
            catch (OperationCanceledException)
            {
                program.Kill();
                cancellationToken.ThrowIfCancellationRequested();
                return ([], "no answer in time");
            }

            var keys = new List<HostKey>();
            foreach (var line in (await output).Split('\n'))
            {
                if (HostKey.TryParse(line, out var key) && !keys.Contains(key))
                {
                    keys.Add(key);
                }
            }

            if (keys.Count > 0)
            {
                return ([.. keys.OrderBy(key => Rank(key.Kind))], "");
            }

            var said = (await errors).Split('\n').FirstOrDefault(line => line.Trim() is { Length: > 0 } text && !text.StartsWith('#'));
            return ([], said is null ? "the server gave no key" : Audit.VisibleText.Escape(said.Trim()) ?? "");
        }
    }

    private static int Rank(string kind) => kind.StartsWith("ssh-ed25519", StringComparison.Ordinal) ? 0 : kind.StartsWith("ecdsa", StringComparison.Ordinal) ? 1 : 2;

    private static async Task<string> ReadAllAsync(Stream stream)
    {
        var buffer = new byte[MostBytes];
        var length = 0;
        try
        {
            int read;
            while (length < buffer.Length && (read = await stream.ReadAsync(buffer.AsMemory(length))) > 0)
            {
                length += read;
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // The program is gone.
        }

        return Encoding.UTF8.GetString(buffer, 0, length);
    }
}
