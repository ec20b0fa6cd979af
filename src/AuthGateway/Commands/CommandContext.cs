using AuthGateway.Rendering;

namespace AuthGateway.Commands;

/// <summary>What every verb is told: where the configuration and the state are, and how to speak.</summary>
/// <param name="ConfigFile">Value of <c>--config</c>, or null for the default places.</param>
/// <param name="StateDirectory">Value of <c>--state</c>, or null for the default place.</param>
/// <param name="Output">How to speak.</param>
/// <param name="Time">The clock.</param>
/// <param name="Terminal">The person, if there is one.</param>
/// <param name="Actor">Who acts, for the audit trail.</param>
/// <param name="Cancellation">Ends with Ctrl-C.</param>
internal sealed record CommandContext(
    string? ConfigFile, string? StateDirectory, Output Output, TimeProvider Time, ITerminal Terminal, string Actor, CancellationToken Cancellation)
{
    /// <summary>True when the verb changes nothing this time: the database is neither made nor migrated.</summary>
    public bool OnlyLooks { get; init; }
}

/// <summary>A verb cannot go on: what to say and what to tell the shell. Thrown while opening, caught in one place.</summary>
internal sealed class CommandFailedException(int exitCode, string message, string? remedy = null) : Exception(message)
{
    /// <summary>One of <see cref="ExitCodes"/>.</summary>
    public int ExitCode { get; } = exitCode;

    /// <summary>What to do about it.</summary>
    public string? Remedy { get; } = remedy;
}
