using System.CommandLine;

namespace AuthGateway.Commands;

/// <summary><c>app-password list</c>.</summary>
internal static class AppPasswordListCommand
{
    public static Verb Create(CommandLineHost host)
    {
        var user = new Argument<string?>("USER") { Description = "Only those of this user: a name, or the identity.", Arity = ArgumentArity.ZeroOrOne };
        var verb = new Verb("list", "Shows app passwords, what they open and when they were last used; never the passwords.", "authgateway app-password list", "authgateway app-password list alice --json") { user };
        host.HandleWithStores(verb, (context, stores, parsed) => new AppPasswordAdministration(stores, context).ListAsync(parsed.GetValue(user)));
        return verb;
    }
}
