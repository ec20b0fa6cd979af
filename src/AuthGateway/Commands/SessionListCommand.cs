using System.CommandLine;

namespace AuthGateway.Commands;

/// <summary><c>session list</c>.</summary>
internal static class SessionListCommand
{
    public static Verb Create(CommandLineHost host)
    {
        var user = new Option<string?>("--user") { Description = "Only sessions of this user: any of the names, or the identity.", HelpName = "NAME" };
        var verb = new Verb("list", "Shows who is signed in, the last used first.", "authgateway session list", "authgateway session list --user alice --json") { user };
        host.HandleWithStores(verb, (context, stores, parsed) => new SessionAdministration(stores, context).ListAsync(parsed.GetValue(user)));
        return verb;
    }
}
