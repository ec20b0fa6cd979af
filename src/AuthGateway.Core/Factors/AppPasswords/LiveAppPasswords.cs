using AuthGateway.Core.Faults;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Telemetry;
using Microsoft.Extensions.Logging;

namespace AuthGateway.Core.Factors.AppPasswords;

/// <summary>What a secret is, as far as this process knows.</summary>
/// <param name="IsShaped">True when it looks like an app password at all.</param>
/// <param name="Live">The app password it is, expired or not; null for any other secret.</param>
/// <param name="Ended">The revoked app password it was, or null.</param>
public readonly record struct AppPasswordLook(bool IsShaped, AppPassword? Live, EndedAppPassword? Ended)
{
    /// <summary>True when it is or was somebody's app password.</summary>
    public bool IsKnown => Live is not null || Ended is not null;
}

/// <summary>
/// Every app password, found by a keyed hash without asking the store. What the store has lost is dead here with the next look
/// (<see cref="RefreshAsync"/>), and what ran under it is cut.
/// </summary>
public sealed partial class LiveAppPasswords(IAppPasswordStore store, Func<AppPasswordKey> key, TimeProvider time, ILogger<LiveAppPasswords> logger)
{
    /// <summary>How many of a user may be good at once.</summary>
    public const int PerUser = 20;

    /// <summary>How long revoked ones are known again.</summary>
    public static readonly TimeSpan Remembered = TimeSpan.FromDays(400);

    private readonly SemaphoreSlim _changing = new(1);
    private AppPasswordKey? _key;
    private Dictionary<AppPasswordDigest, AppPassword> _live = [];
    private Dictionary<AppPasswordDigest, EndedAppPassword> _ended = [];

    /// <summary>App passwords known, expired ones included.</summary>
    public int Count => _live.Count;

    // Opened by the first who needs it: a verb that only explains has none.
    private AppPasswordKey Key => _key ??= key();

    /// <summary>What a secret is. One hash and one lookup; allocates nothing.</summary>
    public AppPasswordLook Look(Secret secret)
    {
        if (!Key.TryDigest(secret, out var digest))
        {
            return default;
        }

        return Volatile.Read(ref _live).TryGetValue(digest, out var live)
            ? new AppPasswordLook(IsShaped: true, live, null)
            : new AppPasswordLook(IsShaped: true, null, Volatile.Read(ref _ended).GetValueOrDefault(digest));
    }

    /// <summary>Takes over what the store holds: at start, and when another process says that it changed something.</summary>
    public async ValueTask RefreshAsync(CancellationToken cancellationToken)
    {
        await _changing.WaitAsync(cancellationToken);
        try
        {
            // In this order: what is revoked between the two readings is found dead, never alive.
            var kept = await store.ListAsync(cancellationToken);
            var ended = (await store.ListEndedAsync(cancellationToken)).ToDictionary(one => one.Digest);
            var old = _live;
            var live = new Dictionary<AppPasswordDigest, AppPassword>(kept.Count);
            foreach (var record in kept.Where(record => !ended.ContainsKey(record.Digest)))
            {
                if (!Key.IsSound(record))
                {
                    Log.Unsound(logger, record.Tag, record.Login);
                    continue;
                }

                // The same object for the same password: requests that run hold it.
                live[record.Digest] = old.TryGetValue(record.Digest, out var known) && SaysTheSame(known.Record, record) ? known : new AppPassword(record);
            }

            Volatile.Write(ref _ended, ended);
            Volatile.Write(ref _live, live);
            foreach (var (digest, password) in old)
            {
                if (!live.TryGetValue(digest, out var still) || !ReferenceEquals(still, password))
                {
                    password.End();
                    Log.EndedElsewhere(logger, password.Record.Tag, password.Record.Login);
                }
            }
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>Writes down uses, each password's once in five minutes at most, and forgets what was revoked long ago.</summary>
    /// <param name="atOnce">True at the end of the process: everything is written.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async ValueTask SweepAsync(bool atOnce, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var uses = new List<(string, AppPasswordUse)>();
        foreach (var password in Volatile.Read(ref _live).Values)
        {
            // What has expired is refused by its time; what runs under it is cut here.
            if (password.IsExpired(now))
            {
                password.End();
            }

            if (password.TakeUnwritten(now, atOnce) is { } use)
            {
                uses.Add((password.Record.Id, use));
            }
        }

        if (uses.Count > 0)
        {
            await store.TouchAsync(uses, cancellationToken);
        }

        if (Volatile.Read(ref _ended).Values.Any(one => one.EndedAt < now - Remembered))
        {
            await store.PruneAsync(now - Remembered, cancellationToken);
            await RefreshAsync(cancellationToken);
        }
    }

    private static bool SaysTheSame(AppPasswordRecord one, AppPasswordRecord other) => one.Id == other.Id && one.Seal.AsSpan().SequenceEqual(other.Seal);

    private static partial class Log
    {
        [LoggerMessage(EventIds.AppPasswordEndedElsewhere, LogLevel.Information, "The app password {Tag} of {User} was revoked by another process.")]
        public static partial void EndedElsewhere(ILogger logger, string tag, string user);

        [LoggerMessage(EventIds.AppPasswordUnsound, LogLevel.Error, "The app password {Tag} of {User} is not as the gateway wrote it, or was made under another key; it opens nothing. Revoke it and make a new one.")]
        public static partial void Unsound(ILogger logger, string tag, string user);
    }
}
