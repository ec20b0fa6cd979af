using System.CommandLine;
using AuthGateway.Core.Audit;
using AuthGateway.Rendering;

namespace AuthGateway.Commands;

/// <summary><c>audit search</c>.</summary>
internal static class AuditSearchCommand
{
    public static Verb Create(CommandLineHost host)
    {
        var user = Text("--user", "NAME", "Typed name, identity or mail address of the user, or name of who acted for her.");
        var address = Text("--address", "ADDRESS", "Client address.");
        var reason = Text("--reason", "WORD", "Reason, e.g. wrong-password.");
        var kind = Text("--event", "WORD", "sign-in, refusal, lockout, spray, factor, password, session, verification, administration, configuration or tunnel.");
        var service = Text("--service", "NAME", "Service.");
        var request = Text("--request", "ID", "Request id, as a refusal page shows it.");
        var device = Text("--device", "ID", "ActiveSync device id or certificate thumbprint.");
        var since = Text("--since", "TIME", "Not before: 45s, 30m, 2h or 7d ago, or a time such as \"2026-11-22 08:00\" (UTC).");
        var limit = BoundedOption.Int32("--limit", 1, 10_000, 100, "Most records");
        var verb = new Verb(
            "search", "Finds records, newest first.", "authgateway audit search --user alice --since 2h", "authgateway audit search --reason wrong-password --since 7d --json")
        {
            user, address, reason, kind, service, request, device, since, limit,
        };
        host.HandleWithStores(verb, (context, stores, parsed) =>
        {
            DateTimeOffset? notBefore = null;
            if (parsed.GetValue(since) is { } text)
            {
                if (!TimeText.TryParseSince(text, context.Time.GetUtcNow(), out var time))
                {
                    context.Output.Error($"\"{text}\" is not a time.", "Write 45s, 30m, 2h, 7d, 2026-11-22 or \"2026-11-22 08:00\".");
                    return Task.FromResult(ExitCodes.Usage);
                }

                notBefore = time;
            }

            return new AuditSearch(stores, context).SearchAsync(new AuditQuery
            {
                User = parsed.GetValue(user),
                Address = parsed.GetValue(address),
                Reason = parsed.GetValue(reason),
                Event = parsed.GetValue(kind),
                Service = parsed.GetValue(service),
                RequestId = parsed.GetValue(request),
                Device = parsed.GetValue(device),
                Since = notBefore,
                Limit = parsed.GetValue(limit),
            });
        });
        return verb;
    }

    private static Option<string?> Text(string name, string shown, string description) => new(name) { Description = description, HelpName = shown };
}
