using System.Diagnostics;
using AuthGateway.Core.Audit;
using AuthGateway.Core.Backends.Local;
using AuthGateway.Core.Signals;
using AuthGateway.Rendering;

namespace AuthGateway.Commands.Importing;

/// <summary>What the <c>import</c> verbs for accounts do, apart from how their files are read.</summary>
internal sealed class ImportAdministration(Stores stores, CommandContext context)
{
    // A person is shown this many; --json has them all.
    private const int ShownRemarks = 50;

    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(2);

    /// <summary>Imports accounts, or with <paramref name="dryRun"/> says what an import would do.</summary>
    /// <param name="source">Kind of file, for the report.</param>
    /// <param name="path">The file.</param>
    /// <param name="read">Makes entries of its text.</param>
    /// <param name="update">True changes accounts that exist.</param>
    /// <param name="dryRun">True writes nothing.</param>
    public async Task<int> RunAsync(string source, string path, Func<string, ImportFile> read, bool update, bool dryRun)
    {
        ImportFile file;
        try
        {
            file = read(ImportText.Read(path));
        }
        catch (ImportRefusedException e)
        {
            throw new CommandFailedException(ExitCodes.RefusedOrNotFound, e.Message, $"Nothing was imported. {e.Remedy}");
        }

        context.Output.Progress($"Read {Number(file.Entries.Count, "entry", "entries")} of {path}.");
        var plan = new ImportPlan(await stores.Accounts.ListAsync(context.Cancellation), stores.Passwords, update, context.Time.GetUtcNow());
        foreach (var entry in file.Entries)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            plan.Take(entry);
        }

        if (!dryRun && plan.Accounts.Count > 0)
        {
            await ApplyAsync(plan, $"{source} {Path.GetFileName(path)}");
        }

