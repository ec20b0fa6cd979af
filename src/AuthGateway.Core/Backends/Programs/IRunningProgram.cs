namespace AuthGateway.Core.Backends.Programs;

/// <summary>A program that was started: what it reads, what it writes, and how it ended.</summary>
internal interface IRunningProgram : IAsyncDisposable
{
    /// <summary>Process id, for the log.</summary>
    int Id { get; }

    /// <summary>What the program reads: its standard input, or its descriptor 3.</summary>
    Stream Input { get; }

    /// <summary>The program's standard output; empty when nobody listens to it.</summary>
    Stream Output { get; }

    /// <summary>The program's standard error.</summary>
    Stream Errors { get; }

    /// <summary>Ends when the program has ended. Never fails.</summary>
    Task<ProgramExit> Exited { get; }

    /// <summary>Kills the program and every process of its group; does nothing once it has ended.</summary>
    void Kill();
}

/// <summary>How a program ended.</summary>
/// <param name="Code">Its exit code; null when a signal ended it or nobody knows.</param>
/// <param name="Signal">The signal that ended it, or null.</param>
internal readonly record struct ProgramExit(int? Code, int? Signal)
{
    /// <summary>For the log.</summary>
    public override string ToString() => Code is { } code ? $"exit code {code}" : Signal is { } signal ? $"signal {signal}" : "an unknown end";
}

/// <summary>A program could not be started.</summary>
internal sealed class ProgramStartException(string message) : Exception(message);
