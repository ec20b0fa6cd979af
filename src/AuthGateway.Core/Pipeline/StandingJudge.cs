using System.Security.Cryptography.X509Certificates;
using AuthGateway.Core.Backends;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Policies;
using AuthGateway.Core.Sessions.Tokens;

namespace AuthGateway.Core.Pipeline;

/// <summary>
/// Judges a WebSocket that has been open for a while, in the same corridor and by the table now in force: a closed network, a revoked
/// certificate, a withdrawn rule or a changed password ends it.
/// </summary>
internal sealed class StandingJudge(AccessJudge judge, GatewayState state, TimeProvider time)
{
    /// <summary>
    /// False when the request would be refused now. Our own outage closes nothing that is open. Neither does a lock, which strangers may have caused; but it
    /// is said before the credentials are looked at, so everything else is then judged without them.
    /// </summary>
    public async ValueTask<bool> StandsAsync(AccessRequest request)
    {
        var table = state.Current;
        var user = request.Session?.User ?? request.Actor ?? request.Identity;
        if (request.Session is null && user is not null && (request.Proven & FactorSet.Kerberos) != 0)
        {
            user = await StandingOfAsync(user, table, request.ReceivedAt);
            if (user is null)
            {
                return false;
            }
        }

        var verdict = await judge.JudgeAsync(Again(request, table, user), CancellationToken.None);
        if (verdict.Kind == VerdictKind.Allow)
        {
            request.StoodAt = time.GetUtcNow();
        }

        return verdict.Kind is VerdictKind.Allow or VerdictKind.Unavailable || (IsLock(verdict.Reason) && await StandsBehindLockAsync(request, table));
    }

    /// <summary>
    /// What judges a request again for as long as the token made for it lives, long after it is over: without its credentials, which nobody may keep, and with
    /// a copy of its certificate, which goes with the connection.
    /// </summary>
    public TokenStanding StandingOf(AccessRequest request)
    {
        var certificate = request.Certificate is { } shown ? X509CertificateLoader.LoadCertificate(shown.RawDataMemory.Span) : null;
        var kept = Again(request, request.Table, request.Identity, certificate, request.Proven, isKept: true);
        return async (user, proven) =>
        {
            // Stricter than for what is open: a token in doubt costs its holder one more request.
            var verdict = await judge.JudgeAsync(Again(kept, state.Current, user, certificate, proven, isKept: true), CancellationToken.None);
            return verdict.Kind is VerdictKind.Allow;
        };
    }

    private static bool IsLock(VerdictReason? reason) =>
        ReferenceEquals(reason, VerdictReason.AccountLocked) || ReferenceEquals(reason, VerdictReason.AddressLocked) || ReferenceEquals(reason, VerdictReason.DirectoryBudget);

    /// <summary>
    /// The request judged for everybody it is about, as their backends now know them, by all but its secret. Whoever locks his own place, so that nobody looks
    /// at his old password any more, gains the time an outage would give him.
    /// </summary>
    private async ValueTask<bool> StandsBehindLockAsync(AccessRequest request, GatewayTable table)
    {
        if ((request.Actor ?? request.Identity) is not { } known || time.GetUtcNow() - (request.StoodAt ?? request.ReceivedAt) > table.Login.OutageLifetime)
        {
            return false;
        }

        if (request.Proof?.AppPassword?.Password is { } password && (password.Ended.IsCancellationRequested || password.IsExpired(time.GetUtcNow())))
        {
            return false;
        }

        // The password behind the lock was found right each time until then. A ticket proves nothing a second time.
        var provenAt = (request.Proven & FactorSet.Password) != 0 ? request.StoodAt : null;
        var user = await StandingOfAsync(known, table, request.ReceivedAt, provenAt);
        var target = request.Actor is null || request.Identity is null ? null : await StandingOfAsync(request.Identity, table, request.ReceivedAt);
        if (user is null || (target is null && request.Actor is not null))
        {
            return false;
        }

        var verdict = await judge.JudgeAsync(Again(request, table, user, request.Certificate, request.Proven, isKept: true, target), CancellationToken.None);
        return verdict.Kind == VerdictKind.Allow;
    }

    /// <summary>
    /// Who came by a ticket has no session that would end with his account, and his ticket is good once: so his backend is asked, as it is about
    /// sessions. Null when he may no longer log in; as he was while nobody can be asked.
    /// </summary>
    private async ValueTask<UserIdentity?> StandingOfAsync(UserIdentity known, GatewayTable table, DateTimeOffset receivedAt, DateTimeOffset? provenAt = null)
    {
        if (table.Chain.Find(known.Backend) is not { } link)
        {
            return null;
        }

        if (link.Backend is not IAccountRefresher refresher)
        {
            return IsYoung() ? known : null;
        }

        using var patience = new CancellationTokenSource(table.Login.ChainTimeout, time);
        try
        {
            return await refresher.RefreshAsync(known, patience.Token) switch
            {
                AccountRefresh.Current { IsStateUnknown: true } when !IsYoung() => null,
                AccountRefresh.Current { Identity: var fresh } when fresh.Key == known.Key => fresh,
                AccountRefresh.Unavailable => known,
                _ => null,
            };
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            return known;
        }

        bool IsYoung()
        {
            var since = known.AsOf ?? receivedAt;
            return time.GetUtcNow() - (provenAt > since ? provenAt.Value : since) <= table.Login.UnconfirmedLifetime;
        }
    }

    /// <summary>
    /// Basic credentials are proven anew, so that a changed password shows. A session says by itself when it ends; looking it up by its
    /// cookie would keep it alive for as long as the socket is open.
    /// </summary>
    private static AccessRequest Again(AccessRequest request, GatewayTable table, UserIdentity? user) =>
        Again(request, table, user, request.Certificate, request.Session?.Proven ?? request.Proven, isKept: false);

    private static AccessRequest Again(AccessRequest request, GatewayTable table, UserIdentity? user, X509Certificate2? certificate, FactorSet proven, bool isKept, UserIdentity? target = null) => new()
    {
        RequestId = request.RequestId,
        Table = table,
        ReceivedAt = request.ReceivedAt,
        Listener = request.Listener,
        Host = request.Host,
        Authority = request.Authority,
        Port = request.Port,
        Method = request.Method,
        Target = request.Target,
        Peer = request.Peer,
        ForwardedFor = request.ForwardedFor,
        Authorization = isKept ? default : request.Authorization,
        IsWebSocket = request.IsWebSocket,
        Origin = request.Origin,
        UserAgent = request.UserAgent,
        Certificate = certificate,
        ForwardedName = request.ForwardedName,
        FetchSite = request.FetchSite,
        IsNavigation = request.IsNavigation,
        IsBrowser = request.IsBrowser,
        // A ticket is good once, so nobody can be asked to show it again.
        IsRehearsal = isKept || request.Session is not null || (request.Proven & FactorSet.Kerberos) != 0,
        IgnoresLocks = true,
        IsOfToken = isKept,
        RehearsedUser = user,
        RehearsedTarget = target ?? request.Session?.ActsFor,
        RehearsedFactors = proven,
    };
}
