using System.Collections.Concurrent;
using AuthGateway.Core.Audit;
using AuthGateway.Core.Backends;
using AuthGateway.Core.Faults;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Sessions;
using AuthGateway.Core.Telemetry;
using Microsoft.Extensions.Logging;

namespace AuthGateway.Core.Login;

/// <summary>
/// Asks backends anew about everybody who is let in without being asked: by a live session or by a cached credential. Who may no longer log in loses
/// both; who changed groups or roles is judged by the new ones from the next request on. An outage changes nothing. Where a backend cannot be asked at
/// all, sessions end some time after the password was proven.
/// </summary>
public sealed partial class AccountRefresher
{
    /// <summary>Users of one backend asked about at once, so that a directory notices nothing.</summary>
    private const int Parallel = 2;

    /// <summary>Unanswered questions after which a backend is left alone for the rest of its round.</summary>
    private const int MostOutages = 3;

    // The rest of the interval is for rounds and answers, so that it holds from one end to the other.
    private const double AskedWithin = 0.8;

    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(10);

    private readonly LiveSessions _sessions;
    private readonly LoginFlow _login;
    private readonly AuditLog _audit;
    private readonly TimeProvider _time;
    private readonly ILogger<AccountRefresher> _logger;
    private readonly ConcurrentDictionary<string, long> _due = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _running = new(StringComparer.Ordinal);

    // Whom new backends have not been asked about yet.
    private readonly ConcurrentDictionary<string, BackendChain> _atOnce = new(StringComparer.Ordinal);
    private readonly HashSet<string> _away = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private volatile BackendChain? _chain;

    /// <summary>Starts with nobody asked about.</summary>
    public AccountRefresher(LiveSessions sessions, LoginFlow login, AuditLog audit, TimeProvider time, ILogger<AccountRefresher> logger)
    {
        _sessions = sessions;
        _login = login;
        _audit = audit;
        _time = time;
        _logger = logger;
    }

    /// <summary>
    /// Asks about those whose time has come. A user's first time falls anywhere within the interval, by a hash of who it is, and stays there: a
    /// morning's thousand logins, or a restart, are spread over the interval by themselves. Under new backends everybody's time has come: what they
    /// say of a user may depend on rules that are new too. Every backend has a round of its own; where one is still running none begins.
    /// </summary>
    /// <param name="settings">What is in force.</param>
    /// <param name="cancellationToken">Ends the rounds.</param>
    /// <returns>Done when all rounds begun here are.</returns>
    public async Task RoundAsync(AccountRefreshSettings settings, CancellationToken cancellationToken)
    {
        var known = Known();
        foreach (var gone in _due.Keys.Where(key => !known.ContainsKey(key)))
        {
            _due.TryRemove(gone, out _);
            _atOnce.TryRemove(gone, out _);
        }

        var isNew = _chain is not null && !ReferenceEquals(_chain, settings.Chain);
        _chain = settings.Chain;
        if (isNew)
        {
            foreach (var key in known.Keys)
            {
                _atOnce[key] = settings.Chain;
            }
        }

        var rounds = Due(known, settings.Interval)
            .GroupBy(asked => asked.User.Backend, StringComparer.Ordinal)
            .Where(round => _running.TryAdd(round.Key, true))
            .Select(round => BackendRoundAsync(settings.Chain, round.Key, [.. round], cancellationToken))
            .ToList();
        rounds.Add(EndUnconfirmedAsync(settings, cancellationToken));
        rounds.Add(EndActingAsync(settings, cancellationToken));
        await Task.WhenAll(rounds);
    }

