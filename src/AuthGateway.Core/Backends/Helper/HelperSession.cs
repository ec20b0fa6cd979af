using System.Globalization;
using System.Text;
using AuthGateway.Core.Audit;
using AuthGateway.Core.Backends.Programs;
using AuthGateway.Core.Telemetry;
using Microsoft.Extensions.Logging;

namespace AuthGateway.Core.Backends.Helper;

/// <summary>
/// One run of a helper, from its start to its end. A program that breaks the protocol once is not believed again: it is killed, and whoever waits for it
/// gets <see cref="HelperWord.Gone"/>.
/// </summary>
internal sealed partial class HelperSession : IAsyncDisposable
{
    /// <summary>
    /// How long an <c>OK</c> is held back: a program that answers the same number again, breaks the protocol or ends within this time was not to be
    /// believed.
    /// </summary>
    public static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(50);

    /// <summary>Most lines of information between two answers; a program that says more does nothing else.</summary>
    public const int MostInformation = 10_000;

    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(2);

    private readonly string _name;
    private readonly IRunningProgram _program;
    private readonly TimeSpan _timeout;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ProgramNotes _notes;
    private readonly Lock _gate = new();
    private readonly Dictionary<long, TaskCompletionSource<HelperReply>> _waiting = [];
    private readonly SemaphoreSlim _writing = new(1);
    private readonly TaskCompletionSource<string> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _listening;
    private string? _end;
    private long _number;

    /// <summary>Listens to a program that was just started.</summary>
    public HelperSession(string name, IRunningProgram program, TimeSpan timeout, ProgramNotes notes, TimeProvider time, ILogger logger)
    {
        _name = name;
        _program = program;
        _timeout = timeout;
        _notes = notes;
        _time = time;
        _logger = logger;
        _listening = Task.WhenAll(ListenAsync(), notes.ListenAsync(program.Errors));
    }

    /// <summary>Ends with the session, and says why it ended.</summary>
    public Task<string> Ended => _ended.Task;

    /// <summary>Process id, for the log.</summary>
    public int Id => _program.Id;

    /// <summary>Sends a command, which is overwritten afterwards, and waits for its answer.</summary>
    /// <param name="command">Without number and line end.</param>
    /// <param name="disclosure">Notes whether it was written.</param>
    public async Task<HelperReply> AskAsync(byte[] command, Disclosure disclosure)
    {
        var answer = new TaskCompletionSource<HelperReply>(TaskCreationOptions.RunContinuationsAsynchronously);
        long number;
        lock (_gate)
        {
            if (_end is not null)
            {
                return new HelperReply(HelperWord.Gone, _end);
            }

            number = ++_number;
            _waiting.Add(number, answer);
        }

        using var deadline = new CancellationTokenSource(_timeout, _time);
        // Killing the program also ends a write that waits for it to read.
        await using var late = deadline.Token.UnsafeRegister(
            static state => ((HelperSession)state!).End("no answer in time"), this);
        await WriteAsync(number, command, disclosure);
        var reply = await answer.Task;
        if (reply.Word != HelperWord.Ok)
        {
            return reply;
        }

        // Not under the deadline: it has answered in time.
        deadline.CancelAfter(Timeout.InfiniteTimeSpan);
        await Task.WhenAny(_ended.Task, Task.Delay(Settle, _time, CancellationToken.None));
        return _ended.Task.IsCompleted ? new HelperReply(HelperWord.Gone, $"{await _ended.Task}, right after its OK") : reply;
    }

    /// <summary>Lets whoever waits have his answer, says goodbye by closing the program's input, and kills what is left.</summary>
    public async ValueTask DisposeAsync()
    {
        Task<HelperReply>[] waiting;
        lock (_gate)
        {
            waiting = [.. _waiting.Values.Select(answer => answer.Task)];
        }

        await Task.WhenAll(waiting);
        if (waiting.Length > 0)
        {
            await Task.WhenAny(_ended.Task, Task.Delay(Settle * 2, _time, CancellationToken.None));
        }

        await _writing.WaitAsync(CancellationToken.None);
        try
        {
            await _program.Input.DisposeAsync();
        }
        catch (IOException)
        {
            // It is gone already.
        }
        finally
        {
            _writing.Release();
        }

        await Task.WhenAny(_program.Exited, Task.Delay(Farewell, _time, CancellationToken.None));
        End("stopped");
        // What a runaway grandchild holds open is not waited for.
        await Task.WhenAny(_listening, Task.Delay(Farewell, _time, CancellationToken.None));
        await _program.DisposeAsync();
    }

