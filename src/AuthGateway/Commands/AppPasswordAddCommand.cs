using System.CommandLine;
using AuthGateway.Rendering;

namespace AuthGateway.Commands;

/// <summary><c>app-password add</c>.</summary>
internal static class AppPasswordAddCommand
{
    private static readonly TimeSpan Least = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Most = TimeSpan.FromDays(3650);

    public static Verb Create(CommandLineHost host)
    {
        var user = new Argument<string>("USER") { Description = "A name the user signs in with." };
        var tag = new Option<string>("--tag") { Description = "What tells it from the user's others: 1 to 32 letters a-z, digits and hyphens.", HelpName = "TAG", Required = true };
        var opens = new Option<string[]>("--for") { Description = "What it opens: dav, activesync, web, or the name of a service; may be given several times.", HelpName = "WHAT", Required = true };
        var network = new Option<string[]>("--network") { Description = "From where, a network of the configuration or CIDR; may be given several times. Without it: from everywhere.", DefaultValueFactory = _ => [], HelpName = "NETWORK" };
        var device = new Option<string?>("--device-id") { Description = "The one ActiveSync device it is good on.", HelpName = "ID" };
        var expires = new Option<string?>("--expires") { Description = "How long it is good, 1s to 3650d. Without it: until it is revoked.", HelpName = "TIME" };
        var verb = new Verb(
            "add",
            "Makes an app password and shows it, this once. The client sends it in place of the account's password, with the user's name or with NAME$TAG.",
            "authgateway app-password add alice --tag thunderbird --for dav",
            "authgateway app-password add alice --tag phone --for activesync --device-id SAMSUNG123 --expires 365d",
            "authgateway app-password add alice --tag backup --for files --network lan --json")
        {
            user, tag, opens, network, device, expires,
        };
        host.HandleWithStores(verb, (context, stores, parsed) =>
        {
            TimeSpan? lifetime = null;
            if (parsed.GetValue(expires) is { } text)
            {
                if (!TimeText.TryParseSpan(text, out var span) || span < Least || span > Most)
                {
                    context.Output.Error($"\"{text}\" is not a lifetime for an app password.", "Write 8h, 90d or 365d: 1s to 3650d.");
                    return Task.FromResult(ExitCodes.Usage);
                }

                lifetime = span;
            }

            return new AppPasswordAdministration(stores, context).AddAsync(new AppPasswordWish(
                parsed.GetRequiredValue(user), parsed.GetRequiredValue(tag), parsed.GetRequiredValue(opens), parsed.GetRequiredValue(network), parsed.GetValue(device), lifetime));
        });
        return verb;
    }
}
