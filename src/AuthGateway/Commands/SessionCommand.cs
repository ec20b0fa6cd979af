namespace AuthGateway.Commands;

/// <summary><c>session</c>: signed-in browsers.</summary>
internal static class SessionCommand
{
    public static Verb Create(CommandLineHost host) =>
        new("session", "Browsers that are signed in.", "authgateway session list --user alice", "authgateway session revoke --user alice")
        {
            SessionListCommand.Create(host),
            SessionRevokeCommand.Create(host),
        };
}
