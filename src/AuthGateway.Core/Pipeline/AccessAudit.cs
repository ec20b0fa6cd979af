using System.Net;
using AuthGateway.Core.Audit;
using AuthGateway.Core.Faults;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Policies;

namespace AuthGateway.Core.Pipeline;

/// <summary>Writes what the corridor decided into the audit: the first of a kind as a record, its repeats as a count.</summary>
internal sealed class AccessAudit(AuditLog log)
{
    /// <summary>True when nothing has to be written: nobody needs to be known, or the same cached sign-in was recorded before and is counted.</summary>
    public bool TryCount(AccessRequest request) =>
        request.Policy.Anonymous ||
        // From another address, or to another service of a session, it is another event, although the login is believed without asking again.
        (request.Session is { } session ? session.Tally : request.Proof is { FromCache: true } proof ? proof.Slot.Tag : null) is SignIn signIn
        && signIn.Address.Equals(request.ClientAddress) && string.Equals(signIn.Service, request.Service?.Name, StringComparison.Ordinal) && signIn.Tally.TryCount();

    /// <summary>Records an Allow; false when it could not be written, and then the request must be refused.</summary>
    public async ValueTask<bool> RecordAllowAsync(AccessRequest request, CancellationToken cancellationToken)
    {
        if (TryCount(request))
        {
            return true;
        }

        try
        {
            var tally = await log.RecordFoldedAsync(Describe(request, AuditEvents.SignIn), cancellationToken);
            if (request.Session is { } session)
            {
                session.Tally = new SignIn(request.ClientAddress, request.Service?.Name, tally);
            }
            else if (request.Proof is { Slot: { } slot })
            {
                slot.Tag = new SignIn(request.ClientAddress, request.Service?.Name, tally);
            }

            return true;
        }
        catch (StoreUnavailableException)
        {
            return false;
        }
    }

    /// <summary>Records a refusal. An invitation to send credentials changes nothing and is not recorded.</summary>
    public async ValueTask RecordRefusalAsync(AccessRequest request, CancellationToken cancellationToken)
    {
        if (request.Verdict.Kind is VerdictKind.Challenge or VerdictKind.Redirect)
        {
            return;
        }

        await log.RecordFoldedAsync(Describe(request, AuditEvents.Refusal), cancellationToken);
    }

    /// <summary>Records a request that was refused before it could be read.</summary>
    public async ValueTask RecordEdgeRefusalAsync(
        string requestId, IPAddress? peer, VerdictReason reason, string? detail, DateTimeOffset now, CancellationToken cancellationToken) =>
        await log.RecordFoldedAsync(
            new AuditRecord
            {
                At = now,
                Event = AuditEvents.Refusal,
                Reason = reason.Code,
                Verdict = "deny",
                RequestId = requestId,
                Address = peer is null ? null : Networks.AddressText.Fold(peer).ToString(),
                Detail = detail,
            },
            cancellationToken);

    private static AuditRecord Describe(AccessRequest request, string kind)
    {
        var (user, typed, actor) = Who(request);
        return DescribeRequest(request, kind) with { TypedName = typed, Identity = user?.Key, Contact = AuditContact.Of(user), ActedBy = actor };
    }

    /// <summary>
    /// Whose record it is, under which name, and who acted for him. Until the corridor knows for whom somebody acts, the user is nobody: his own failures
    /// stand under the actor.
    /// </summary>
    private static (UserIdentity? User, string? Typed, AuditActor? Actor) Who(AccessRequest request)
    {
        if (request.ActsFor is { } both)
        {
            var user = request.Actor is null ? null : request.Identity;
            var actor = request.Actor ?? (user is null ? request.Identity : null);
            return (
                user,
                user is null ? TypedNames.OfNobody(both.Target.Text) : both.Target.Text,
                actor is null ? new AuditActor(null, TypedNames.OfNobody(both.Actor.Text)!) : new AuditActor(actor.Key, actor.Login));
        }

        if (request.Session is { ActsFor: { } target } acting)
        {
            return (target, target.Login, new AuditActor(acting.User.Key, acting.User.Login));
        }

        var typed = request.Session is { } session ? session.User.Login
            : request.ToldName is { } told ? told
            : request.Identity is null ? TypedNames.OfNobody(request.Credentials?.UserName) : request.Credentials?.UserName;
        return (request.Identity, typed, null);
    }

    private static AuditRecord DescribeRequest(AccessRequest request, string kind) => new()
    {
        At = request.ReceivedAt,
        Event = kind,
        Reason = request.Verdict.Reason?.Code ?? VerdictReason.Unjudged.Code,
        Verdict = Word(request.Verdict.Kind),
        RequestId = request.RequestId,
        Address = request.ClientAddress.ToString(),
        Host = request.Host,
        Service = request.Service?.Name,
        Policy = request.Rule is { } rule ? $"rule {rule.Number} → {rule.Policy.Name}" : null,
        Method = request.Method,
        Path = request.Target.Path,
        Command = request.ActiveSync is { Command: not Services.ActiveSync.ActiveSyncCommand.None } query ? query.Command.ToString() : null,
        DeviceId = request.ActiveSync?.DeviceId,
        Certificate = request.Device?.Thumbprint,
        CertificateOwner = request.Device?.Owner,
        Factors = request.Proven == FactorSet.None ? null : FactorWords.Of(request.Proven),
        UserAgent = request.UserAgent,
        Detail = request.Detail,
    };

    private static string Word(VerdictKind kind) => kind switch
    {
        VerdictKind.Allow => "allow",
        VerdictKind.Unavailable => "unavailable",
        VerdictKind.Challenge => "challenge",
        _ => "deny",
    };

    /// <summary>The last recorded use of a cached login: where from and for what, and what its repeats are counted on.</summary>
    private sealed record SignIn(IPAddress Address, string? Service, AuditTally Tally);
}
