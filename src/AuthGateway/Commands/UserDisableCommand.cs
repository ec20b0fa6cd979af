namespace AuthGateway.Commands;

/// <summary><c>user disable</c>.</summary>
internal static class UserDisableCommand
{
    public static Verb Create(CommandLineHost host)
    {
        var login = UserCommand.Login();
        var verb = new Verb("disable", "Disables an account: it cannot log in until it is enabled, its sessions end, and what else is open is asked again.", "authgateway user disable alice", "authgateway user disable alice@example.com --json") { login };
        host.HandleWithStores(verb, (context, stores, parsed) =>
            new UserAdministration(stores, context).SetDisabledAsync(parsed.GetRequiredValue(login), disabled: true));
        return verb;
    }
}
