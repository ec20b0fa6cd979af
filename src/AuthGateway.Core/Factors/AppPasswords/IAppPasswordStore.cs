namespace AuthGateway.Core.Factors.AppPasswords;

/// <summary>What came of adding an app password.</summary>
public enum AppPasswordAdding
{
    /// <summary>It is kept.</summary>
    Added,

    /// <summary>The user has one of this tag that is still good.</summary>
    TagTaken,

    /// <summary>The user has as many as anybody may have.</summary>
    LimitReached,
}

/// <summary>Where app passwords are kept. Read at start and after a signal, never per request. Every write is durable when it returns.</summary>
public interface IAppPasswordStore
{
    /// <summary>Keeps a new one. One of the same tag that has expired makes room for it.</summary>
    /// <param name="record">The password, sealed.</param>
    /// <param name="limit">How many of a user may be good at once.</param>
    /// <param name="now">Decides which have expired.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask<AppPasswordAdding> AddAsync(AppPasswordRecord record, int limit, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Every one that was not revoked, expired ones included, by login and tag.</summary>
    ValueTask<IReadOnlyList<AppPasswordRecord>> ListAsync(CancellationToken cancellationToken);

    /// <summary>Every one that was revoked or replaced and is still remembered.</summary>
    ValueTask<IReadOnlyList<EndedAppPassword>> ListEndedAsync(CancellationToken cancellationToken);

    /// <summary>Revokes by id; returns how many there were.</summary>
    ValueTask<int> EndAsync(IReadOnlyCollection<string> ids, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Writes down last uses; unknown ids are passed over.</summary>
    ValueTask TouchAsync(IReadOnlyCollection<(string Id, AppPasswordUse Use)> uses, CancellationToken cancellationToken);

    /// <summary>Forgets those that ended before a time; returns how many.</summary>
    ValueTask<int> PruneAsync(DateTimeOffset endedBefore, CancellationToken cancellationToken);
}
