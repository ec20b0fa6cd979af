using System.Net;
using AuthGateway.Core.Audit;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Lockout;
using AuthGateway.Core.Signals;
using AuthGateway.Rendering;

namespace AuthGateway.Commands;

/// <summary>What the <c>lockout</c> verbs do, apart from how they are typed.</summary>
internal sealed class LockoutAdministration(Stores stores, CommandContext context)
{
    private static readonly string[] s_ofUsers = ["user:", "budget:", "budget-strangers:", "factor:", "factor-total:", "recovery:"];
    private static readonly string[] s_kinds = [.. s_ofUsers, LockoutKey.PlaceKind, "name:", "addr:"];

    // No lock that ends by itself lasts that long, but for what a directory's own settings ask for.
    private static readonly TimeSpan s_forGood = TimeSpan.FromDays(365);

    private readonly Administration _administration = new(stores, context);

    /// <summary>Shows counters, locked ones first.</summary>
    public async Task<int> ListAsync(string? part, int limit, bool lockedOnly)
    {
        var now = context.Time.GetUtcNow();
        var entries = new List<LockoutEntry>();
        foreach (var one in PartsOf(part))
        {
            entries.AddRange(await stores.Lockouts.ListAsync(one, limit, context.Cancellation));
        }

        var names = await NamesAsync(entries);
        var shown = entries
            .Select(entry => new ShownCounter(
                entry.Key,
                IdentityOf(entry.Key) is { } identity ? names.GetValueOrDefault(identity) : null,
                WordsOf(entry.Key),
                entry.Failures,
                DateTimeOffset.FromUnixTimeMilliseconds(entry.LastAtMs),
                entry.LockedUntilMs > now.ToUnixTimeMilliseconds() ? DateTimeOffset.FromUnixTimeMilliseconds(entry.LockedUntilMs) : null))
            .Where(counter => !lockedOnly || counter.LockedUntil is not null)
            .ToArray();
        if (context.Output.IsJson)
        {
            context.Output.Json(shown);
            return ExitCodes.Done;
        }

        if (shown.Length == 0)
        {
            context.Output.Progress(part is null ? "Nobody is locked, and no failure is remembered." : $"No counter has \"{part}\" in its key.");
            return part is null ? ExitCodes.Done : ExitCodes.RefusedOrNotFound;
        }

        context.Output.Table(
            ["KEY", "NAME", "COUNTS", "STATE", "FAILURES", "LAST", "LOCK ENDS (UTC)"],
            shown.Select(counter => new[]
            {
                counter.Key,
                counter.Name,
                counter.Counts,
                counter.LockedUntil is null ? "counting" : "locked",
                counter.Failures.ToString(System.Globalization.CultureInfo.InvariantCulture),
                TimeText.Relative(counter.LastAt, now),
                counter.LockedUntil is not { } end ? null
                    : end - now > s_forGood ? "when it is cleared"
                    : $"{end.UtcDateTime:HH:mm:ss} ({TimeText.Relative(end, now)})",
            }));
        return ExitCodes.Done;
    }

    /// <summary>Clears every counter the word means: a key as listed, an address, or a user by any of his names.</summary>
    public async Task<int> ClearAsync(string word)
    {
        var cleared = await ClearKeysAsync(await KeysAsync(word));
        if (context.Output.IsJson)
        {
            context.Output.Json(new { Cleared = cleared });
        }

        if (cleared.Count > 0)
        {
            return ExitCodes.Done;
        }

        context.Output.Error($"No counter belongs to \"{word}\".", "authgateway lockout list shows the keys; give one of them as it stands.");
        return ExitCodes.RefusedOrNotFound;
    }

    /// <summary>An IPv6 address is counted under its networks and in their own spelling; whoever asks has it from an audit record.</summary>
    private static IReadOnlyList<string?> PartsOf(string? part) => IPAddress.TryParse(part, out var address) && LockoutKey.ForWideAddress(address) is { } wide
        ? [LockoutKey.ForAddress(address).Text, wide.Text]
        : [part];

    /// <summary>Whom the keys of users mean: local ones by their account, others by what the audit trail says of them last.</summary>
    private async Task<Dictionary<string, string>> NamesAsync(IReadOnlyList<LockoutEntry> entries)
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        var users = entries.Select(entry => IdentityOf(entry.Key)).OfType<string>().Distinct(StringComparer.Ordinal).ToArray();
        if (users.Length == 0)
        {
            return names;
        }