    /// <summary>Asks about one user and draws the consequences. False when the backend could not be asked.</summary>
    public async ValueTask<bool> RefreshAsync(BackendChain chain, UserIdentity known, CancellationToken cancellationToken)
    {
        try
        {
            if (chain.Find(known.Backend) is not { } link)
            {
                await EndAsync(known, "the backend is no longer configured", cancellationToken);
            }
            else if (link.Backend is IAccountRefresher refresher)
            {
                return await TakeAsync(known, await AskAsync(refresher, known, cancellationToken), cancellationToken);
            }
        }
        catch (Exception e) when (e is not (OperationCanceledException or StoreUnavailableException))
        {
            // A fault of ours in one backend must not end the asking about everybody else.
            Log.Failed(_logger, known.Backend, known.Login, e);
        }
        catch (StoreUnavailableException e)
        {
            // Sessions that had to end have ended in this process; the rest is told anew with the next round.
            Log.NotKept(_logger, known.Login, e);
        }

        return true;
    }

    private List<(UserIdentity User, long Next)> Due(Dictionary<string, (UserIdentity User, bool IsOfUnknownAge)> known, TimeSpan interval)
    {
        var now = _time.GetTimestamp();
        var period = (long)(interval.TotalSeconds * AskedWithin * _time.TimestampFrequency);
        var asked = new List<(UserIdentity, long)>();
        foreach (var (key, (user, isOfUnknownAge)) in known)
        {
            var due = _due.GetOrAdd(key, _ => isOfUnknownAge ? now : now + (long)(period * Fraction(key)));

            // Later than a period from now only after the interval was made shorter.
            if (due <= now || due > now + period)
            {
                // Keeps its place within the interval, unless rounds have fallen behind.
                asked.Add((user, due <= now && due + period > now ? due + period : now + period));
            }
            else if (_atOnce.ContainsKey(key))
            {
                asked.Add((user, due));
            }
        }

        return asked;
    }

    /// <summary>One backend's round. Whom it does not come to stays due.</summary>
    private async Task BackendRoundAsync(BackendChain chain, string backend, IReadOnlyList<(UserIdentity User, long Next)> asked, CancellationToken cancellationToken)
    {
        var outages = 0;
        try
        {
            await System.Threading.Tasks.Parallel.ForEachAsync(
                asked,
                new ParallelOptions { MaxDegreeOfParallelism = Parallel, CancellationToken = cancellationToken },
                async (next, token) =>
                {
                    // A backend that is away is not asked about everybody; one that was replaced is not asked any more.
                    if (Volatile.Read(ref outages) >= MostOutages || !ReferenceEquals(_chain, chain))
                    {
                        return;
                    }

                    _due[next.User.Key] = next.Next;
                    _atOnce.TryRemove(KeyValuePair.Create(next.User.Key, chain));
                    if (!await RefreshAsync(chain, next.User, token))
                    {
                        Interlocked.Increment(ref outages);
                    }
                });
        }
        finally
        {
            _running.TryRemove(backend, out _);
        }
    }

    /// <summary>
    /// Ends sessions whose backend cannot be asked, or cannot tell, and whose user was last proven too long ago: nobody would ever hear that the account is gone.
    /// </summary>
    private async Task EndUnconfirmedAsync(AccountRefreshSettings settings, CancellationToken cancellationToken)
    {
        var now = _time.GetUtcNow();
        foreach (var session in _sessions.All())
        {
            // The next round would come too late for what ends before it.
            if (now - (session.User.AsOf ?? session.Record.CreatedAt) + AccountRefreshWorker.Longest <= settings.UnconfirmedLifetime
                || (!session.User.IsStateUnknown && settings.Chain.Find(session.User.Backend) is not { Backend: not IAccountRefresher }))
            {
                continue;
            }

            try
            {
                // False when it has ended otherwise meanwhile.
                if (await EndOneAsync(session, cancellationToken))
                {
                    await RecordEndAsync(session.User, $"{(session.User.IsStateUnknown ? "nobody may read whether the account is still usable" : "the backend cannot be asked about its users")}; proven longer ago than Login:UnconfirmedLifetime; 1 session ended", cancellationToken);
                }
            }
            catch (StoreUnavailableException e)
            {
                Log.NotKept(_logger, session.User.Login, e);
            }
        }
    }

