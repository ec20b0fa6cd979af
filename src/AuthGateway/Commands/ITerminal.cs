using System.Text;

namespace AuthGateway.Commands;

/// <summary>The person in front of a verb, and standard input.</summary>
internal interface ITerminal
{
    /// <summary>True when somebody can be asked.</summary>
    bool IsInteractive { get; }

    /// <summary>Standard input, for <c>--password-stdin</c>.</summary>
    TextReader Input { get; }

    /// <summary>Asks without showing what is typed; null when the person gave up.</summary>
    string? AskSecret(string question);
}

/// <summary>The process's own console.</summary>
internal sealed class ConsoleTerminal : ITerminal
{
    public bool IsInteractive => !Console.IsInputRedirected;

    public TextReader Input => Console.In;

    public string? AskSecret(string question)
    {
        Console.Error.Write(question);
        var typed = new StringBuilder();
        while (true)
        {
            var key = Console.ReadKey(intercept: true);
            switch (key.Key)
            {
                case ConsoleKey.Enter:
                    Console.Error.WriteLine();
                    return typed.ToString();
                case ConsoleKey.Escape:
                    Console.Error.WriteLine();
                    return null;
                case ConsoleKey.Backspace:
                    typed.Length = Math.Max(0, typed.Length - 1);
                    break;
                default:
                    if (key.KeyChar >= ' ')
                    {
                        typed.Append(key.KeyChar);
                    }

                    break;
            }
        }
    }
}
