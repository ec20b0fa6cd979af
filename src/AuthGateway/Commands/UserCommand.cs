using System.CommandLine;

namespace AuthGateway.Commands;

/// <summary><c>user</c>: accounts of the local backend.</summary>
internal static class UserCommand
{
    public static Verb Create(CommandLineHost host) =>
        new("user", "Accounts kept by the gateway itself (the local backend).", "authgateway user list", "authgateway user add alice --mail alice@example.com")
        {
            UserAddCommand.Create(host),
            UserListCommand.Create(host),
            UserDisableCommand.Create(host),
            UserEnableCommand.Create(host),
            UserPasswdCommand.Create(host),
        };

    /// <summary>The account a verb is about.</summary>
    public static Argument<string> Login() => new("NAME") { Description = "Login name; a mail address works too." };

    /// <summary><c>--password-stdin</c>.</summary>
    public static Option<bool> PasswordStdin() => new("--password-stdin") { Description = "Read the password from the first line of standard input instead of asking." };
}
