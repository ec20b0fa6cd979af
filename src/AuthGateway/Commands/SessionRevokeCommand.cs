using System.CommandLine;

namespace AuthGateway.Commands;

/// <summary><c>session revoke</c>.</summary>
internal static class SessionRevokeCommand
{
    public static Verb Create(CommandLineHost host)
    {
        var id = new Argument<string?>("ID") { Description = "A session as listed.", Arity = ArgumentArity.ZeroOrOne };
        var user = new Option<string?>("--user") { Description = "Every session of this user: any of the names, or the identity.", HelpName = "NAME" };
        var all = new Option<bool>("--all") { Description = "Every session of everybody." };
        var verb = new Verb(
            "revoke",
            "Ends sessions; a running gateway cuts what they have open within seconds.",
            "authgateway session revoke b7kq2mxw9cdf",
            "authgateway session revoke --user alice")
        {
            id, user, all,
        };
        verb.Validators.Add(result =>
        {
            if ((result.GetValue(id) is null ? 0 : 1) + (result.GetValue(user) is null ? 0 : 1) + (result.GetValue(all) ? 1 : 0) != 1)
            {
                result.AddError("Give one of ID, --user and --all.");
            }
        });
        host.HandleWithStores(verb, (context, stores, parsed) => new SessionAdministration(stores, context).RevokeAsync(parsed.GetValue(id), parsed.GetValue(user)));
        return verb;
    }
}
