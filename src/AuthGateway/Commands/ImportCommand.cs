using System.CommandLine;
using AuthGateway.Commands.Importing;

namespace AuthGateway.Commands;

/// <summary><c>import</c>: accounts of other programs, and KIX's list of backends.</summary>
internal static class ImportCommand
{
    public static Verb Create(CommandLineHost host) =>
        new(
            "import",
            "Takes over accounts, with the passwords they have, and KIX's list of backends.",
            "authgateway import htpasswd /etc/nginx/users --dry-run",
            "authgateway import kix authentication.json")
        {
            CreateCsv(host),
            Create(
                host, "ldif", LdifReader.Read,
                "Local accounts from a directory's export (RFC 2849): uid, mail, displayName, userPassword, and the groups of the same file.",
                "authgateway import ldif export.ldif --dry-run", "authgateway import ldif export.ldif --update --json"),
            Create(
                host, "htpasswd", HtpasswdReader.Read,
                "Local accounts from Apache's password file.",
                "authgateway import htpasswd /etc/nginx/users", "authgateway import htpasswd users --update"),
            ImportKixCommand.Create(host),
        };

    private static Verb CreateCsv(CommandLineHost host)
    {
        var separator = new Option<string>("--separator") { Description = "Character between cells, or \"tab\".", HelpName = "CHARACTER", DefaultValueFactory = _ => "," };
        separator.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && result.Tokens[0].Value is not ("tab" or [not ('"' or '\r' or '\n')]))
            {
                result.AddError("--separator must be one character, or tab.");
            }
        });
        var verb = new Verb(
            "csv",
            $"Local accounts from a table whose first row names the columns: {CsvReader.Columns}.",
            "authgateway import csv accounts.csv --dry-run",
            "authgateway import csv accounts.csv --separator \";\" --update")
        {
            separator,
        };
        return Complete(host, verb, "csv", parsed => text => CsvReader.Read(text, parsed.GetValue(separator) is "tab" ? '\t' : parsed.GetValue(separator)![0]));
    }

    private static Verb Create(CommandLineHost host, string format, Func<string, ImportFile> read, string description, params string[] examples) =>
        Complete(host, new Verb(format, description, examples), format, _ => read);

    private static Verb Complete(CommandLineHost host, Verb verb, string format, Func<ParseResult, Func<string, ImportFile>> read)
    {
        var file = new Argument<string>("FILE") { Description = "UTF-8 text, at most 64 MiB." };
        var update = new Option<bool>("--update") { Description = "Change accounts that exist; without it they are left as they are." };
        var dryRun = new Option<bool>("--dry-run") { Description = "Say what would be done, and do nothing." };
        verb.Add(file);
        verb.Add(update);
        verb.Add(dryRun);
        host.HandleWithStores(verb, (context, stores, parsed) => new ImportAdministration(stores, context).RunAsync(
            format, parsed.GetRequiredValue(file), read(parsed), parsed.GetValue(update), parsed.GetValue(dryRun)),
            parsed => parsed.GetValue(dryRun));
        return verb;
    }
}
