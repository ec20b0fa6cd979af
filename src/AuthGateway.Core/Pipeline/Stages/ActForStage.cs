using AuthGateway.Core.Identities;
using AuthGateway.Core.Login;
using AuthGateway.Core.Login.ActFor;
using AuthGateway.Core.Policies;

namespace AuthGateway.Core.Pipeline.Stages;

/// <summary>
/// For whom: who proved himself may act for another where he holds the right. Asked behind the factors, so that a stolen password alone learns nothing
/// about anybody. From here on the request's identity is the one acted for.
/// </summary>
internal sealed class ActForStage(ActForFlow flow) : IAccessStage
{
    public string Name => "act for";

    public ValueTask<Verdict> JudgeAsync(AccessRequest request, CancellationToken cancellationToken)
    {
        if (request.Identity is not { } actor)
        {
            return new(Verdict.Continue); // nobody needs to be known
        }

        if (request.ActsFor is null && (request.RehearsedTarget ?? request.Session?.ActsFor) is null)
        {
            return new(Verdict.Continue);
        }

        if ((request.Proven & FactorSet.AppPassword) != 0)
        {
            // Made for one device and its owner's mailbox; whoever finds the device must not find everybody's.
            return new(Refuse(request, actor, null, "an app password lets nobody act for another"));
        }

        // He must be allowed here himself. The authorization stage asks the same about the one he acts for.
        if (AuthorizationStage.JudgeUser(request, actor) is { } refusal)
        {
            request.Detail ??= $"of {actor.Login}, who acts for another";
            return new(refusal);
        }

        if (request.ActsFor is { } both)
        {
            // An app password lies in some client of his; what it opens is his own mailbox. The right needs the account's password.
            if ((request.Proven & FactorSet.AppPassword) != 0)
            {
                return new(Refuse(request, actor, null, "came with an app password; acting for another takes the account's own"));
            }

            return AskAsync(request, actor, both, cancellationToken);
        }

        if (request.Session is { } session && !string.Equals(session.User.Key, actor.Key, StringComparison.Ordinal))
        {
            request.Detail = $"session of {session.User.Login}, request of {actor.Login}";
            return new(Verdict.Deny(VerdictReason.IdentityMismatch));
        }

        var target = (request.RehearsedTarget ?? request.Session?.ActsFor)!;
        var answer = request.Table.ActFor.Judge(actor, target, request.Service!.Name, request.ClientAddress);
        return new(answer == ActForAnswer.Allowed ? Become(request, actor, target) : Refuse(request, actor, target, ActForWords.Of(answer)));
    }

    public string Describe(AccessRequest request) => request switch
    {
        { Actor: null } => "nobody acts for another",
        { Actor: { } actor, Identity: { } target, Detail: null } => $"{actor.Login} may act for {target.Login}",
        { Actor: { } actor } => $"{actor.Login}: {request.Detail}",
    };

    private static Verdict Become(AccessRequest request, UserIdentity actor, UserIdentity target)
    {
        request.Actor = actor;
        request.Identity = target;
        return Verdict.Continue;
    }

    private static Verdict Refuse(AccessRequest request, UserIdentity actor, UserIdentity? target, string detail)
    {
        request.Actor = actor;
        request.Identity = target;
        request.Detail = detail;
        return Verdict.Deny(VerdictReason.ActForDenied);
    }

    private async ValueTask<Verdict> AskAsync(AccessRequest request, UserIdentity actor, ActForName both, CancellationToken cancellationToken)
    {
        var table = request.Table;
        var result = await flow.ResolveAsync(
            new ActForRequest(table.ActFor, table.Chain, table.Generation, table.Login, actor, both.Target, request.Service!.Name, request.ClientAddress), cancellationToken);
        switch (result)
        {
            case LoginResult.Proven found:
                // What is counted is counted for the two of them: neither his own requests nor the target's are like these.
                request.Proof = found with { FromCache = found.FromCache && request.Proof is { FromCache: true } };
                return Become(request, actor, found.Identity);
            case LoginResult.Refused refused:
                return Refuse(request, actor, refused.Known, refused.Detail);
            case LoginResult.Unavailable unavailable:
                request.Actor = actor;
                request.Identity = null;
                request.Detail = unavailable.Detail;
                return Verdict.Unavailable(unavailable.Reason);
            default:
                return default;
        }
    }
}
