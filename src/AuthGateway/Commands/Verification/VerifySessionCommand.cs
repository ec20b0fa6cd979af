using System.CommandLine;
using AuthGateway.Core.Configuration;
using AuthGateway.Core.Listeners;
using AuthGateway.Hosting;

namespace AuthGateway.Commands.Verification;

/// <summary>
/// <c>verify-session</c> for its help, and where address and key are taken from the configuration. With <c>--url</c> and <c>--key-file</c> it never comes here:
/// <see cref="VerifySessionProgram"/> reads those words itself.
/// </summary>
internal static class VerifySessionCommand
{
    public static Verb Create(CommandLineHost host)
    {
        var url = Text("--url", "URL", "The gateway's staff listener: https://…, or http:// on this machine.");
        var keyFile = Text("--key-file", "FILE", "File with the verifier's key; nobody but its owner may read it.");
        var ca = Text("--ca", "FILE", "PEM file with the authorities the listener's certificate may come from (default: the system's).");
        var serverName = Text("--server-name", "NAME", "Name the listener's certificate must have (default: the host of --url).");
        var service = Text("--service", "NAME", "Service the token must have been made for (default: any that the verifier takes).");
        var timeout = new Option<int>("--timeout") { Description = "Longest wait for the gateway, in seconds (1 to 60).", HelpName = "SECONDS", DefaultValueFactory = _ => 5 };
        var verifier = Text("--verifier", "NAME", "Whose key of the configuration is taken, where several verifiers have one.");
        var stdin = new Option<bool>("--stdin") { Description = "Read name and token from standard input, a line each; write the login name, or with --json the whole answer." };
        var before = new Option<bool>("--before-passwords") { Description = "Tell a refused token as 111, so that nothing behind this program tries it as a password." };
        var program = new Argument<string[]>("PROGRAM") { Description = "What is run when the token is good, with its arguments.", Arity = ArgumentArity.ZeroOrMore };
        var verb = new Verb(
            VerifySessionProgram.Verb,
            "Asks the running gateway whether a session token is somebody's: by the checkpassword interface (descriptor 3; exit 1 refused, 111 not found out), or with --stdin. With --url and --key-file it reads no configuration and starts fast.",
            "authgateway verify-session --url http://127.0.0.1:9080 --key-file /etc/dovecot/authgateway.key --before-passwords /usr/lib/dovecot/checkpassword-reply",
            "authgateway verify-session --config /etc/authgateway/appsettings.json --stdin --json")
        {
            url, keyFile, ca, serverName, service, timeout, verifier, stdin, before, program,
        };
        host.Handle(verb, (context, parsed) =>
        {
            var settings = new VerifySettings
            {
                Url = parsed.GetValue(url) ?? "",
                KeyFile = parsed.GetValue(keyFile) ?? "",
                CaFile = parsed.GetValue(ca) ?? "",
                ServerName = parsed.GetValue(serverName) ?? "",
                Service = parsed.GetValue(service) ?? "",
                Timeout = TimeSpan.FromSeconds(Math.Clamp(parsed.GetValue(timeout), 1, 60)),
                FromStandardInput = parsed.GetValue(stdin),
                Json = parsed.GetValue(host.Json),
                BeforePasswords = parsed.GetValue(before),
                Program = parsed.GetValue(program) ?? [],
            };
            settings = FromConfiguration(context, settings, parsed.GetValue(verifier));
            return Task.FromResult(settings.FindFault() is { } fault ? throw new CommandFailedException(Rendering.ExitCodes.Usage, fault) : VerifySessionProgram.Run(settings));
        });
        return verb;
    }

    private static Option<string?> Text(string name, string value, string description) => new(name) { Description = description, HelpName = value };

    /// <summary>What the command line leaves out: the first staff listener that can be reached from here, and the verifier's key.</summary>
    private static VerifySettings FromConfiguration(CommandContext context, VerifySettings settings, string? name)
    {
        if (settings.Url.Length > 0 && settings.KeyFile.Length > 0)
        {
            return settings;
        }

        try
        {
            var options = StoreOpening.LoadOptions(context).Options;
            if (settings.Url.Length == 0)
            {
                settings = settings with { Url = StaffUrl(options.Listeners.Values) };
            }

            return settings.KeyFile.Length > 0 ? settings : settings with { Key = KeyOf(options, name) };
        }
        catch (CommandFailedException e) when (!settings.FromStandardInput)
        {
            // 3 and 4 would be no answer of a checkpassword program.
            throw new CommandFailedException(VerifySessionProgram.TryLater, e.Message, e.Remedy);
        }
    }

    private static string StaffUrl(IEnumerable<ListenerOptions> listeners)
    {
        // On loopback first: there nothing needs a certificate.
        var found = listeners.Where(listener => listener.Kind == "staff").OrderByDescending(listener => listener.Url.StartsWith("http://", StringComparison.Ordinal)).FirstOrDefault()
            ?? throw new CommandFailedException(Rendering.ExitCodes.RefusedOrNotFound, "The configuration has no staff listener.", "Name the gateway with --url.");
        return found.Url.Replace("//0.0.0.0:", "//127.0.0.1:", StringComparison.Ordinal).Replace("//[::]:", "//[::1]:", StringComparison.Ordinal);
    }

    private static string KeyOf(GatewayOptions options, string? name)
    {
        var verifiers = options.SessionTokens.Verifiers;
        return name is not null && verifiers.TryGetValue(name, out var named) ? named.Key
            : name is null && verifiers.Count == 1 ? verifiers.Values.Single().Key
            : throw new CommandFailedException(
                Rendering.ExitCodes.RefusedOrNotFound,
                name is null ? $"The configuration names {verifiers.Count} verifiers." : $"The configuration has no verifier \"{name}\".",
                "Say whose key is meant with --verifier, or name a file with --key-file.");
    }
}
