namespace AuthGateway.Commands;

/// <summary><c>totp reset</c>.</summary>
internal static class TotpResetCommand
{
    public static Verb Create(CommandLineHost host)
    {
        var user = TotpCommand.User();
        var verb = new Verb(
            "reset",
            "Removes every authenticator app and recovery code of a user, forgets wrong codes and ends the user's sessions.",
            "authgateway totp reset alice",
            "authgateway totp reset ad:5f0c7c1e-2f6b-4c1e-9a50-1f4f3f0d9b1a")
        {
            user,
        };
        host.HandleWithStores(verb, (context, stores, parsed) => new TotpAdministration(stores, context).ResetAsync(parsed.GetRequiredValue(user)));
        return verb;
    }
}