        foreach (var account in await stores.Accounts.ListAsync(context.Cancellation))
        {
            names[$"{stores.LocalBackend}:{account.Id}"] = account.Login;
        }

        foreach (var identity in users.Where(identity => !names.ContainsKey(identity)))
        {
            var records = await stores.Audit.SearchAsync(new AuditQuery { User = identity, Limit = 20 }, context.Cancellation);
            if (records.FirstOrDefault(record => record is { TypedName: not null, Event: not AuditEvents.Administration } && string.Equals(record.Identity, identity, StringComparison.Ordinal)) is { } last)
            {
                names[identity] = last.TypedName!;
            }
        }

        return names;
    }

    /// <summary>Clears those of the counters that exist, and returns them.</summary>
    public async Task<IReadOnlyList<string>> ClearKeysAsync(IReadOnlyList<string> keys)
    {
        var cleared = new List<string>();
        foreach (var key in keys)
        {
            // Looked at first, so that a word with three possible keys does not leave two records of things that never were.
            if (!await ExistsAsync(key))
            {
                continue;
            }

            if (await _administration.ChangeAsync("lockout-cleared", SignalNames.LockoutsChanged, IdentityOf(key), key, cancellation => stores.Lockouts.ClearAsync(key, cancellation)))
            {
                cleared.Add(key);
                context.Output.Line($"Cleared {key}.");
            }
        }

        return cleared;
    }

    /// <summary>What a counter counts, in words.</summary>
    private static string WordsOf(string key) => key[..(key.IndexOf(':', StringComparison.Ordinal) + 1)] switch
    {
        "user:" => "passwords, from new places",
        LockoutKey.PlaceKind => "passwords, from a familiar place",
        "budget:" => "wrong passwords its directory saw",
        "budget-strangers:" => "of these, from new places",
        "factor:" => "codes",
        "factor-total:" => "codes since the last right one",
        "recovery:" => "recovery codes",
        "name:" => "a name nobody knows",
        _ when key.EndsWith("/64", StringComparison.Ordinal) => "a network (/64)",
        _ when key.EndsWith("/48", StringComparison.Ordinal) => "networks (/48)",
        _ => "an address",
    };

    private static string? IdentityOf(string key) => key.StartsWith(LockoutKey.PlaceKind, StringComparison.Ordinal)
        ? key[LockoutKey.PlaceKind.Length..key.LastIndexOf(':')]
        : s_ofUsers.Where(kind => key.StartsWith(kind, StringComparison.Ordinal)).Select(kind => key[kind.Length..]).FirstOrDefault();

    private async Task<bool> ExistsAsync(string key)
    {
        var entries = await stores.Lockouts.ListAsync(key, 1000, context.Cancellation);
        return entries.Any(entry => string.Equals(entry.Key, key, StringComparison.Ordinal));
    }

    private async Task<IReadOnlyList<string>> KeysAsync(string word)
    {
        if (s_kinds.Any(kind => word.StartsWith(kind, StringComparison.Ordinal)))
        {
            return [word];
        }

        if (IPAddress.TryParse(word, out var address))
        {
            return LockoutKey.ForWideAddress(address) is { } wide ? [LockoutKey.ForAddress(address).Text, wide.Text] : [LockoutKey.ForAddress(address).Text];
        }

        if (!UserName.TryParse(word, out var name))
        {
            return [];
        }

        var known = await KnownNames.FindAsync(name, stores.Accounts, stores.LocalBackend, stores.Apps, stores.Audit, context.Cancellation);
        var places = new List<string>();
        foreach (var identity in known)
        {
            // Its places are hashes: those that have a counter are found by the user they belong to.
            var entries = await stores.Lockouts.ListAsync($"{LockoutKey.PlaceKind}{identity}:", 1000, context.Cancellation);
            places.AddRange(entries.Select(entry => entry.Key).Where(key => string.Equals(IdentityOf(key), identity, StringComparison.Ordinal)));
        }

        return [LockoutKey.ForName(name).Text, .. known.SelectMany(identity => s_ofUsers.Select(kind => kind + identity)), .. places];
    }

    private sealed record ShownCounter(string Key, string? Name, string Counts, int Failures, DateTimeOffset LastAt, DateTimeOffset? LockedUntil);
}
