using System.CommandLine;

namespace AuthGateway.Commands;

/// <summary><c>totp</c>: authenticator apps of users.</summary>
internal static class TotpCommand
{
    public static Verb Create(CommandLineHost host) =>
        new("totp", "Authenticator apps and recovery codes of users.", "authgateway totp status alice", "authgateway totp invite alice")
        {
            TotpStatusCommand.Create(host),
            TotpInviteCommand.Create(host),
            TotpResetCommand.Create(host),
        };

    /// <summary>The user a verb is about.</summary>
    public static Argument<string> User() => new("USER") { Description = "Login name, or the identity as status shows it." };
}
