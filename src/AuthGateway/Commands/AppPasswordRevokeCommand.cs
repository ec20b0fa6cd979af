using System.CommandLine;

namespace AuthGateway.Commands;

/// <summary><c>app-password revoke</c>.</summary>
internal static class AppPasswordRevokeCommand
{
    public static Verb Create(CommandLineHost host)
    {
        var user = new Argument<string>("USER") { Description = "A name of the user, or the identity as list --json shows it." };
        var tag = new Argument<string?>("TAG") { Description = "Which.", Arity = ArgumentArity.ZeroOrOne };
        var all = new Option<bool>("--all") { Description = "All of the user's." };
        var verb = new Verb(
            "revoke",
            "Revokes app passwords; a running gateway refuses them within seconds and cuts what they have open.",
            "authgateway app-password revoke alice phone",
            "authgateway app-password revoke alice --all")
        {
            user, tag, all,
        };
        verb.Validators.Add(result =>
        {
            if (result.GetValue(tag) is null != result.GetValue(all))
            {
                result.AddError("Give one of TAG and --all.");
            }
        });
        host.HandleWithStores(verb, (context, stores, parsed) => new AppPasswordAdministration(stores, context).RevokeAsync(parsed.GetRequiredValue(user), parsed.GetValue(tag)));
        return verb;
    }
}
