using System.CommandLine;

namespace AuthGateway.Commands;

/// <summary><c>user add</c>.</summary>
internal static class UserAddCommand
{
    public static Verb Create(CommandLineHost host)
    {
        var login = new Argument<string>("NAME") { Description = "Login name." };
        var mail = new Option<string?>("--mail") { Description = "Mail address; also works as login.", HelpName = "ADDRESS" };
        var name = new Option<string?>("--name") { Description = "Name for people.", HelpName = "TEXT" };
        var groups = new Option<string[]>("--group") { Description = "Group; may be given several times.", HelpName = "GROUP" };
        var stdin = UserCommand.PasswordStdin();
        var verb = new Verb(
            "add",
            "Adds an account; asks for its password.",
            "authgateway user add alice --mail alice@example.com --group mobile",
            "pwgen 20 1 | authgateway user add scanner --password-stdin")
        {
            login, mail, name, groups, stdin,
        };
        host.HandleWithStores(verb, (context, stores, parsed) => new UserAdministration(stores, context).AddAsync(
            parsed.GetRequiredValue(login), parsed.GetValue(mail), parsed.GetValue(name), parsed.GetValue(groups) ?? [], parsed.GetValue(stdin)));
        return verb;
    }
}
