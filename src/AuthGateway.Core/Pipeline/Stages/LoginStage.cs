using AuthGateway.Core.Edge;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Lockout;
using AuthGateway.Core.Login;
using AuthGateway.Core.Policies;

namespace AuthGateway.Core.Pipeline.Stages;

/// <summary>Who: credentials now, believed from the cache or proven by the chain.</summary>
internal sealed class LoginStage(LoginFlow login, LockoutGuard guard) : IAccessStage
{
    public string Name => "login";

    public ValueTask<Verdict> JudgeAsync(AccessRequest request, CancellationToken cancellationToken)
    {
        if (request.Policy.Anonymous)
        {
            return new(Verdict.Continue);
        }

        if (request.IsRehearsal)
        {
            return new(Rehearse(request));
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
        { Identity: { } identity, Proof.FromCache: true } => $"backend {identity.Backend} accepted {identity.Login} (cached)",
        { Identity: { } identity } => $"backend {identity.Backend} accepted {identity.Login}",
        _ => request.Detail ?? "no credentials",
    };

    private static async ValueTask<Verdict> Await(AccessRequest request, ValueTask<LoginResult> proof) => Take(request, await proof);

    private static Verdict Take(AccessRequest request, LoginResult result)
    {
        switch (result)
        {
            case LoginResult.Proven proven:
                request.Proof = proven;
                request.Identity = proven.Identity;
                request.Proven |= Factors.Password;
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

        if (guard.IsLocked(LockoutKey.ForUser(user)))
        {
            return Verdict.Deny(VerdictReason.AccountLocked);
        }

        request.Identity = user;
        request.Proven |= Factors.Password;
        return Verdict.Continue;
    }
}
