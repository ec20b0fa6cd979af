namespace AuthGateway.Commands;

/// <summary><c>user list</c>.</summary>
internal static class UserListCommand
{
    public static Verb Create(CommandLineHost host)
    {
        var verb = new Verb("list", "Shows every local account.", "authgateway user list", "authgateway user list --json");
        host.HandleWithStores(verb, (context, stores, _) => new UserAdministration(stores, context).ListAsync());
        return verb;
    }
}
