using AuthGateway.Core.Backends;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Login.SignOn;
using AuthGateway.Core.Policies;
using AuthGateway.Core.Telemetry;
using Microsoft.Extensions.Logging;

namespace AuthGateway.Core.Login.ActFor;

/// <summary>
/// From the name of another user to that user, for somebody who has proven himself and holds the right. No secret of the target is looked at, so nothing
/// is charged to him; what his directory says of his account does count. Whoever may not is told the same, and as late, whether the target exists or not.
/// </summary>
public sealed partial class ActForFlow(LoginFlow login, TimeProvider time, ILogger<ActForFlow> logger)
{
    /// <summary>The target as <see cref="LoginResult.Proven"/>, or why not. Kept for as long as a verified password would be, under both names; the right is judged anew each time.</summary>
    public ValueTask<LoginResult> ResolveAsync(ActForRequest request, CancellationToken cancellationToken)
    {
        var begun = time.GetTimestamp();

        // Before anybody is looked for: who holds no right here learns nothing about anybody.
        if (!request.Rights.MayAct(request.Actor, request.Scope, request.Address))
        {
            return HoldAsync(Refuse(request, null, ActForWords.Of(ActForAnswer.NoRight)), request.Options, begun, cancellationToken);
        }

        var key = new ResolvedKey(request.Generation, FactorSet.None, request.Scope, null, request.Target.Folded, null) { Actor = request.Actor.Key };
        return !request.IsFresh && login.Resolved.Find(key) is { } known && Judge(request, known.Identity) == ActForAnswer.Allowed
            ? new(known)
            : AskAsync(request, key, begun, cancellationToken);
    }

    private static ActForAnswer Judge(in ActForRequest request, UserIdentity target) => request.Rights.Judge(request.Actor, target, request.Scope, request.Address);

    private async ValueTask<LoginResult> AskAsync(ActForRequest request, ResolvedKey key, long begun, CancellationToken cancellationToken)
    {
        var epoch = login.Resolved.Epoch;
        using var deadline = new CancellationTokenSource(request.Options.ChainTimeout, time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        var resolution = await request.Chain.ResolveAsync(request.Target, request.Scope, backend: null, end.Token);
        cancellationToken.ThrowIfCancellationRequested();
        switch (resolution)
        {
            case Resolution.Found found when Judge(request, found.Identity) is var answer && answer != ActForAnswer.Allowed:
                return await HoldAsync(Refuse(request, found.Identity, ActForWords.Of(answer)), request.Options, begun, cancellationToken);
            case Resolution.Found found:
                var slot = new CredentialSlot();
                if (!request.IsFresh)
                {
                    login.Resolved.Add(key, found.Identity, slot, request.Options.CacheLifetime, epoch);
                }

                Log.Resolved(logger, request.Actor.Login, found.Identity.Login, found.Backend, request.Scope, found.Told);
                return new LoginResult.Proven(found.Identity, Attempt.None, FromCache: false, slot);
            case Resolution.AccountState state:
                if (!AccountStates.IsOfTheMoment(state.State))
                {
                    login.Forget(state.Identity.Key);
                }

                return await HoldAsync(Refuse(request, state.Identity, $"the target's account is {state.State}: {state.Told}"), request.Options, begun, cancellationToken);
            case Resolution.UnknownUser:
                return await HoldAsync(Refuse(request, null, $"no backend knows the target: {resolution.Told}"), request.Options, begun, cancellationToken);
            case Resolution.Unavailable unavailable:
                Log.Unavailable(logger, request.Actor.Login, request.Scope, unavailable.Why);
                return new LoginResult.Unavailable(VerdictReason.BackendUnavailable, unavailable.Why);
            default:
                throw new InvalidOperationException("The chain gave no answer.");
        }
    }

    private LoginResult.Refused Refuse(in ActForRequest request, UserIdentity? target, string detail)
    {
        // An unknown name may be a password typed into the wrong half: the log does not get it.
        Log.Refused(logger, request.Actor.Login, target?.Login ?? "(unknown)", request.Scope, detail);
        return new LoginResult.Refused(VerdictReason.ActForDenied, target, detail);
    }

    /// <summary>As after a wrong password: how long the directory took must not tell whether it knows the target.</summary>
    private ValueTask<LoginResult> HoldAsync(LoginResult refused, LoginOptions options, long begun, CancellationToken cancellationToken) =>
        FailureFloor.HoldAsync(refused, options, begun, time, cancellationToken);

    private static partial class Log
    {
        [LoggerMessage(EventIds.ActForResolved, LogLevel.Information, "{Actor} acts for {Target} of {Backend} on {Scope} ({Trace}).")]
        public static partial void Resolved(ILogger logger, string actor, string target, string backend, string scope, string trace);

        [LoggerMessage(EventIds.ActForRefused, LogLevel.Warning, "{Actor} was refused to act for {Target} on {Scope}: {Detail}.")]
        public static partial void Refused(ILogger logger, string actor, string target, string scope, string detail);

        [LoggerMessage(EventIds.ActForUnavailable, LogLevel.Warning, "Whether {Actor} may act for another on {Scope} could not be judged: {Why}.")]
        public static partial void Unavailable(ILogger logger, string actor, string scope, string why);
    }
}
