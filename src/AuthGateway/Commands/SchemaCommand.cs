using System.CommandLine;
using AuthGateway.Core.Configuration;
using AuthGateway.Rendering;

namespace AuthGateway.Commands;

/// <summary><c>schema</c>.</summary>
internal static class SchemaCommand
{
    public static Verb Create(CommandLineHost host)
    {
        var markdown = new Option<bool>("--markdown") { Description = "Write the reference for people instead of the JSON schema." };
        var file = new Option<string?>("--write") { Description = "Write to a file instead of standard output.", HelpName = "FILE" };
        var verb = new Verb(
            "schema",
            "Writes the JSON schema of the configuration, for editors that complete and check; or the reference for people.",
            "authgateway schema --write appsettings.schema.json",
            "authgateway schema --markdown")
        {
            markdown, file,
        };
        host.Handle(verb, async (context, parsed) =>
        {
            var text = parsed.GetValue(markdown) ? ConfigurationReference.Generate() : ConfigurationSchema.Generate();
            if (parsed.GetValue(file) is { } path)
            {
                await File.WriteAllTextAsync(path, text, context.Cancellation);
                context.Output.Progress($"Written to {path}.");
            }
            else
            {
                context.Output.Raw(text);
            }

            return ExitCodes.Done;
        });
        return verb;
    }
}
