using AuthGateway.Core.Edge;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Lockout;
using AuthGateway.Core.Login;
using AuthGateway.Core.Policies;
using AuthGateway.Core.Services;
using AuthGateway.Core.Sessions;

namespace AuthGateway.Core.Pipeline.Stages;

/// <summary>Who: a live session, or credentials now, believed from the cache or proven by the chain.</summary>
internal sealed class LoginStage(LoginFlow login, LockoutGuard guard, LiveSessions sessions) : IAccessStage
{
    public string Name => "login";

    public ValueTask<Verdict> JudgeAsync(AccessRequest request, CancellationToken cancellationToken)
    {
        if (request.IsRehearsal)
        {
            return new(request.Policy.Anonymous ? Verdict.Continue : Rehearse(request));
        }

        var logins = request.Service!.Logins;
        if (request.Token is { } token && ((logins & LoginWays.Form) != 0 || request.Service.Kind == ServiceKind.Portal))
        {
            request.Session = sessions.Find(token, request.Host, request.Table.Sessions);
        }

        if (request.Policy.Anonymous)
        {
            return new(Verdict.Continue);
        }

        if (request.Session is { } session)
        {
            return new(Take(request, session));
        }

        if ((logins & LoginWays.Basic) == 0)
        {
            return new(Verdict.Challenge(VerdictReason.CredentialsMissing));
        }

        switch (BasicCredentials.Parse(request.Authorization, out var credentials))
        {
            case BasicOutcome.None:
                return new(Verdict.Challenge(VerdictReason.CredentialsMissing));
            case BasicOutcome.OtherScheme:
                return new(Verdict.Challenge(VerdictReason.CredentialsScheme));
            case BasicOutcome.Malformed:
                return new(Verdict.Deny(VerdictReason.CredentialsMalformed));
            default:
                break;
        }

        request.Credentials = credentials;
        if (!UserName.TryParse(credentials!.UserName, out var name))
        {
            return Await(request, login.RefuseUnreadableNameAsync(request.Table.Login, cancellationToken));
        }

        var proof = login.ProveAsync(
            new LoginRequest(
                request.Table.Chain,
                request.Table.Generation,
                request.Table.Lockout,
                request.Table.Login,
                name,
                credentials.Password,
                request.ClientAddress,
                request.Service!.Name,
                request.Device?.Device?.Thumbprint),
            cancellationToken);
        return proof.IsCompletedSuccessfully ? new(Take(request, proof.Result)) : Await(request, proof);
    }

    public string Describe(AccessRequest request) => request switch
    {
        { Policy.Anonymous: true } => "nobody needs to be known",
        { Identity: { } identity, IsRehearsal: true } => $"told: {identity.Login} (no directory was asked)",
        { Session: { } session } => $"session {session.Id} of {session.User.Login}{(session.IsPending ? ", a second factor is owed" : "")}",
        { Identity: { } identity, Proof.FromCache: true } => $"backend {identity.Backend} accepted {identity.Login} (cached)",
        { Identity: { } identity } => $"backend {identity.Backend} accepted {identity.Login}",
        _ => request.Detail ?? "no credentials",
    };

    private static Verdict Take(AccessRequest request, Session session)
    {
        if (session.IsPending)
        {
            // Good for the page that asks for the second factor and for nothing else, whatever this place asks for.
            request.Detail = "the session still owes a second factor";
            return Verdict.Challenge(VerdictReason.FactorsMissing);
        }

        request.Identity = session.User;
        request.Proven |= session.Proven;
        return Verdict.Continue;
    }

    private static async ValueTask<Verdict> Await(AccessRequest request, ValueTask<LoginResult> proof) => Take(request, await proof);

    private static Verdict Take(AccessRequest request, LoginResult result)
    {
        switch (result)
        {
            case LoginResult.Proven proven:
                request.Proof = proven;
                request.Identity = proven.Identity;
                request.Proven |= FactorSet.Password;
                return Verdict.Continue;
            case LoginResult.Refused refused:
                request.Identity = refused.Known;
                request.Detail = refused.Detail;
                return Verdict.Deny(refused.Reason);
            case LoginResult.Unavailable unavailable:
                request.Detail = unavailable.Detail;
                return Verdict.Unavailable(unavailable.Reason);
            default:
                return default;
        }
    }

    private Verdict Rehearse(AccessRequest request)
    {
        if (request.RehearsedUser is not { } user)
        {
            return Verdict.Challenge(VerdictReason.CredentialsMissing);
        }

        if (!request.IgnoresAccountLock && guard.IsLocked(LockoutKey.ForUser(user)))
        {
            return Verdict.Deny(VerdictReason.AccountLocked);
        }

        request.Identity = user;
        request.Proven |= FactorSet.Password | request.RehearsedFactors;
        return Verdict.Continue;
    }
}
