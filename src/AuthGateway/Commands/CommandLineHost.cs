using System.CommandLine;
using System.CommandLine.Invocation;
using AuthGateway.Core.Faults;
using AuthGateway.Rendering;

namespace AuthGateway.Commands;

/// <summary>
/// What all verbs share: the global options, how the stores are opened, and how an answer becomes an exit code. A verb is a file
/// with a <c>Create(CommandLineHost)</c> that returns its <see cref="Verb"/>.
/// </summary>
internal sealed class CommandLineHost
{
    /// <summary>Longer than the server drains and its programs say goodbye; the parser's own two seconds would cut both short.</summary>
    private static readonly TimeSpan LongestStop = TimeSpan.FromSeconds(38);

    private readonly Func<CommandContext, Task<Stores>> _openStores;
    private readonly Func<bool, Output> _output;
    private readonly ITerminal _terminal;
    private readonly TimeProvider _time;

    /// <summary>Takes what verbs need from outside.</summary>
    /// <param name="openStores">Opens the stores the configuration names.</param>
    /// <param name="output">Makes the output; told whether JSON is wanted. Null: the console.</param>
    /// <param name="terminal">The person. Null: the console.</param>
    /// <param name="time">The clock. Null: the system's.</param>
    public CommandLineHost(
        Func<CommandContext, Task<Stores>> openStores, Func<bool, Output>? output = null, ITerminal? terminal = null, TimeProvider? time = null)
    {
        _openStores = openStores;
        _output = output ?? Output.ForConsole;
        _terminal = terminal ?? new ConsoleTerminal();
        _time = time ?? TimeProvider.System;
    }

    /// <summary><c>--config FILE</c>.</summary>
    public Option<string?> Config { get; } = new("--config", "-c")
    {
        Description = "Configuration file (default: appsettings.json in the current folder, else /etc/authgateway/appsettings.json).",
        HelpName = "FILE",
        Recursive = true,
    };

    /// <summary><c>--state DIR</c>.</summary>
    public Option<string?> State { get; } = new("--state")
    {
        Description = "State folder with the database (default: $STATE_DIRECTORY, else /var/lib/authgateway).",
        HelpName = "DIR",
        Recursive = true,
    };

    /// <summary><c>--json</c>.</summary>
    public Option<bool> Json { get; } = new("--json") { Description = "Write the result as JSON.", Recursive = true };

    /// <summary>The root with the global options; verbs are added by the caller.</summary>
    public RootCommand CreateRoot(string description, params Command[] verbs)
    {
        var root = new RootCommand(description) { Config, State, Json };
        foreach (var verb in verbs)
        {
            root.Add(verb);
        }

        Verb.ShowExamplesIn(root);
        return root;
    }

    /// <summary>Gives a verb its work, without stores.</summary>
    public void Handle(Command verb, Func<CommandContext, ParseResult, Task<int>> work) =>
        verb.SetAction((parsed, cancellation) => GuardAsync(parsed, cancellation, context => work(context, parsed)));

    /// <summary>Gives a verb its work on the stores, which are opened before and closed after it.</summary>
    /// <param name="verb">The verb.</param>
    /// <param name="work">What it does.</param>
    /// <param name="onlyLooks">True for command lines that change nothing; null: none of them.</param>
    public void HandleWithStores(Command verb, Func<CommandContext, Stores, ParseResult, Task<int>> work, Func<ParseResult, bool>? onlyLooks = null) =>
        Handle(verb, async (context, parsed) =>
        {
            await using var stores = await _openStores(context with { OnlyLooks = onlyLooks?.Invoke(parsed) == true });
            return await work(context, stores, parsed);
        });

    /// <summary>Parses and runs. A command line that cannot be understood is told in one sentence with the way to the help.</summary>
    public static async Task<int> RunAsync(RootCommand root, string[] args, InvocationConfiguration? invocation = null)
    {
        var parsed = root.Parse(args);
        if (parsed.Action is ParseErrorAction)
        {
            var error = invocation?.Error ?? Console.Error;
            // Behind a mistyped verb the parser also misses one; the first complaint is then noise.
            foreach (var fault in parsed.UnmatchedTokens.Count > 0 ? parsed.Errors.TakeLast(1) : parsed.Errors)
            {
                await error.WriteLineAsync(Core.Audit.VisibleText.Escape(fault.Message));
            }

            await error.WriteLineAsync($"  {CommandPath(parsed)} --help shows how it is used.");
            return ExitCodes.Usage;
        }

        return await parsed.InvokeAsync(invocation ?? new InvocationConfiguration { ProcessTerminationTimeout = LongestStop });
    }

    private async Task<int> GuardAsync(ParseResult parsed, CancellationToken cancellation, Func<CommandContext, Task<int>> work)
    {
        var output = _output(parsed.GetValue(Json));
        var context = new CommandContext(parsed.GetValue(Config), parsed.GetValue(State), output, _time, _terminal, OperatingSystemUser(), cancellation);
        try
        {
            return await work(context);
        }
        catch (CommandFailedException e)
        {
            output.Error(e.Message, e.Remedy);
            return e.ExitCode;
        }
        catch (Exception e) when (e is Storage.DatabaseRefusedException or Storage.Protection.MasterKeyRefusedException or Core.Faults.StoreUnavailableException)
        {
            output.Error(e.Message, "Nothing was changed.");
            return ExitCodes.Unavailable;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            output.Progress("Stopped.");
            return ExitCodes.Unavailable;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or StoreUnavailableException or TimeoutException)
        {
            output.Error(e.Message, "See that the state folder exists and belongs to you, and look at what was done with: authgateway audit search --event administration");
            return ExitCodes.Unavailable;
        }
    }

    // sudo hides who acts behind root; SUDO_USER is what the audit wants to know, and only root could forge it here.
    private static string OperatingSystemUser() =>
        Environment.GetEnvironmentVariable("SUDO_USER") is { Length: > 0 } behind && Environment.IsPrivilegedProcess
            ? $"{behind} as {Environment.UserName}"
            : Environment.UserName;

    private static string CommandPath(ParseResult parsed)
    {
        var names = new Stack<string>();
        for (Command? command = parsed.CommandResult.Command; command is not null; command = command.Parents.OfType<Command>().FirstOrDefault())
        {
            names.Push(command is RootCommand ? "authgateway" : command.Name);
        }

        return string.Join(' ', names);
    }
}
