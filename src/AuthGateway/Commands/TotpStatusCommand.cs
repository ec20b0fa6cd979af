namespace AuthGateway.Commands;

/// <summary><c>totp status</c>.</summary>
internal static class TotpStatusCommand
{
    public static Verb Create(CommandLineHost host)
    {
        var user = TotpCommand.User();
        var verb = new Verb("status", "Shows what a user has enrolled; no secret is shown.", "authgateway totp status alice", "authgateway totp status alice --json") { user };
        host.HandleWithStores(verb, (context, stores, parsed) => new TotpAdministration(stores, context).ShowAsync(parsed.GetRequiredValue(user)));
        return verb;
    }
}
