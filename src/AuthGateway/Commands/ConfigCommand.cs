using System.CommandLine;
using AuthGateway.Core.Configuration;
using AuthGateway.Rendering;

namespace AuthGateway.Commands;

/// <summary><c>config</c>.</summary>
internal static class ConfigCommand
{
    public static Verb Create(CommandLineHost host)
    {
        var effective = new Option<bool>("--effective") { Description = "With every default, every further file and the environment (this is what it always prints)." };
        var print = new Verb(
            "print",
            "Prints the configuration as the gateway understands it: all files, the environment and the defaults together. Secrets are masked.",
            "authgateway config print --effective",
            "authgateway config print --effective --config appsettings.json | less")
        {
            effective,
        };
        host.Handle(print, (context, _) =>
        {
            var (_, options) = StoreOpening.LoadOptions(context);
            context.Output.Raw(ConfigurationPrinter.Effective(options) + "\n");
            return Task.FromResult(ExitCodes.Done);
        });
        return new Verb("config", "The configuration in force.", "authgateway config print --effective", "authgateway check") { print };
    }
}
