using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using AuthGateway.Commands.Importing;
using AuthGateway.Commands.Kix;
using AuthGateway.Rendering;

namespace AuthGateway.Commands;

/// <summary><c>import kix</c>.</summary>
internal static class ImportKixCommand
{
    // Distinguished names and filters are full of characters JSON need not escape; the result is read by people.
    private static readonly JsonSerializerOptions s_readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Verb Create(CommandLineHost host)
    {
        var file = new Argument<string>("FILE") { Description = "The value of KIX's key Authentication###000-Default." };
        var write = new Option<string?>("--write") { Description = "Write the section to a file, and each search user's password to a file of its own beside it.", HelpName = "FILE" };
        var agents = new Option<string[]>("--agent-service") { Description = "A service that is KIX's agent portal; may be given several times.", HelpName = "NAME" };
        var customers = new Option<string[]>("--customer-service") { Description = "A service that is its self-service portal; may be given several times.", HelpName = "NAME" };
        var verb = new Verb(
            "kix",
            "Turns KIX 18's list of authentication backends into the section Backends, and lists what could not be carried over. Changes nothing unless --write.",
            "authgateway import kix authentication.json --agent-service agents --customer-service portal",
            "authgateway import kix authentication.json --write /etc/authgateway/appsettings.d/backends.json")
        {
            file, write, agents, customers,
        };
        host.Handle(verb, (context, parsed) => RunAsync(
            context, parsed.GetRequiredValue(file), parsed.GetValue(write), parsed.GetValue(agents) ?? [], parsed.GetValue(customers) ?? []));
        return verb;
    }

    private static async Task<int> RunAsync(CommandContext context, string path, string? write, string[] agents, string[] customers)
    {
        var folder = write is null ? null : Path.GetDirectoryName(Path.GetFullPath(write))!;
        KixConversion conversion;
        try
        {
            conversion = new KixConverter(agents, customers, name => folder is null ? $"{name}.password" : Path.Combine(folder, $"{name}.password")).Convert(ImportText.Read(path));
        }
        catch (ImportRefusedException e)
        {
            throw new CommandFailedException(ExitCodes.RefusedOrNotFound, e.Message, e.Remedy);
        }

        var text = conversion.Section.ToJsonString(s_readable) + "\n";
        var isEmpty = conversion.Section["AuthGateway"]!["Backends"]!.AsArray().Count == 0;
        if (write is not null && !isEmpty)
        {
            foreach (var (name, password) in conversion.Passwords)
            {
                await ReplaceAsync(name, password + "\n", UnixFileMode.UserRead | UnixFileMode.UserWrite, context.Cancellation);
                context.Output.Progress($"Written to {name}: a password. It must belong to the user who runs the gateway.");
            }

            await ReplaceAsync(write, text, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead, context.Cancellation);
            context.Output.Progress($"Written to {write}.");
        }

        if (context.Output.IsJson)
        {
            context.Output.Json(new { section = conversion.Section, notes = conversion.Notes });
        }
        else if (write is null)
        {
            context.Output.Raw(text);
        }

        if (!context.Output.IsJson)
        {
            Tell(context, conversion, write is null);
        }

        if (isEmpty)
        {
            context.Output.Error("No backend could be carried over.", "Nothing was written. See above why.");
            return ExitCodes.RefusedOrNotFound;
        }

        return ExitCodes.Done;
    }

    private static void Tell(CommandContext context, KixConversion conversion, bool isPrinted)
    {
        foreach (var note in conversion.Notes)
        {
            context.Output.Progress($"{note.Path}: {(note.Kind == "left-out" ? "not carried over. " : "")}{note.Why}");
            context.Output.Progress($"  {note.Remedy}");
        }

        if (!isPrinted)
        {
            return;
        }

        foreach (var name in conversion.Passwords.Keys)
        {
            context.Output.Progress($"{name}: the search user's password is not printed. Write it into that file in the state folder, with mode 600, or convert with --write.");
        }
    }

    /// <summary>Whole or not at all, and never readable by more than it shall be.</summary>
    private static async Task ReplaceAsync(string path, string text, UnixFileMode mode, CancellationToken cancellationToken)
    {
        var unfinished = $"{path}.{Guid.NewGuid():N}.new";
        try
        {
            await using (var stream = new FileStream(unfinished, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = mode }))
            {
                await stream.WriteAsync(System.Text.Encoding.UTF8.GetBytes(text), cancellationToken);
                stream.Flush(flushToDisk: true);
            }

            File.Move(unfinished, path, overwrite: true);
        }
        finally
        {
            File.Delete(unfinished);
        }
    }
}
