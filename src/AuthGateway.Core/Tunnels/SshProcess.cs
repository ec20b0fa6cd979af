using System.Text;
using AuthGateway.Core.Backends.Programs;

namespace AuthGateway.Core.Tunnels;

/// <summary>One running ssh, with what it says.</summary>
internal sealed class SshProcess : ITunnelLink
{
    private const int LongestLine = 4096;
    private const int MostKept = 50;

    private readonly ProgramProcess _program;
    private readonly int _remotes;
    private readonly Func<string, bool>? _listener;
    private readonly Lock _gate = new();
    private readonly Queue<string> _kept = new();
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _opened;
    private bool _entered;
    private bool _isTrusted;
    private volatile bool _wasUp;

    private SshProcess(ProgramProcess program, int remotes, Func<string, bool>? listener)
    {
        _program = program;
        _remotes = remotes;
        _listener = listener;
        Ended = WatchAsync();
    }

    public int Id => _program.Id;

    public Task<TunnelLoss> Ended { get; }

    /// <summary>Ends when authentication is done and every forward is open.</summary>
    public Task Ready => _ready.Task;

    /// <summary>Starts it.</summary>
    /// <param name="command">What.</param>
    /// <param name="remotes">How many remote forwards must be confirmed before it is ready.</param>
    /// <param name="listener">Hears every line, or null; returning false has it forgotten.</param>
    /// <exception cref="ProgramStartException">The system does not start it.</exception>
    public static SshProcess Start(ProgramCommand command, int remotes, Func<string, bool>? listener = null) =>
        new(ProgramProcess.Start(command, ProgramChannel.Conversation), remotes, listener);

    public async ValueTask DisposeAsync()
    {
        await _program.DisposeAsync();
        await Ended;
    }

    private async Task<TunnelLoss> WatchAsync()
    {
        var listening = ListenAsync();
        await _program.Exited;

        // A child of ssh that holds the pipe open (askpass) was killed with its group, so this ends.
        await listening;
        lock (_gate)
        {
            return SshWords.Judge([.. _kept], _wasUp, _isTrusted);
        }
    }

    private async Task ListenAsync()
    {
        var buffer = new byte[LongestLine];
        var length = 0;
        var isRest = false;
        try
        {
            int read;
            while ((read = await _program.Errors.ReadAsync(buffer.AsMemory(length))) > 0)
            {
                length += read;
                int end;
                while ((end = buffer.AsSpan(0, length).IndexOf((byte)'\n')) >= 0 || length == buffer.Length)
                {
                    var upTo = end >= 0 ? end : length;
                    if (!isRest)
                    {
                        Hear(Encoding.UTF8.GetString(buffer, 0, upTo).TrimEnd('\r'));
                    }

                    // What goes on behind the longest line is no line of its own, or the server could write one.
                    isRest = end < 0;
                    var rest = Math.Min(length, upTo + 1);
                    buffer.AsSpan(rest, length - rest).CopyTo(buffer);
                    length -= rest;
                }
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // The program is gone.
        }
    }

    private void Hear(string line)
    {
        _isTrusted |= SshWords.IsTrusted(line);
        _entered |= line.StartsWith(SshWords.Ready, StringComparison.Ordinal);
        if (line.StartsWith(SshWords.RemoteOpened, StringComparison.Ordinal))
        {
            _opened++;
        }

        if (_entered && _opened >= _remotes && !_wasUp)
        {
            _wasUp = true;
            _ready.TrySetResult();
        }

        if (_listener?.Invoke(line) != false && SshWords.IsWorthKeeping(line))
        {
            lock (_gate)
            {
                _kept.Enqueue(line);
                if (_kept.Count > MostKept)
                {
                    _kept.Dequeue();
                }
            }
        }
    }
}
