using System.CommandLine;
using AuthGateway.Rendering;

namespace AuthGateway.Commands;

/// <summary><c>totp invite</c>.</summary>
internal static class TotpInviteCommand
{
    private static readonly TimeSpan Least = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Most = TimeSpan.FromDays(7);

    public static Verb Create(CommandLineHost host)
    {
        var user = new Argument<string>("USER") { Description = "The name the user signs in with." };
        var lifetime = new Option<string>("--lifetime")
        {
            Description = "How long the code is good, 1m to 7d.",
            HelpName = "TIME",
            DefaultValueFactory = _ => "30m",
        };
        var verb = new Verb(
            "invite",
            "Makes a code with which the user may enrol a first authenticator app from anywhere. It is shown once; an earlier one is void.",
            "authgateway totp invite alice",
            "authgateway totp invite alice --lifetime 4h")
        {
            user, lifetime,
        };
        host.HandleWithStores(verb, (context, stores, parsed) =>
        {
            var text = parsed.GetRequiredValue(lifetime);
            if (!TimeText.TryParseSpan(text, out var span) || span < Least || span > Most)
            {
                context.Output.Error($"\"{text}\" is not a lifetime for a code.", "Write 30m, 4h or 1d: 1m to 7d.");
                return Task.FromResult(ExitCodes.Usage);
            }

            return new TotpAdministration(stores, context).InviteAsync(parsed.GetRequiredValue(user), span);
        });
        return verb;
    }
}
