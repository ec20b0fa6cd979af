using AuthGateway.Core.Audit;
using AuthGateway.Core.Backends;
using AuthGateway.Core.Factors;
using AuthGateway.Core.Faults;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Policies;
using AuthGateway.Core.Sessions;
using AuthGateway.Core.Telemetry;
using Microsoft.Extensions.Logging;

namespace AuthGateway.Core.Login.ActFor;

/// <summary>A signed-in person asks by page to act for another.</summary>
/// <param name="Session">His own session.</param>
/// <param name="Token">The token of its cookie.</param>
/// <param name="Rights">Who may act for whom.</param>
/// <param name="Chain">The backends in force.</param>
/// <param name="Generation">Number of the table.</param>
/// <param name="Options">Deadline and floor.</param>
/// <param name="Services">Services of the host that a session opens.</param>
/// <param name="Target">Whom he names.</param>
/// <param name="Reason">Why, in his own words; goes into the audit.</param>
public sealed record ActingStart(
    Session Session, SessionToken Token, ActForTable Rights, BackendChain Chain, long Generation, LoginOptions Options, IReadOnlyList<string> Services, UserName Target, string Reason);

/// <summary>
/// Lets a session act for another user, and takes it back. The session stays its owner's: what he proved, what he may change of his account and what ends
/// it are his; only what is forwarded is the target's.
/// </summary>
public sealed partial class ActingFlow(ActForFlow flow, LiveSessions sessions, AuditLog audit, TimeProvider time, ILogger<ActingFlow> logger)
{
    /// <summary>Longest reason somebody may give.</summary>
    public const int LongestReason = 200;

    /// <summary>True while the last proof is young enough to begin acting.</summary>
    public bool IsRecent(Session session)
    {
        ArgumentNullException.ThrowIfNull(session);
        return time.GetUtcNow() - session.Record.ProvenAt is var age && age >= TimeSpan.Zero && age <= FactorPolicy.StepUpAge;
    }

    /// <summary>Begins. The session has a new token afterwards and ends early.</summary>
    public async ValueTask<SignInResult> BeginAsync(ActingStart start, SignInContext context, CancellationToken cancellationToken)
    {
        var actor = start.Session.User;
        if (start.Session.IsPending || start.Session.ActsFor is not null || !IsRecent(start.Session) || string.IsNullOrWhiteSpace(start.Reason) || start.Reason.Length > LongestReason)
        {
            return await RefuseAsync(start, context, null, "the session may not begin to act: pending, acting already, proven too long ago, or without a reason", cancellationToken);
        }

        LoginResult result = new LoginResult.Refused(VerdictReason.ActForDenied, null, ActForWords.Of(ActForAnswer.NoRight));
        foreach (var service in start.Services.Where(service => start.Rights.MayAct(actor, service, context.Address) && start.Chain.Serves(actor, service)))
        {
            result = await flow.ResolveAsync(
                new ActForRequest(start.Rights, start.Chain, start.Generation, start.Options, actor, start.Target, service, context.Address) { IsFresh = true }, cancellationToken);
            if (result is LoginResult.Proven { Identity: var found } && !start.Chain.Serves(found, service))
            {
                result = new LoginResult.Refused(VerdictReason.ActForDenied, found, $"{service} is not open to the target");
            }

            if (result is not LoginResult.Refused)
            {
                break;
            }
        }

        return result switch
        {
            LoginResult.Proven { Identity: var target } => await BeginAsync(start, target, context),
            LoginResult.Refused refused => await RefuseAsync(start, context, refused.Known, refused.Detail, cancellationToken),
            LoginResult.Unavailable unavailable => new SignInResult.Unavailable(unavailable.Reason),
            _ => throw new InvalidOperationException("The question gave no answer."),
        };
    }

    /// <summary>Makes the session its owner's again, under a new token and with its own end. Null when it was ended meanwhile.</summary>
    /// <exception cref="StoreUnavailableException">It could not be written down; the session goes on as it is.</exception>
    public async ValueTask<OpenedSession?> EndAsync(Session session, SessionToken token, SignInContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        if (session.ActsFor is not { } target)
        {
            return null;
        }

        await RecordAsync(context, AuditEvents.Session, "act-for-ended", "done", session.User, target, target.Login, session.Proven, $"by himself; session {session.Id}", cancellationToken);
        OpenedSession? opened;
        try
        {
            opened = await sessions.ActForAsync(session, token, null, session.Record.CreatedAt + context.Sessions.Absolute, cancellationToken);
        }
        catch (StoreUnavailableException)
        {
            await RecordFailureAsync(context, "act-for-ended", session, target, target.Login, "could not be written down; it goes on");
            throw;
        }

        Log.Ended(logger, session.User.Login, target.Login, session.Id);
        return opened;
    }