    /// <summary>Ends sessions that act for somebody without a right to it any more: the actor lost his role, the target gained one, the configuration changed.</summary>
    private async Task EndActingAsync(AccountRefreshSettings settings, CancellationToken cancellationToken)
    {
        foreach (var session in _sessions.All())
        {
            if (session.ActsFor is not { } target || settings.ActFor.Stands(session.User, target))
            {
                continue;
            }

            try
            {
                Log.ActingWithdrawn(_logger, session.Id, session.User.Login, target.Login);
                if (await _sessions.EndAsync(session.Id, cancellationToken))
                {
                    await _audit.RecordAsync(
                        new AuditRecord
                        {
                            At = _time.GetUtcNow(),
                            Event = AuditEvents.Session,
                            Reason = "act-for-ended",
                            Verdict = "done",
                            TypedName = target.Login,
                            Identity = target.Key,
                            Contact = AuditContact.Of(target),
                            ActedBy = new AuditActor(session.User.Key, session.User.Login),
                            Detail = $"the right is gone; session {session.Id} ended",
                        },
                        cancellationToken);
                }
            }
            catch (StoreUnavailableException e)
            {
                Log.NotKept(_logger, session.User.Login, e);
            }
        }
    }

    private async ValueTask<bool> EndOneAsync(Session session, CancellationToken cancellationToken)
    {
        try
        {
            return await _sessions.EndAsync(session.Id, cancellationToken);
        }
        finally
        {
            Log.Unconfirmed(_logger, session.Id, session.User.Login, session.User.Backend);
        }
    }

    private async ValueTask<AccountRefresh> AskAsync(IAccountRefresher refresher, UserIdentity known, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(LongestWait, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            return await refresher.RefreshAsync(known, either.Token);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            return new AccountRefresh.Unavailable("no answer in time");
        }
    }

    private async ValueTask<bool> TakeAsync(UserIdentity known, AccountRefresh answer, CancellationToken cancellationToken)
    {
        if (answer is AccountRefresh.Unavailable unavailable)
        {
            Note(known.Backend, unavailable.Why);
            return false;
        }

        Note(known.Backend, null);
        switch (answer)
        {
            case AccountRefresh.Ended ended:
                await EndAsync(known, ended.State, cancellationToken);
                break;
            case AccountRefresh.Gone:
                await EndAsync(known, "deleted, or no longer among those the backend serves", cancellationToken);
                break;
            case AccountRefresh.Current { IsStateUnknown: true, Identity: var fresh } when fresh.Key == known.Key:
                await RenewAsync(fresh.Unconfirmed(known.AsOf), cancellationToken);
                break;
            case AccountRefresh.Current { Identity: var fresh } when fresh.Key == known.Key:
                await RenewAsync(fresh.AsOf is null ? fresh.At(_time.GetUtcNow()) : fresh, cancellationToken);
                break;
            default:
                throw new InvalidOperationException($"Asked about {known.Key}, it answered something else.");
        }

        return true;
    }

    private async ValueTask RenewAsync(UserIdentity fresh, CancellationToken cancellationToken)
    {
        // A cached credential was proven for a name; whether it still means this user is for the backend to say.
        _login.ForgetOthersOf(fresh);
        if (await _sessions.RenewAsync(fresh, cancellationToken))
        {
            Log.Renewed(_logger, fresh.Login, fresh.Backend);
        }
    }

    private async ValueTask EndAsync(UserIdentity known, string why, CancellationToken cancellationToken)
    {
        // First what must not go on, then what is to be written down.
        var sessions = _sessions.CountOf(known.Key);
        _login.Forget(known.Key);
        try
        {
            await _sessions.EndAllOfAsync(known.Key, null, cancellationToken);
        }
        finally
        {
            Log.Ended(_logger, known.Login, known.Backend, why, sessions);
        }

        await RecordEndAsync(known, $"{why}; {sessions} {(sessions == 1 ? "session" : "sessions")} ended, cached credentials forgotten", cancellationToken);
    }

