using System.CommandLine;

namespace AuthGateway.Commands;

/// <summary><c>tunnel</c>: SSH connections to other networks.</summary>
internal static class TunnelCommand
{
    public static Verb Create(CommandLineHost host) =>
        new("tunnel", "SSH tunnels to directories and upstreams of other networks.", "authgateway tunnel status", "authgateway tunnel test office", "authgateway tunnel trust office")
        {
            Status(host),
            Test(host),
            Trust(host),
        };

    private static Verb Status(CommandLineHost host)
    {
        var verb = new Verb(
            "status", "Shows the tunnels of the running gateway: state, since when, process, forwards, last error.", "authgateway tunnel status", "authgateway tunnel status --json");
        host.Handle(verb, (context, _) => Task.FromResult(new TunnelAdministration(context).Status()));
        return verb;
    }

    private static Verb Test(CommandLineHost host)
    {
        var name = new Argument<string>("NAME") { Description = "The tunnel." };
        var verb = new Verb(
            "test",
            "Opens a tunnel once, beside the running gateway, and tries every forward: reachable or refused.",
            "authgateway tunnel test office")
        {
            name,
        };
        host.Handle(verb, (context, parsed) => new TunnelAdministration(context).TestAsync(parsed.GetValue(name)!));
        return verb;
    }

    private static Verb Trust(CommandLineHost host)
    {
        var name = new Argument<string>("NAME") { Description = "The tunnel." };
        var accept = new Option<string?>("--accept")
        {
            Description = "Learn the key with this fingerprint, which you compared with what the server's administrator told you.",
            HelpName = "SHA256:…",
        };
        var verb = new Verb(
            "trust",
            "Shows the fingerprints of a tunnel's server, and with --accept learns one. A fingerprint in the configuration counts before what was learned.",
            "authgateway tunnel trust office",
            "authgateway tunnel trust office --accept SHA256:KKIZlmqxMlwr9dbP9Jkn1+/riT+jpDt72ZHPdBj/5fg")
        {
            name, accept,
        };
        host.HandleWithStores(
            verb,
            (context, stores, parsed) => parsed.GetValue(accept) is { } fingerprint
                ? new TunnelAdministration(context).LearnAsync(stores, parsed.GetValue(name)!, fingerprint)
                : new TunnelAdministration(context).ShowKeysAsync(parsed.GetValue(name)!),
            onlyLooks: parsed => parsed.GetValue(accept) is null);
        return verb;
    }
}