    private async Task WriteAsync(long number, byte[] command, Disclosure disclosure)
    {
        var line = new byte[command.Length + 24];
        await _writing.WaitAsync(CancellationToken.None);
        try
        {
            if (!IsWaitedFor(number))
            {
                return;
            }

            if (!disclosure.TryShow())
            {
                Take(number)?.TrySetResult(new HelperReply(HelperWord.Gone, "nobody waits for it any more"));
                return;
            }

            number.TryFormat(line, out var length, default, CultureInfo.InvariantCulture);
            line[length++] = (byte)' ';
            command.CopyTo(line, length);
            length += command.Length;
            line[length++] = (byte)'\n';
            await _program.Input.WriteAsync(line.AsMemory(0, length), CancellationToken.None);
            await _program.Input.FlushAsync(CancellationToken.None);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // A line is no longer than what a pipe takes whole or not at all.
            disclosure.TakeBack();
            End("it does not read what it is told");
        }
        finally
        {
            _writing.Release();
            Array.Clear(line);
            Array.Clear(command);
        }
    }

    private async Task ListenAsync()
    {
        var lines = new LineReader(_program.Output, HelperLine.LongestBytes);
        var information = 0;
        var answers = new List<(TaskCompletionSource<HelperReply> Waiting, HelperReply Reply)>();
        try
        {
            while (await lines.FillAsync(CancellationToken.None))
            {
                // Answers are given out when all that came with them is read, so that two for one number are seen as what they are.
                answers.Clear();
                while (lines.TryTake(out var line))
                {
                    if (line.StartsWith("*"u8))
                    {
                        _notes.Tell(line[1..].TrimStart((byte)' '));
                        if (++information > MostInformation)
                        {
                            End("it says too much");
                            return;
                        }

                        continue;
                    }

                    if (!HelperLine.TryParse(line, out var number, out var reply))
                    {
                        Log.Garbage(_logger, _name, _program.Id, VisibleText.Escape(Encoding.UTF8.GetString(line.Length > 100 ? line[..100] : line)));
                        End("it said something that is no answer");
                        return;
                    }

                    information = 0;
                    if (Take(number) is not { } waiting)
                    {
                        Log.Unasked(_logger, _name, _program.Id, number);
                        End("it answered what nobody had asked, or twice");
                        return;
                    }

                    answers.Add((waiting, reply));
                }

                foreach (var (waiting, reply) in answers)
                {
                    waiting.TrySetResult(reply);
                }

                answers.Clear();
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // Said below.
        }
        finally
        {
            End(lines.IsOverlong ? "it wrote a line that is too long" : "it has ended");
            foreach (var (waiting, _) in answers)
            {
                waiting.TrySetResult(new HelperReply(HelperWord.Gone, _end!));
            }
        }
    }

    private bool IsWaitedFor(long number)
    {
        lock (_gate)
        {
            return _waiting.ContainsKey(number);
        }
    }

    private TaskCompletionSource<HelperReply>? Take(long number)
    {
        lock (_gate)
        {
            return _waiting.Remove(number, out var waiting) ? waiting : null;
        }
    }

    /// <summary>Ends the session once: nothing more is asked, everybody who waits is told, the program is killed.</summary>
    private void End(string why)
    {
        List<TaskCompletionSource<HelperReply>> waiting;
        lock (_gate)
        {
            if (_end is not null)
            {
                return;
            }

            _end = why;
            waiting = [.. _waiting.Values];
            _waiting.Clear();
        }

        _program.Kill();
        _ended.TrySetResult(why);
        foreach (var one in waiting)
        {
            one.TrySetResult(new HelperReply(HelperWord.Gone, why));
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.HelperBrokeProtocol, LogLevel.Error, "{Backend}: the program ({Id}) wrote a line that is no answer; it is not believed any more: {Line}")]
        public static partial void Garbage(ILogger logger, string backend, int id, string line);

        [LoggerMessage(EventIds.HelperAnsweredUnasked, LogLevel.Error, "{Backend}: the program ({Id}) answered {Number}, which nobody waits for; it is not believed any more.")]
        public static partial void Unasked(ILogger logger, string backend, int id, long number);
    }
}