    private async ValueTask<SignInResult> BeginAsync(ActingStart start, UserIdentity target, SignInContext context)
    {
        try
        {
            // The record first: who acts for another unseen does not act at all.
            await RecordAsync(
                context, AuditEvents.Session, "act-for-begun", "allow", start.Session.User, target, start.Target.Text, start.Session.Proven, $"because: {start.Reason}; session {start.Session.Id}", CancellationToken.None);
            if (await ActAsync(start, target, context) is not { } opened)
            {
                await RecordFailureAsync(context, "act-for-begun", start.Session, target, start.Target.Text, "the session was ended meanwhile");
                return new SignInResult.Refused(VerdictReason.SessionEnded);
            }

            Log.Begun(logger, start.Session.User.Login, target.Login, opened.Session.Id);
            return new SignInResult.Proven(opened);
        }
        catch (StoreUnavailableException)
        {
            return new SignInResult.Unavailable(VerdictReason.StoreUnavailable);
        }
    }

    private async ValueTask<OpenedSession?> ActAsync(ActingStart start, UserIdentity target, SignInContext context)
    {
        var (until, end) = (time.GetUtcNow() + start.Rights.Lifetime, start.Session.Record.EndsAt);
        try
        {
            return await sessions.ActForAsync(start.Session, start.Token, target, until < end ? until : end, CancellationToken.None);
        }
        catch (StoreUnavailableException)
        {
            await RecordFailureAsync(context, "act-for-begun", start.Session, target, start.Target.Text, "the session could not be written down");
            throw;
        }
    }

    private async ValueTask<SignInResult> RefuseAsync(ActingStart start, SignInContext context, UserIdentity? target, string detail, CancellationToken cancellationToken)
    {
        var record = Describe(
            context,
            AuditEvents.Refusal,
            VerdictReason.ActForDenied.Code,
            "deny",
            start.Session.User,
            target,
            target is null ? TypedNames.OfNobody(start.Target.Text) : start.Target.Text,
            start.Session.Proven,
            detail);
        try
        {
            await audit.RecordFoldedAsync(record, cancellationToken);
        }
        catch (StoreUnavailableException)
        {
            // The refusal stands, and the audit log has said so itself.
        }

        return new SignInResult.Refused(VerdictReason.ActForDenied);
    }

    /// <summary>Says of a record written before that it did not come about.</summary>
    private async ValueTask RecordFailureAsync(SignInContext context, string reason, Session session, UserIdentity target, string typed, string why)
    {
        try
        {
            await RecordAsync(context, AuditEvents.Session, reason, "failed", session.User, target, typed, session.Proven, $"{why}; session {session.Id}", CancellationToken.None);
        }
        catch (StoreUnavailableException)
        {
            // The audit log has said so itself.
        }
    }

    private ValueTask RecordAsync(
        SignInContext context, string kind, string reason, string verdict, UserIdentity actor, UserIdentity target, string typed, FactorSet factors, string detail, CancellationToken cancellationToken) =>
        audit.RecordAsync(Describe(context, kind, reason, verdict, actor, target, typed, factors, detail), cancellationToken);

    private AuditRecord Describe(
        SignInContext context, string kind, string reason, string verdict, UserIdentity actor, UserIdentity? target, string? typed, FactorSet factors, string detail) => new()
    {
        At = time.GetUtcNow(),
        Event = kind,
        Reason = reason,
        Verdict = verdict,
        RequestId = context.RequestId,
        TypedName = typed,
        Identity = target?.Key,
        Contact = AuditContact.Of(target),
        ActedBy = new AuditActor(actor.Key, actor.Login),
        Address = context.Address.ToString(),
        Host = context.Host,
        Service = SignInAudit.Service,
        Factors = FactorWords.Of(factors),
        UserAgent = context.UserAgent,
        Detail = detail,
    };

    private static partial class Log
    {
        [LoggerMessage(EventIds.ActingBegun, LogLevel.Warning, "{Actor} begins to act for {Target}, session {Session}.")]
        public static partial void Begun(ILogger logger, string actor, string target, string session);

        [LoggerMessage(EventIds.ActingEnded, LogLevel.Information, "{Actor} no longer acts for {Target}, session {Session}.")]
        public static partial void Ended(ILogger logger, string actor, string target, string session);
    }
}
