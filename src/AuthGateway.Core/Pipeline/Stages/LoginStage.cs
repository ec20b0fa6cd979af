using AuthGateway.Core.Edge;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Lockout;
using AuthGateway.Core.Login;
using AuthGateway.Core.Login.AppPasswords;
using AuthGateway.Core.Login.Tickets;
using AuthGateway.Core.Policies;
using AuthGateway.Core.Services;
using AuthGateway.Core.Sessions;

namespace AuthGateway.Core.Pipeline.Stages;

/// <summary>Who: a live session, or credentials now, believed from the cache or proven by the chain.</summary>
internal sealed class LoginStage(LoginFlow login, AppPasswordFlow appPasswords, LockoutGuard guard, LiveSessions sessions, SignOn signOn) : IAccessStage
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

        if (SignOn.IsForwarded(request))
        {
            return signOn.JudgeForwardedAsync(request, cancellationToken);
        }

        if (request.Session is { } session)
        {
            return new(Take(request, session));
        }

        if (SignOn.IsByCertificate(request))
        {
            return signOn.JudgeCertificateAsync(request, cancellationToken);
        }

        if ((logins & LoginWays.Basic) == 0)
        {
            return new(Verdict.Challenge(VerdictReason.CredentialsMissing));
        }

        switch (BasicCredentials.Parse(request.Authorization, out var credentials))
        {
            case BasicOutcome.None when !request.OffersTicket && (request.Policy.Accepted & FactorKinds.Secrets) == 0 && (logins & LoginWays.Form) == 0:
                // Asking for a password that would not do leads people round in circles.
                request.Detail = "nothing the policy takes was brought, and a password is none of it";
                return new(Verdict.Deny(VerdictReason.FactorsMissing));
            case BasicOutcome.None:
                return new(Verdict.Challenge(VerdictReason.CredentialsMissing));
            case BasicOutcome.OtherScheme when request.OffersTicket && TicketGate.IsOffered(request.Authorization):
                return signOn.JudgeTicketAsync(request, cancellationToken);
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
            if (!request.Table.ActFor.IsOn || !ActForName.TryParse(credentials.UserName, out var both))
            {
                return Await(request, login.RefuseUnreadableNameAsync(request.Table.Login, cancellationToken));
            }

            // Who acts for another proves himself like everybody else; for whom is asked when nothing is owed any more.
            request.ActsFor = both;
            name = both.Actor;
        }

        var attempt = new LoginRequest(
            request.Table.Chain,
            request.Table.Generation,
            request.Table.Lockout,
            request.Table.Login,
            name,
            credentials.Password,
            request.ClientAddress,
            request.Service!.Name,
            request.Device?.Device?.Thumbprint)
        {
            DeviceId = request.ActiveSync?.DeviceId,
            ActsFor = request.ActsFor?.Target.Folded,
        };

        // First, so that no backend is ever shown an app password.
        var proof = appPasswords.TryProve(new AppPasswordRequest(attempt, request.Policy.Accepted, request.Service.Kind, request.Table.Networks, request.UserAgent), cancellationToken)
            ?? login.ProveAsync(attempt, cancellationToken);
        return proof.IsCompletedSuccessfully ? new(Take(request, proof.Result)) : Await(request, proof);
    }

    public string Describe(AccessRequest request) => request switch
    {
        { Policy.Anonymous: true } => "nobody needs to be known",
        { Identity: { } identity, IsRehearsal: true } => $"told: {identity.Login} (no directory was asked)",
        { Session: { } session } => $"session {session.Id} of {session.User.Login}{(session.IsPending ? ", a second factor is owed" : "")}",
        { Identity: { } identity, Proof.AppPassword: { } app } => $"{app.Password.Told} of {identity.Login} of {identity.Backend}",
        { Identity: { } identity, Proof.FromCache: true } => $"backend {identity.Backend} accepted {identity.Login} (cached)",
        { Identity: { } identity, ToldName: { } name } => $"backend {identity.Backend} knows {name} as {identity.Login}; no password was asked for",
        { Identity: { } identity } => $"backend {identity.Backend} accepted {identity.Login}",
        _ => request.Detail ?? "no credentials",
    };

    private static Verdict Take(AccessRequest request, Session session)
    {
        if (session.IsPending)
        {
            return Owes(request);
        }

        request.Identity = session.User;
        request.Proven |= KeptBy(request, session);
        return Verdict.Continue;
    }

    /// <summary>A pending session is good for the page that asks for the second factor and for nothing else, whatever this place asks for.</summary>
    internal static Verdict Owes(AccessRequest request)
    {
        request.Detail = "the session still owes a second factor";
        return Verdict.Challenge(VerdictReason.FactorsMissing);
    }

    /// <summary>
    /// What a session still proves here. Certificate and header are judged with the request that brings them; a name alone is taken by the services and
    /// from the networks that take it, wherever the session was opened.
    /// </summary>
    internal static FactorSet KeptBy(AccessRequest request, Session session) => Kept(request, session.User, session.Proven);

    private static FactorSet Kept(AccessRequest request, UserIdentity user, FactorSet proven)
    {
        var kept = proven & ~FactorKinds.OfTheRequest;
        return (proven & FactorSet.Network) != 0 && request.Service!.TakesName(user.Login, request.ClientAddress) ? kept | FactorSet.Network : kept;
    }

    private static async ValueTask<Verdict> Await(AccessRequest request, ValueTask<LoginResult> proof) => Take(request, await proof);

    private static Verdict Take(AccessRequest request, LoginResult result)
    {
        switch (result)
        {
            case LoginResult.Proven proven:
                request.Proof = proven;
                request.Identity = proven.Identity;
                request.Proven |= proven.Proves;
                request.Detail = proven.AppPassword?.Password.Told ?? request.Detail;
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
        var user = request.RehearsedUser;
        if (user is null && SignOn.IsByCertificate(request))
        {
            // Nobody but the directory knows the owner's login; the name the certificate gives stands for it.
            var owner = request.Device!.Device!.Owner;
            user = new UserIdentity(Explanation.ToldBackend, owner, owner, null, null, [], []);
        }

        if (user is null)
        {
            return Verdict.Challenge(VerdictReason.CredentialsMissing);
        }

        if (!request.IgnoresLocks && (request.RehearsedFactors & FactorSet.Password) != 0 
            && guard.IsShutOut(user, new Place(request.ClientAddress, request.Device?.Device?.Thumbprint, request.ActiveSync?.DeviceId), request.Table.Lockout))
        {
            return Verdict.Deny(VerdictReason.AccountLocked);
        }

        if (Explains(user) && RefuseSecret(request, logins: request.Service!.Logins) is { } reason)
        {
            return Verdict.Deny(reason);
        }

        request.Identity = user;
        request.Proven |= Kept(request, user, request.RehearsedFactors) | (Explains(user) || request.ForwardedName is not null ? request.RehearsedFactors & FactorSet.Header : FactorSet.None);
        request.Proven |= Explains(user) || request.IsOfToken ? request.RehearsedFactors & FactorSet.AppPassword : FactorSet.None;
        return Verdict.Continue;
    }

    /// <summary>What <see cref="AppPasswordFlow"/> would say of the kind of secret a question tells of; null where it has nothing against it.</summary>
    private static VerdictReason? RefuseSecret(AccessRequest request, LoginWays logins)
    {
        var accepted = request.Policy.Accepted;
        if ((request.RehearsedFactors & FactorSet.AppPassword) != 0)
        {
            return (accepted & FactorSet.AppPassword) == 0 || (logins & LoginWays.Basic) == 0 ? VerdictReason.AppPasswordScope : null;
        }

        return (request.RehearsedFactors & FactorSet.Password) != 0 && logins == LoginWays.Basic && (accepted & FactorKinds.Secrets) == FactorSet.AppPassword
            ? VerdictReason.AppPasswordNeeded
            : null;
    }

    /// <summary>True when a question tells of the user; what it tells is taken as it is told.</summary>
    private static bool Explains(UserIdentity user) => user.Backend == Explanation.ToldBackend;
}
