using System.IO.Pipelines;
using System.Text;
using AuthGateway.Core.Backends.Programs;

namespace AuthGateway.Tests.Core.Backends.Programs;

/// <summary>A program whose part the test plays.</summary>
internal sealed class FakeProgram : IRunningProgram
{
    private readonly Pipe _input = new();
    private readonly Pipe _output = new();
    private readonly Pipe _errors = new();
    private readonly TaskCompletionSource<ProgramExit> _exited = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly StreamReader _told;

    public FakeProgram()
    {
        Input = _input.Writer.AsStream();
        Output = _output.Reader.AsStream();
        Errors = _errors.Reader.AsStream();
        _told = new StreamReader(_input.Reader.AsStream(), Encoding.UTF8);
    }

    public int Id => 4711;

    public Stream Input { get; }

    public Stream Output { get; }

    public Stream Errors { get; }

    public Task<ProgramExit> Exited => _exited.Task;

    public bool WasKilled { get; private set; }

    /// <summary>The next line the program is told; null at the end.</summary>
    public Task<string?> HearAsync() => _told.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(10));

    /// <summary>Everything it is told until its input is closed.</summary>
    public Task<string> HearAllAsync() => _told.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(10));

    /// <summary>Writes in one go.</summary>
    public async Task SayAsync(string text) => await _output.Writer.WriteAsync(Encoding.UTF8.GetBytes(text));

    /// <summary>Writes on standard error.</summary>
    public async Task ComplainAsync(string text) => await _errors.Writer.WriteAsync(Encoding.UTF8.GetBytes(text));

    /// <summary>Ends.</summary>
    public void Exit(int code) => End(new ProgramExit(code, null));

    public void Kill()
    {
        WasKilled |= !_exited.Task.IsCompleted;
        End(new ProgramExit(null, 9));
    }

    public ValueTask DisposeAsync()
    {
        Kill();
        return ValueTask.CompletedTask;
    }

    private void End(ProgramExit exit)
    {
        if (_exited.TrySetResult(exit))
        {
            _output.Writer.Complete();
            _errors.Writer.Complete();
            _input.Reader.Complete();
        }
    }
}
