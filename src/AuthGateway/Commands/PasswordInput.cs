using AuthGateway.Core.Backends.Local;
using AuthGateway.Core.Identities;

namespace AuthGateway.Commands;

/// <summary>How a password reaches a verb: typed twice without echo, or the first line of standard input. Never as an argument, which every process can read.</summary>
internal static class PasswordInput
{
    /// <summary>Reads a password for an account, or says on the output why there is none and returns null.</summary>
    public static Secret? Read(CommandContext context, PasswordPolicy policy, string login, bool fromStandardInput)
    {
        string? typed;
        if (fromStandardInput)
        {
            typed = ReadLine(context.Terminal.Input);
        }
        else if (!context.Terminal.IsInteractive)
        {
            context.Output.Error("There is nobody to ask for the password.", "Give --password-stdin and write the password to standard input.");
            return null;
        }
        else
        {
            typed = context.Terminal.AskSecret($"Password for {Core.Audit.VisibleText.Escape(login)}: ");
            if (typed is not null && !string.Equals(context.Terminal.AskSecret("Once more: "), typed, StringComparison.Ordinal))
            {
                context.Output.Error("The two passwords differ.", "Nothing was changed. Try again.");
                return null;
            }
        }

        if (string.IsNullOrEmpty(typed))
        {
            context.Output.Error("No password was given.", "Nothing was changed.");
            return null;
        }

        var faults = policy.FindFaults(typed, login);
        foreach (var fault in faults)
        {
            context.Output.Error(fault.Text);
        }

        if (faults.Count > 0)
        {
            context.Output.Progress("  Nothing was changed. Choose another password.");
            return null;
        }

        return Secret.FromText(typed);
    }

    // One line, whatever ends it, and never more than could be a password.
    private static string? ReadLine(TextReader input)
    {
        var buffer = new char[Secret.MaxBytes + 2];
        var length = 0;
        int next;
        while (length < buffer.Length && (next = input.Read()) is not (-1 or '\n'))
        {
            buffer[length++] = (char)next;
        }

        if (length > 0 && buffer[length - 1] == '\r')
        {
            length--;
        }

        return length == 0 ? null : new string(buffer, 0, length);
    }
}
