using AuthGateway.Core.Policies;

namespace AuthGateway.Core.Pipeline;

/// <summary>
/// Judges a WebSocket that has been open for a while, in the same corridor and by the table now in force: a closed network, a revoked
/// certificate, a withdrawn rule or a changed password ends it.
/// </summary>
internal sealed class StandingJudge(AccessJudge judge, GatewayState state)
{
    /// <summary>False when the request would be refused now. Our own outage, or a lock that strangers may have caused, closes nothing that is open.</summary>
    public async ValueTask<bool> StandsAsync(AccessRequest request)
    {
        var verdict = await judge.JudgeAsync(Again(request), CancellationToken.None);
        return verdict.Kind is VerdictKind.Allow or VerdictKind.Unavailable
            || ReferenceEquals(verdict.Reason, VerdictReason.AccountLocked)
            || ReferenceEquals(verdict.Reason, VerdictReason.AddressLocked);
    }

    /// <summary>
    /// Basic credentials are proven anew, so that a changed password shows. A session says by itself when it ends; looking it up by its
    /// cookie would keep it alive for as long as the socket is open.
    /// </summary>
    private AccessRequest Again(AccessRequest request) => new()
    {
        RequestId = request.RequestId,
        Table = state.Current,
        ReceivedAt = request.ReceivedAt,
        Listener = request.Listener,
        Host = request.Host,
        Authority = request.Authority,
        Port = request.Port,
        Method = request.Method,
        Target = request.Target,
        Peer = request.Peer,
        ForwardedFor = request.ForwardedFor,
        Authorization = request.Authorization,
        IsWebSocket = request.IsWebSocket,
        Origin = request.Origin,
        UserAgent = request.UserAgent,
        Certificate = request.Certificate,
        ForwardedName = request.ForwardedName,
        FetchSite = request.FetchSite,
        IsNavigation = request.IsNavigation,
        IsBrowser = request.IsBrowser,
        // A ticket is good once, so nobody can be asked to show it again.
        IsRehearsal = request.Session is not null || (request.Proven & FactorSet.Kerberos) != 0,
        IgnoresAccountLock = true,
        RehearsedUser = request.Session?.User ?? request.Identity,
        RehearsedFactors = request.Session?.Proven ?? request.Proven,
    };
}
