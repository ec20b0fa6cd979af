namespace AuthGateway.Commands;

/// <summary><c>user enable</c>.</summary>
internal static class UserEnableCommand
{
    public static Verb Create(CommandLineHost host)
    {
        var login = UserCommand.Login();
        var verb = new Verb("enable", "Enables a disabled account.", "authgateway user enable alice", "authgateway user enable alice@example.com --json") { login };
        host.HandleWithStores(verb, (context, stores, parsed) =>
            new UserAdministration(stores, context).SetDisabledAsync(parsed.GetRequiredValue(login), disabled: false));
        return verb;
    }
}