    private ValueTask RecordEndAsync(UserIdentity user, string detail, CancellationToken cancellationToken) => _audit.RecordAsync(
        new AuditRecord
        {
            At = _time.GetUtcNow(),
            Event = AuditEvents.Session,
            Reason = "account-ended",
            Verdict = "done",
            TypedName = user.Login,
            Identity = user.Key,
            Contact = AuditContact.Of(user),
            Detail = detail,
        },
        cancellationToken);

    /// <summary>An outage is told when it begins and when it is over, not for every user.</summary>
    private void Note(string backend, string? outage)
    {
        lock (_gate)
        {
            if (outage is not null && _away.Add(backend))
            {
                Log.Away(_logger, backend, outage);
            }
            else if (outage is null && _away.Remove(backend))
            {
                Log.Back(_logger, backend);
            }
        }
    }

    /// <summary>Everybody to ask about. Of unknown age is a session an older release has written: it knows no roles.</summary>
    private Dictionary<string, (UserIdentity User, bool IsOfUnknownAge)> Known()
    {
        var known = new Dictionary<string, (UserIdentity, bool)>(StringComparer.Ordinal);
        foreach (var user in _login.CachedUsers())
        {
            Add(user, isOfUnknownAge: false);
        }

        foreach (var user in _sessions.Users())
        {
            Add(user, isOfUnknownAge: user.AsOf is null);
        }

        return known;

        // Of several the one last proven: where nobody may read an account's state, that is what its sessions live by.
        void Add(UserIdentity user, bool isOfUnknownAge)
        {
            var isNewer = !known.TryGetValue(user.Key, out var other) || (user.AsOf ?? default) >= (other.Item1.AsOf ?? default);
            known[user.Key] = (isNewer ? user : other.Item1, isOfUnknownAge || other.Item2);
        }
    }

    /// <summary>0 to 1, the same for the same user in every process.</summary>
    private static double Fraction(string key)
    {
        var hash = 2166136261u;
        foreach (var c in key)
        {
            hash = (hash ^ c) * 16777619u;
        }

        return hash / (double)uint.MaxValue;
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.AccountEnded, LogLevel.Information, "{User} of {Backend} may no longer log in ({Why}); {Sessions} sessions ended.")]
        public static partial void Ended(ILogger logger, string user, string backend, string why, int sessions);

        [LoggerMessage(EventIds.AccountUnconfirmed, LogLevel.Information, "Session {Session} of {User} ended: {Backend} cannot tell whether the account still stands, and the last proof is too old.")]
        public static partial void Unconfirmed(ILogger logger, string session, string user, string backend);

        [LoggerMessage(EventIds.ActingWithdrawn, LogLevel.Warning, "Session {Session} of {Actor} ended: it acted for {Target}, and the right to that is gone.")]
        public static partial void ActingWithdrawn(ILogger logger, string session, string actor, string target);

        [LoggerMessage(EventIds.AccountRenewed, LogLevel.Debug, "What {Backend} says about {User} has changed and is in force.")]
        public static partial void Renewed(ILogger logger, string user, string backend);

        [LoggerMessage(EventIds.AccountsAway, LogLevel.Warning, "{Backend} cannot be asked about those who are signed in ({Why}); nothing ends meanwhile.")]
        public static partial void Away(ILogger logger, string backend, string why);

        [LoggerMessage(EventIds.AccountsBack, LogLevel.Information, "{Backend} can be asked about those who are signed in again.")]
        public static partial void Back(ILogger logger, string backend);

        [LoggerMessage(EventIds.AccountNotKept, LogLevel.Error, "What a backend says about {User} could not be written down.")]
        public static partial void NotKept(ILogger logger, string user, Exception exception);

        [LoggerMessage(EventIds.AccountRefreshFailed, LogLevel.Error, "{Backend} failed when it was asked about {User}.")]
        public static partial void Failed(ILogger logger, string backend, string user, Exception exception);
    }
}
