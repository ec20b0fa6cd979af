using AuthGateway.Core.Audit;
using AuthGateway.Core.Faults;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Policies;

namespace AuthGateway.Core.Login;

/// <summary>The audit records of sign-in, second factor and account page.</summary>
internal sealed class SignInAudit(AuditLog log, TimeProvider time)
{
    /// <summary>Name of the gateway's own pages in records.</summary>
    public const string Service = "portal";

    /// <summary>Writes what must be written for the step to count.</summary>
    /// <exception cref="StoreUnavailableException">It could not be written.</exception>
    public ValueTask RecordAsync(
        SignInContext context, string kind, VerdictReason reason, string verdict, UserIdentity? user, string? typedName, FactorSet factors, string? detail, CancellationToken cancellationToken) =>
        log.RecordAsync(Describe(context, kind, reason.Code, verdict, user, typedName, factors, detail), cancellationToken);

    /// <summary>The same with a reason word of its own, for changes of factors and sessions.</summary>
    public ValueTask RecordAsync(SignInContext context, string kind, string reason, UserIdentity user, FactorSet factors, string? detail, CancellationToken cancellationToken) =>
        RecordChangeAsync(context, kind, reason, "done", user, factors, detail, cancellationToken);

    /// <summary>The same for a change that may not have come about.</summary>
    public ValueTask RecordChangeAsync(
        SignInContext context, string kind, string reason, string verdict, UserIdentity user, FactorSet factors, string? detail, CancellationToken cancellationToken) =>
        log.RecordAsync(Describe(context, kind, reason, verdict, user, user.Login, factors, detail), cancellationToken);

    /// <summary>Writes a refusal, folded with its like; a store that fails changes nothing, for the refusal stands.</summary>
    public async ValueTask RefuseAsync(
        SignInContext context, VerdictReason reason, string verdict, UserIdentity? user, string? typedName, FactorSet factors, string? detail, CancellationToken cancellationToken)
    {
        try
        {
            await log.RecordFoldedAsync(Describe(context, AuditEvents.Refusal, reason.Code, verdict, user, typedName, factors, detail), cancellationToken);
        }
        catch (StoreUnavailableException)
        {
            // The audit log has said so itself.
        }
    }

    private AuditRecord Describe(
        SignInContext context, string kind, string reason, string verdict, UserIdentity? user, string? typedName, FactorSet factors, string? detail) => new()
    {
        At = time.GetUtcNow(),
        Event = kind,
        Reason = reason,
        Verdict = verdict,
        RequestId = context.RequestId,
        TypedName = user is null ? TypedNames.OfNobody(typedName) : typedName,
        Identity = user?.Key,
        Contact = AuditContact.Of(user),
        Address = context.Address.ToString(),
        Host = context.Host,
        Service = Service,
        Factors = factors == FactorSet.None ? null : FactorWords.Of(factors),
        UserAgent = context.UserAgent,
        Detail = string.IsNullOrEmpty(detail) ? null : detail,
    };
}
