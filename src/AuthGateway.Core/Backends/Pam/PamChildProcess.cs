using System.Text.Json;
using AuthGateway.Core.Backends.Programs;

namespace AuthGateway.Core.Backends.Pam;

/// <summary>Our end of one <see cref="PamChild"/>: a question and its answer, one at a time.</summary>
internal sealed class PamChildProcess : IAsyncDisposable
{
    private static readonly TimeSpan Farewell = TimeSpan.FromMilliseconds(500);

    private readonly IRunningProgram _program;
    private readonly LineReader _lines;
    private readonly Task _listening;
    private readonly TimeProvider _time;
    private long _number;

    private PamChildProcess(IRunningProgram program, ProgramNotes notes, TimeProvider time)
    {
        _program = program;
        _time = time;
        _lines = new LineReader(program.Output, PamChild.LongestReply);
        _listening = notes.ListenAsync(program.Errors);
    }

    /// <summary>Process id.</summary>
    public int Id => _program.Id;

    /// <summary>Questions asked so far.</summary>
    public long Asked => _number;

    /// <summary>When it was last given back.</summary>
    public long IdleSince { get; set; }

    /// <summary>True once it has ended.</summary>
    public bool HasEnded => _program.Exited.IsCompleted;

    /// <summary>Starts a process and waits until it listens.</summary>
    /// <exception cref="ProgramStartException">It did not start, or said something else first.</exception>
    public static async Task<PamChildProcess> StartAsync(Func<IRunningProgram> start, ProgramNotes notes, TimeProvider time, CancellationToken cancellationToken)
    {
        var child = new PamChildProcess(start(), notes, time);
        try
        {
            if (!await child.ReadLineAsync(static line => line.SequenceEqual("ready"u8), cancellationToken))
            {
                throw new ProgramStartException("the process that checks did not say that it is ready");
            }

            return child;
        }
        catch
        {
            await child.DisposeAsync();
            throw;
        }
    }

    /// <summary>Asks. After an exception the process is of no more use.</summary>
    /// <exception cref="IOException">It ended, or answered something else.</exception>
    public async Task<PamReply> AskAsync(PamRequest request, CancellationToken cancellationToken)
    {
        request.Number = ++_number;
        var line = JsonSerializer.SerializeToUtf8Bytes(request, PamJson.Default.PamRequest);
        try
        {
            await _program.Input.WriteAsync(line, cancellationToken);
            await _program.Input.WriteAsync("\n"u8.ToArray(), cancellationToken);
        }
        finally
        {
            Array.Clear(line);
        }

        PamReply? reply;
        try
        {
            reply = await ReadLineAsync(static text => JsonSerializer.Deserialize(text, PamJson.Default.PamReply), cancellationToken);
        }
        catch (JsonException e)
        {
            throw new IOException("it answered something that is no answer", e);
        }

        return reply is not null && reply.Number == request.Number ? reply : throw new IOException("it answered something else");
    }

    /// <summary>Asks it to end, and kills it when it does not at once, with all it has started.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await _program.Input.DisposeAsync();
        }
        catch (IOException)
        {
            // It is gone.
        }

        await Task.WhenAny(_program.Exited, Task.Delay(Farewell, _time, CancellationToken.None));
        await AbandonAsync();
    }

    /// <summary>Kills it at once.</summary>
    public async ValueTask AbandonAsync()
    {
        _program.Kill();
        await Task.WhenAny(_listening, Task.Delay(Farewell, _time, CancellationToken.None));
        await _program.DisposeAsync();
    }

    private async Task<T> ReadLineAsync<T>(ReadWith<T> read, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (TryTake(read, out var value))
            {
                return value;
            }

            if (!await _lines.FillAsync(cancellationToken))
            {
                throw new IOException(_lines.IsOverlong ? "it wrote a line that is too long" : "it has ended");
            }
        }
    }

    private bool TryTake<T>(ReadWith<T> read, out T value)
    {
        if (_lines.TryTake(out var line))
        {
            value = read(line);
            return true;
        }

        value = default!;
        return false;
    }

    private delegate T ReadWith<out T>(ReadOnlySpan<byte> line);
}
