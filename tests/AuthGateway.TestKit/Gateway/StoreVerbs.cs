using System.CommandLine;
using AuthGateway.Commands;
using AuthGateway.Rendering;

namespace AuthGateway.TestKit.Gateway;

/// <summary>
/// The verbs that only work on the stores, run in this process: tests ask a thousand times, and the start of a program for each would be a good part of the
/// time all tests take. What a shell sees of them is tested with the program itself.
/// </summary>
internal static class StoreVerbs
{
    private static readonly string[] s_names = ["audit", "user", "lockout", "session", "totp", "app-password"];

    public static bool Has(IReadOnlyList<string> arguments) => arguments.Count > 0 && s_names.Contains(arguments[0], StringComparer.Ordinal);

    public static async Task<ProgramRun> RunAsync(IReadOnlyList<string> arguments, string? input)
    {
        await using StringWriter result = new(), progress = new();
        using var terminal = new PipedTerminal(input);
        var host = new CommandLineHost(StoreOpening.OpenAsync, json => new Output(result, progress, json), terminal);
        var root = host.CreateRoot(
            "AuthGateway: the public entrance of a mail server.",
            AuditCommand.Create(host),
            UserCommand.Create(host),
            LockoutCommand.Create(host),
            SessionCommand.Create(host),
            TotpCommand.Create(host),
            AppPasswordCommand.Create(host));

        // What is thrown here is a fault and no answer, and the signals are the tests' own.
        var invocation = new InvocationConfiguration { Output = result, Error = progress, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
        var exit = await CommandLineHost.RunAsync(root, [.. arguments], invocation);
        return new ProgramRun(exit, result.ToString(), progress.ToString());
    }

    private sealed class PipedTerminal(string? input) : ITerminal, IDisposable
    {
        public bool IsInteractive => false;

        public TextReader Input { get; } = new StringReader(input ?? "");

        public string? AskSecret(string question) => null;

        public void Dispose() => Input.Dispose();
    }
}
