using AuthGateway.Core.Identities;
using AuthGateway.Core.Policies;
using AuthGateway.Core.Sessions;
using AuthGateway.Core.Signals;
using AuthGateway.Rendering;

namespace AuthGateway.Commands;

/// <summary>What the <c>session</c> verbs do, apart from how they are typed; the other verbs end a user's sessions here too.</summary>
internal sealed class SessionAdministration(Stores stores, CommandContext context)
{
    private readonly Administration _administration = new(stores, context);

    /// <summary>Shows sessions, the last used first.</summary>
    public async Task<int> ListAsync(string? user)
    {
        var now = context.Time.GetUtcNow();
        var found = await FindAsync(session => session.EndsAt > now && (user is null || IsOf(session, user)));
        if (context.Output.IsJson)
        {
            context.Output.Json(found.Select(session => new ShownSession(
                session.Id,
                session.User.Key,
                session.User.Login,
                session.Host,
                session.Address,
                FactorWords.Of(session.Proven),
                session.IsPending,
                session.CreatedAt,
                session.SeenAt,
                session.EndsAt,
                session.UserAgent,
                session.ActsFor is { } target ? new ShownTarget(target.Key, target.Login) : null)));
            return ExitCodes.Done;
        }

        if (found.Count == 0)
        {
            context.Output.Progress(user is null ? "Nobody is signed in." : $"No session belongs to \"{user}\".");
            return user is null ? ExitCodes.Done : ExitCodes.RefusedOrNotFound;
        }

        context.Output.Table(
            ["ID", "USER", "HOST", "FROM", "FACTORS", "SIGNED IN", "LAST USED"],
            found.Select(session => new[]
            {
                session.Id,
                session.ActsFor is { } target ? $"{session.User.Login}, acts for {target.Login}" : session.User.Login,
                session.Host,
                session.Address,
                session.IsPending ? $"{FactorWords.Of(session.Proven)}, one owed" : FactorWords.Of(session.Proven),
                TimeText.Relative(session.CreatedAt, now),
                TimeText.Relative(session.SeenAt, now),
            }));
        return ExitCodes.Done;
    }

    /// <summary>Ends one session by its id, all of a user, or all there are when neither is given.</summary>
    public async Task<int> RevokeAsync(string? id, string? user)
    {
        var found = await FindAsync(session => id is not null ? string.Equals(session.Id, id, StringComparison.Ordinal) : user is null || IsOf(session, user));
        var revoked = await EndAsync(found);
        if (context.Output.IsJson)
        {
            context.Output.Json(new { Revoked = revoked });
        }

        if (revoked.Count > 0)
        {
            context.Output.Line($"Ended {Number(revoked.Count)}.");
            return ExitCodes.Done;
        }

        context.Output.Error(
            id is not null ? $"No session has the id \"{id}\"." : user is not null ? $"No session belongs to \"{user}\"." : "There is no session.", "authgateway session list shows them.");
        return ExitCodes.RefusedOrNotFound;
    }

    /// <summary>Ends every session of an identity, and those that act for it; returns how many there were.</summary>
    public async Task<int> EndOfAsync(string identityKey) =>
        (await EndAsync(await FindAsync(session =>
            string.Equals(session.User.Key, identityKey, StringComparison.Ordinal) || string.Equals(session.ActsFor?.Key, identityKey, StringComparison.Ordinal)))).Count;

    private static bool IsOf(SessionRecord session, string user) =>
        Means(session.User, user) || (session.ActsFor is { } target && Means(target, user));

    private static bool Means(UserIdentity identity, string user) => identity.Aliases.Contains(user) || string.Equals(identity.Key, user, StringComparison.OrdinalIgnoreCase);

    private static string Number(int count) => count == 1 ? "one session" : $"{count} sessions";

    private async Task<IReadOnlyList<SessionRecord>> FindAsync(Func<SessionRecord, bool> means) =>
        [.. (await stores.Sessions.ListAsync(context.Cancellation)).Where(means).OrderByDescending(session => session.SeenAt)];

    /// <summary>One record for each user: who revokes everything wants to read whom it met, not a line for each browser.</summary>
    private async Task<IReadOnlyList<string>> EndAsync(IReadOnlyList<SessionRecord> sessions)
    {
        var ended = new List<string>();
        foreach (var own in sessions.GroupBy(session => session.User.Key, StringComparer.Ordinal))
        {
            string[] ids = [.. own.Select(session => session.Id)];
            if (await _administration.ChangeAsync(
                "session-revoked",
                SignalNames.SessionsChanged,
                own.Key,
                own.First().User.Login,
                async cancellation => await stores.Sessions.RemoveAsync(ids, cancellation) > 0,
                ids.Length == 1 ? $"session {ids[0]}" : Number(ids.Length)))
            {
                ended.AddRange(ids);
            }
        }

        return ended;
    }

    private sealed record ShownSession(
        string Id,
        string Identity,
        string Login,
        string Host,
        string Address,
        string Factors,
        bool Pending,
        DateTimeOffset CreatedAt,
        DateTimeOffset SeenAt,
        DateTimeOffset EndsAt,
        string UserAgent,
        ShownTarget? ActsFor);

    private sealed record ShownTarget(string Identity, string Login);
}