        Report(source, plan, file, dryRun);
        return plan.Refused.Count > 0 ? ExitCodes.RefusedOrNotFound : ExitCodes.Done;
    }

    private async Task ApplyAsync(ImportPlan plan, string source)
    {
        var accounts = Hash(plan.Accounts);
        var import = new AccountImport(
            [.. accounts.Where(planned => planned.Before is null).Select(planned => planned.Account)],
            [.. accounts.Where(planned => planned.Before is not null).Select(planned => planned.Account)]);
        context.Output.Progress($"Writing {Number(accounts.Count, "account", "accounts")} …");
        if (!await stores.Accounts.ImportAsync(import, Records(plan, accounts, source), context.Cancellation))
        {
            throw new CommandFailedException(ExitCodes.RefusedOrNotFound, "Accounts were changed by somebody else just now.", "Nothing was imported. Run it again.");
        }

        // Not cancelled: the accounts stand, so the gateway must hear of it.
        await stores.Signals.RaiseAsync(SignalNames.AccountsChanged, CancellationToken.None);
        await EndSessionsAsync(accounts);
    }

    /// <summary>Hashes what came in the clear: slow on purpose, so on every core and with a line now and then.</summary>
    private List<PlannedAccount> Hash(List<PlannedAccount> accounts)
    {
        var hashed = accounts.ToArray();
        var clear = Enumerable.Range(0, hashed.Length).Where(i => hashed[i].Password is not null).ToArray();
        if (clear.Length == 0)
        {
            return accounts;
        }

        context.Output.Progress($"Hashing {Number(clear.Length, "password", "passwords")} …");
        var (done, told, gate) = (0, Stopwatch.GetTimestamp(), new Lock());
        Parallel.ForEach(clear, new ParallelOptions { CancellationToken = context.Cancellation, MaxDegreeOfParallelism = Environment.ProcessorCount }, i =>
        {
            var planned = hashed[i];
            hashed[i] = planned with { Account = planned.Account with { PasswordHash = stores.Hasher.Hash(planned.Password!) } };
            lock (gate)
            {
                done++;
                if (Stopwatch.GetElapsedTime(told) > Beat)
                {
                    told = Stopwatch.GetTimestamp();
                    context.Output.Progress($"  {done} of {clear.Length}");
                }
            }
        });
        return [.. hashed];
    }

    private IEnumerable<AuditRecord> Records(ImportPlan plan, IReadOnlyList<PlannedAccount> accounts, string source)
    {
        var added = accounts.Count(planned => planned.Before is null);
        yield return Record(
            "accounts-imported", null, null, $"{source}: {added} added, {accounts.Count - added} updated, {plan.Skipped.Count} skipped, {plan.Refused.Count} refused");
        foreach (var planned in accounts)
        {
            var what = planned.Kind is null ? "password as it was" : $"password {planned.Kind}";
            yield return Record(
                planned.Before is null ? "user-added" : "user-updated", $"{stores.LocalBackend}:{planned.Account.Id}", planned.Account.Login, $"{source} line {planned.Line}, {what}");
        }
    }

    private AuditRecord Record(string reason, string? identity, string? name, string detail) => new()
    {
        At = context.Time.GetUtcNow(),
        Event = AuditEvents.Administration,
        Reason = reason,
        Verdict = "done",
        TypedName = name,
        Identity = identity,
        Detail = $"{detail}, by {context.Actor} on the command line",
    };

    /// <summary>As after <c>user passwd</c> and <c>user disable</c>: who had the old password, or the account before it was disabled, is signed out.</summary>
    private async Task EndSessionsAsync(IEnumerable<PlannedAccount> accounts)
    {
        var ended = 0;
        var sessions = new SessionAdministration(stores, context);
        var changed = accounts
            .Where(planned => planned.Before is not null && (planned.Kind is not null || (planned.Account.Disabled && !planned.Before.Disabled)))
            .Select(planned => $"{stores.LocalBackend}:{planned.Account.Id}")
            .ToHashSet(StringComparer.Ordinal);
        if (changed.Count == 0)
        {
            return;
        }

        var open = (await stores.Sessions.ListAsync(CancellationToken.None)).Select(session => session.User.Key).Where(changed.Contains).Distinct(StringComparer.Ordinal);
        foreach (var key in open.ToArray())
        {
            ended += await sessions.EndOfAsync(key);
        }

        if (ended > 0)
        {
            context.Output.Progress($"Ended {Number(ended, "session", "sessions")}.");
        }
    }

    private void Report(string source, ImportPlan plan, ImportFile file, bool dryRun)
    {
        var added = plan.Accounts.Count(planned => planned.Before is null);
        var updated = plan.Accounts.Count - added;
        var kinds = plan.Accounts.Where(planned => planned.Kind is not null)
            .GroupBy(planned => (planned.Kind, planned.Weakness))
            .OrderBy(group => group.Key.Kind, StringComparer.Ordinal)
            .Select(group => new ReportedHash(group.Key.Kind!, group.Count(), group.Key.Weakness))
            .ToArray();
        if (context.Output.IsJson)
        {
            context.Output.Json(new ImportReport(source, dryRun, added, updated, plan.Skipped.Count, plan.Refused.Count, file.Passed, kinds, file.NotTaken, plan.Skipped, plan.Refused));
            return;
        }

        foreach (var remark in plan.Refused.Take(ShownRemarks))
        {
            context.Output.Error($"Line {remark.Line}{(remark.Login is null ? "" : $", {remark.Login}")}: refused.", remark.Why);
        }

        if (plan.Refused.Count > ShownRemarks)
        {
            context.Output.Progress($"… and {plan.Refused.Count - ShownRemarks} more; --json shows all.");
        }

        foreach (var (name, count) in file.NotTaken.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            context.Output.Progress($"Not taken over: {name} ({Number(count, "value", "values")}).");
        }

        if (file.Passed > 0)
        {
            context.Output.Progress($"{Number(file.Passed, "entry is", "entries are")} no account.");
        }

        foreach (var hash in kinds)
        {
            var weakness = hash.Weakness is null ? "" : $": weak ({hash.Weakness}) until the next login replaces it";
            context.Output.Line($"{hash.Kind}: {Number(hash.Count, "password", "passwords")}{weakness}.");
        }

        context.Output.Line(
            $"{(dryRun ? "Would be" : "Imported")}: {added} added, {updated} updated, {plan.Skipped.Count} skipped{(plan.Skipped.Count > 0 ? " (they exist; --update changes them)" : "")}, {plan.Refused.Count} refused.");
    }

    private static string Number(int count, string one, string many) => $"{count} {(count == 1 ? one : many)}";

    private sealed record ReportedHash(string Kind, int Count, string? Weakness);

    private sealed record ImportReport(
        string Source,
        bool DryRun,
        int Added,
        int Updated,
        int Skipped,
        int Refused,
        int NoAccount,
        IReadOnlyList<ReportedHash> Passwords,
        IReadOnlyDictionary<string, int> NotTaken,
        IReadOnlyList<ImportRemark> Skips,
        IReadOnlyList<ImportRemark> Refusals);
}
