namespace AuthGateway.Commands;

/// <summary><c>app-password</c>: passwords for single clients.</summary>
internal static class AppPasswordCommand
{
    public static Verb Create(CommandLineHost host) =>
        new(
            "app-password",
            "Passwords made for one client each, so that it need not know the account's own.",
            "authgateway app-password add alice --tag phone --for activesync",
            "authgateway app-password list alice")
        {
            AppPasswordAddCommand.Create(host),
            AppPasswordListCommand.Create(host),
            AppPasswordRevokeCommand.Create(host),
        };
}
