using AuthGateway.Core.Edge;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Login;
using AuthGateway.Core.Login.SignOn;
using AuthGateway.Core.Login.Tickets;
using AuthGateway.Core.Pipeline.Stages;
using AuthGateway.Core.Policies;
using AuthGateway.Core.Sessions;

namespace AuthGateway.Core.Pipeline;

/// <summary>
/// Who it is without a password, where the policy takes something else instead: a name from a trusted forwarder, a device certificate, a Kerberos ticket.
/// Whatever else the request says about the user must mean the same person.
/// </summary>
internal sealed class SignOn(SignOnFlow flow, TicketGate tickets)
{
    /// <summary>A forwarder named somebody, and the policy takes its word.</summary>
    public static bool IsForwarded(AccessRequest request) => request.ForwardedName is not null && request.Policy.TakesInsteadOfPassword(FactorSet.Header);

    /// <summary>The certificate alone says who it is: the policy is content with it, and its authority speaks for the owner's domain.</summary>
    public static bool IsByCertificate(AccessRequest request) =>
        request.Session is null && request.Device?.Device is { SaysWho: true } && request.Policy.TakesInsteadOfPassword(FactorSet.Device) && request.Policy.IsMetBy(FactorSet.Device);

    public ValueTask<Verdict> JudgeForwardedAsync(AccessRequest request, CancellationToken cancellationToken)
    {
        var said = request.ForwardedName!;
        if (said.Name is not { } name)
        {
            request.Detail = said.Fault;
            return new(Verdict.Deny(VerdictReason.HeaderNotTrusted));
        }

        if (request.Session is { IsPending: true })
        {
            return new(LoginStage.Owes(request));
        }

        request.ToldName = name.Text;
        return ResolveAsync(request, name, FactorSet.Header, null, null, cancellationToken);
    }

    public ValueTask<Verdict> JudgeCertificateAsync(AccessRequest request, CancellationToken cancellationToken)
    {
        var device = request.Device!.Device!;
        request.ToldName = device.Owner;
        if (!UserName.TryParse(device.Owner, out var name))
        {
            request.Detail = "the owner the certificate names is no login name";
            return new(Verdict.Deny(VerdictReason.DeviceNoOwner));
        }

        // The certificate itself is proven in the factor stage, when its owner is known to be the user.
        return ResolveAsync(request, name, FactorSet.Device, null, device.Thumbprint, cancellationToken);
    }

    public ValueTask<Verdict> JudgeTicketAsync(AccessRequest request, CancellationToken cancellationToken)
    {
        switch (tickets.Judge(request.Authorization, request.Table.Tickets))
        {
            case TicketOutcome.Accepted ticket:
                request.ToldName = ticket.Principal;
                request.TicketAnswer = ticket.Answer;
                return ResolveAsync(request, ticket.Name, FactorSet.Kerberos, ticket.Backend, null, cancellationToken);
            case TicketOutcome.Refused refused:
                request.Detail = refused.Detail;
                return new(Verdict.Deny(refused.Reason));
            default:
                return new(Verdict.Challenge(VerdictReason.CredentialsScheme));
        }
    }

    private ValueTask<Verdict> ResolveAsync(AccessRequest request, UserName name, FactorSet way, string? backend, string? witness, CancellationToken cancellationToken)
    {
        if (IsFromElsewhere(request))
        {
            request.Detail = $"a page of another site sent a request that {FactorWords.Of(way)} would have signed in";
            return new(Verdict.Deny(VerdictReason.ForeignForm));
        }

        var result = flow.ResolveAsync(
            new SignOnRequest(request.Table.Chain, request.Table.Generation, request.Table.Login, name, request.Service!.Name, way) { Backend = backend, Witness = witness },
            cancellationToken);
        return result.IsCompletedSuccessfully ? new(Take(request, result.Result, way)) : Await(request, result, way);
    }

    private static async ValueTask<Verdict> Await(AccessRequest request, ValueTask<LoginResult> result, FactorSet way) => Take(request, await result, way);

    private static Verdict Take(AccessRequest request, LoginResult result, FactorSet way)
    {
        switch (result)
        {
            case LoginResult.Proven proven:
                if (FindAnother(request, proven.Identity, way) is { } other)
                {
                    request.Identity = proven.Identity;
                    request.Detail = $"{FactorWords.Of(way)} of {proven.Identity.Login}, {other}";
                    return Verdict.Deny(VerdictReason.IdentityMismatch);
                }

                request.Proof = proven;
                request.Identity = proven.Identity;
                request.Proven |= way == FactorSet.Device ? FactorSet.None : way;
                if (request.Session is { } session)
                {
                    request.Proven |= LoginStage.KeptBy(request, session);
                }

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

    /// <summary>
    /// Somebody else whom session or Basic header name; null when they name nobody or the same. The password of the Basic header is not looked at: phones
    /// send one whether it is asked for or not, an outdated one would lock its owner, and it opens nothing here.
    /// </summary>
    private static string? FindAnother(AccessRequest request, UserIdentity identity, FactorSet way)
    {
        if (request.Session is { } session && !string.Equals(session.User.Key, identity.Key, StringComparison.Ordinal))
        {
            return $"session of {session.User.Login}";
        }

        if (way == FactorSet.Kerberos || request.Session is not null)
        {
            return null; // the Authorization header was the ticket, or is not read beside a session
        }

        switch (BasicCredentials.Parse(request.Authorization, out var credentials))
        {
            case BasicOutcome.None:
                return null;
            case BasicOutcome.Ok or BasicOutcome.EmptyPassword:
                var typed = credentials!.UserName;
                return identity.Aliases.Contains(typed) || identity.Aliases.Contains(typed[(typed.LastIndexOf('\\') + 1)..]) ? null : $"Basic of {typed}";
            default:
                return "an Authorization header that cannot be read as Basic";
        }
    }

    /// <summary>
    /// Certificates, tickets and forwarders vouch for whatever the browser sends, also at the wish of another site. As with a SameSite=Lax cookie, such a
    /// request may open a page and nothing else.
    /// </summary>
    private static bool IsFromElsewhere(AccessRequest request)
    {
        if (request.Session is not null)
        {
            return false; // its cookie is SameSite=Lax itself
        }

        return request.FetchSite switch
        {
            [] => request.Origin.Count > 0 && !request.IsOwnOrigin,
            ["same-origin"] or ["none"] => false,
            _ => !(request.IsNavigation && request.Method is "GET" or "HEAD"),
        };
    }
}
