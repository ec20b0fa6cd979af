using System.Globalization;
using AuthGateway.Core.Audit;
using AuthGateway.Core.Policies;
using AuthGateway.Rendering;

namespace AuthGateway.Commands;

/// <summary>What <c>audit search</c> does, apart from how it is typed.</summary>
internal sealed class AuditSearch(Stores stores, CommandContext context)
{
    /// <summary>Shows what was found, newest first.</summary>
    public async Task<int> SearchAsync(AuditQuery query)
    {
        var records = await stores.Audit.SearchAsync(query, context.Cancellation);
        if (context.Output.IsJson)
        {
            context.Output.Json(records);
        }
        else if (records.Count > 0)
        {
            context.Output.Table(["TIME (UTC)", "WHO", "FROM", "SERVICE", "WHAT"], records.Select(Row));
            ShowPerson(records);
        }

        var since = query.Since is { } time ? $" since {TimeText.Both(time, context.Time.GetUtcNow())}" : "";
        var more = records.Count == query.Limit ? "; there may be more, see --limit" : "";
        context.Output.Progress(records.Count == 0 ? $"No record matches{since}." : $"{records.Count} {(records.Count == 1 ? "record" : "records")}{since}, newest first{more}.");
        return records.Count == 0 ? ExitCodes.RefusedOrNotFound : ExitCodes.Done;
    }

    private static string?[] Row(AuditRecord record) =>
    [
        record.At.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture),
        Who(record),
        record.Address,
        record.Service ?? (record.Event is AuditEvents.Administration or AuditEvents.Configuration or AuditEvents.Tunnel ? record.Event : null),
        What(record),
    ];

    /// <summary>
    /// Whom to call, where every record is about one user and about what she did herself: as the newest of them knows her. Each text on a line of its own, for
    /// many directories let people write theirs.
    /// </summary>
    private void ShowPerson(IReadOnlyList<AuditRecord> records)
    {
        if (records[0].Identity is not { } identity
            || records.Any(record => record.ActedBy is not null || !string.Equals(record.Identity, identity, StringComparison.Ordinal))
            || records.FirstOrDefault(record => record.Contact is not null)?.Contact is not { } contact)
        {
            return;
        }

        context.Output.Line("");
        foreach (var (what, text) in new[] { ("identity", identity), ("name", contact.DisplayName), ("mail", contact.Mail), ("phone", contact.Phone) })
        {
            if (text is not null)
            {
                context.Output.Line($"{what,-10}{text}");
            }
        }
    }

    private static string? Who(AuditRecord record) => (record.TypedName ?? record.Identity, record.ActedBy) switch
    {
        (var user, null) => user,
        (null, { } actor) => $"by {actor.Login}",
        ({ } user, { } actor) => $"{user} by {actor.Login}",
    };

    private static string What(AuditRecord record)
    {
        var many = record.Count > 1 ? string.Create(CultureInfo.InvariantCulture, $" ({record.Count} times)") : "";
        if (record.Event is AuditEvents.Lockout or AuditEvents.Spray)
        {
            // The detail says when it ends, and of a spray how many names were tried.
            return $"{(record.Event is AuditEvents.Spray ? "spray, " : "")}lock begins: {record.Reason}; {record.Detail}{many}";
        }

        if (record.Reason == VerdictReason.AccountState.Code && record.Detail is { Length: > 0 } detail)
        {
            return $"{record.Verdict}: {record.Reason}, {detail}{many}"; // its first word says which
        }

        return record.Verdict is "allow" or "done" ? $"{record.Reason}{many}" : $"{record.Verdict}: {record.Reason}{many}";
    }
}
