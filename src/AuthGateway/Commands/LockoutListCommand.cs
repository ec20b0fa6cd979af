using System.CommandLine;

namespace AuthGateway.Commands;

/// <summary><c>lockout list</c>.</summary>
internal static class LockoutListCommand
{
    public static Verb Create(CommandLineHost host)
    {
        var part = new Argument<string?>("PART") { Description = "Only counters with this in their key.", Arity = ArgumentArity.ZeroOrOne };
        var locked = new Option<bool>("--locked") { Description = "Only locks in force." };
        var limit = BoundedOption.Int32("--limit", 1, 10_000, 100, "Most counters shown");
        var verb = new Verb(
            "list", "Shows counters, locked ones first.", "authgateway lockout list --locked", "authgateway lockout list 203.0.113.7 --json")
        {
            part, locked, limit,
        };
        host.HandleWithStores(verb, (context, stores, parsed) =>
            new LockoutAdministration(stores, context).ListAsync(parsed.GetValue(part), parsed.GetValue(limit), parsed.GetValue(locked)));
        return verb;
    }
}
