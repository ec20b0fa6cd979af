using System.Globalization;

namespace AuthGateway.Commands.Verification;

/// <summary>
/// The command line of <c>verify-session</c>, read without the parser the other verbs share: this one is started for every IMAP login, and the parser
/// alone would take longer than the question.
/// </summary>
internal sealed record VerifySettings
{
    /// <summary>Of the staff listener: <c>https://…</c>, or <c>http://</c> on loopback; empty when it is to be read from the configuration.</summary>
    public string Url { get; init; } = "";

    /// <summary>File with the verifier's key; empty with <see cref="Key"/>.</summary>
    public string KeyFile { get; init; } = "";

    /// <summary>The key itself, from the configuration.</summary>
    public string? Key { get; init; }

    /// <summary>File with the authorities the listener's certificate may come from; empty: the system's.</summary>
    public string CaFile { get; init; } = "";

    /// <summary>Name the listener's certificate must have; empty: the URL's host.</summary>
    public string ServerName { get; init; } = "";

    /// <summary>Service the token must have been made for; empty: any the verifier takes.</summary>
    public string Service { get; init; } = "";

    /// <summary>Longest wait for the gateway.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Name and token come on standard input, a line each, and the answer goes to standard output.</summary>
    public bool FromStandardInput { get; init; }

    /// <summary>The answer as the gateway gave it, in JSON.</summary>
    public bool Json { get; init; }

    /// <summary>A refused token is told as "try later", so that nothing behind this program tries it as a password.</summary>
    public bool BeforePasswords { get; init; }

    /// <summary>What runs when the token is good, with its arguments.</summary>
    public IReadOnlyList<string> Program { get; init; } = [];

    /// <summary>Reads the words behind the verb; a sentence when they cannot be understood, null for both when they are for the parser the verbs share (<c>--help</c>, <c>--config</c>).</summary>
    public static (VerifySettings? Settings, string? Fault) Read(ReadOnlySpan<string> words)
    {
        var settings = new VerifySettings();
        var i = 0;
        for (; i < words.Length; i++)
        {
            switch (words[i])
            {
                case "--stdin":
                    settings = settings with { FromStandardInput = true };
                    continue;
                case "--json":
                    settings = settings with { Json = true };
                    continue;
                case "--before-passwords":
                    settings = settings with { BeforePasswords = true };
                    continue;
                case "--":
                    i++;
                    break;
                case "--url" or "--key-file" or "--ca" or "--server-name" or "--service" or "--timeout":
                    if (i + 1 == words.Length)
                    {
                        return (null, $"Something must follow {words[i]}.");
                    }

                    var (option, value) = (words[i], words[++i]);
                    if (option == "--timeout" && !(int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds is >= 1 and <= 60))
                    {
                        return (null, "--timeout takes a number of seconds from 1 to 60.");
                    }

                    settings = option switch
                    {
                        "--url" => settings with { Url = value },
                        "--key-file" => settings with { KeyFile = value },
                        "--ca" => settings with { CaFile = value },
                        "--server-name" => settings with { ServerName = value },
                        "--service" => settings with { Service = value },
                        _ => settings with { Timeout = TimeSpan.FromSeconds(int.Parse(value, CultureInfo.InvariantCulture)) },
                    };
                    continue;
                default:
                    if (words[i].StartsWith('-'))
                    {
                        return (null, null);
                    }

                    break;
            }

            break;
        }

        settings = settings with { Program = words[i..].ToArray() };
        return settings.Url.Length == 0 && settings.KeyFile.Length == 0 ? (null, null) : (settings, settings.FindFault());
    }

    /// <summary>What does not go together, or null.</summary>
    public string? FindFault() =>
        Url.Length == 0 ? "--url says where the gateway's staff listener is."
        : KeyFile.Length == 0 && Key is null ? "--key-file names the file with the verifier's key."
        : FromStandardInput && Program.Count > 0 ? "With --stdin no program is run; leave it out."
        : FromStandardInput && BeforePasswords ? "--before-passwords is for the checkpassword interface; leave it out with --stdin."
        : !FromStandardInput && Json ? "--json needs --stdin: the checkpassword interface has no output."
        : !FromStandardInput && Program.Count == 0 ? "Name the program to run when the token is good, such as /usr/lib/dovecot/checkpassword-reply; or read name and token with --stdin."
        : null;
}
