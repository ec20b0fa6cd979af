using System.CommandLine;

namespace AuthGateway.Commands;

/// <summary><c>lockout clear</c>.</summary>
internal static class LockoutClearCommand
{
    public static Verb Create(CommandLineHost host)
    {
        var word = new Argument<string>("KEY|USER|ADDRESS") { Description = "A key as listed, a user by any of his names, or a client address." };
        var verb = new Verb(
            "clear", "Forgets failures, and with them the lock.", "authgateway lockout clear alice", "authgateway lockout clear 2001:db8:1:2::7") { word };
        host.HandleWithStores(verb, (context, stores, parsed) => new LockoutAdministration(stores, context).ClearAsync(parsed.GetRequiredValue(word)));
        return verb;
    }
}
