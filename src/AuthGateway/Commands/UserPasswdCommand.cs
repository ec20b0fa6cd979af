namespace AuthGateway.Commands;

/// <summary><c>user passwd</c>.</summary>
internal static class UserPasswdCommand
{
    public static Verb Create(CommandLineHost host)
    {
        var login = UserCommand.Login();
        var stdin = UserCommand.PasswordStdin();
        var verb = new Verb(
            "passwd", "Sets a new password, asking for it twice, and ends the sessions of the account.", "authgateway user passwd alice", "authgateway user passwd alice --password-stdin < password.txt")
        {
            login, stdin,
        };
        host.HandleWithStores(verb, (context, stores, parsed) =>
            new UserAdministration(stores, context).SetPasswordAsync(parsed.GetRequiredValue(login), parsed.GetValue(stdin)));
        return verb;
    }
}
