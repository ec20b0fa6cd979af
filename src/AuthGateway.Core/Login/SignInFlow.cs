using AuthGateway.Core.Audit;
using AuthGateway.Core.Devices;
using AuthGateway.Core.Faults;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Login.AppPasswords;
using AuthGateway.Core.Login.SignOn;
using AuthGateway.Core.Login.Tickets;
using AuthGateway.Core.Policies;
using AuthGateway.Core.Sessions;
using AuthGateway.Core.Telemetry;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;

namespace AuthGateway.Core.Login;

/// <summary>Password typed into the sign-in page.</summary>
/// <param name="Login">The credentials, judged by the same flow as Basic.</param>
/// <param name="OwesFactor">True when the place the person wants to go asks for a second factor: the session stays pending until it is proven.</param>
/// <param name="KeepsPassword">True when an upstream of the host wants the password; it is then kept sealed under the cookie.</param>
/// <param name="Replaces">A session the browser came with; it ends, whoever's it was.</param>
public readonly record struct SignInRequest(LoginRequest Login, bool OwesFactor, bool KeepsPassword, Session? Replaces)
{
    /// <summary>Whom the browser's device certificate names, or null without one. Somebody else's certificate beside a login is no sign-in.</summary>
    public string? DeviceOwner { get; init; }
}

/// <summary>A sign-in by page without a password: something else has proven the name.</summary>
/// <param name="SignOn">The name and its proof.</param>
/// <param name="OwesFactor">True when the place the person wants to go asks for a code besides.</param>
/// <param name="Replaces">A session the browser came with; it ends, whoever's it was.</param>
public readonly record struct PasswordlessSignIn(SignOnRequest SignOn, bool OwesFactor, Session? Replaces)
{
    /// <summary>Whom the browser's device certificate names, or null without one.</summary>
    public string? DeviceOwner { get; init; }

    /// <summary>What is written down as the name that was told; null for the name itself.</summary>
    public string? Told { get; init; }

    /// <summary>Asked about the user who was found; false refuses with <see cref="VerdictReason.NameNotAllowed"/>. Null lets everybody pass.</summary>
    public Func<UserIdentity, bool>? Takes { get; init; }
}

/// <summary>From a typed password to a session: the same counters, backends and wait as every other login, and a session only at the end.</summary>
public sealed partial class SignInFlow
{
    private readonly LoginFlow _login;
    private readonly AppPasswordFlow _appPasswords;
    private readonly SignOnFlow _signOn;
    private readonly TicketGate _tickets;
    private readonly LiveSessions _sessions;
    private readonly TimeProvider _time;
    private readonly SignInAudit _audit;
    private readonly ILogger<SignInFlow> _logger;

    /// <summary>Keeps its parts.</summary>
    public SignInFlow(LoginFlow login, AppPasswordFlow appPasswords, SignOnFlow signOn, TicketGate tickets, LiveSessions sessions, AuditLog audit, TimeProvider time, ILogger<SignInFlow> logger)
    {
        _login = login;
        _appPasswords = appPasswords;
        _signOn = signOn;
        _tickets = tickets;
        _sessions = sessions;
        _time = time;
        _audit = new SignInAudit(audit, time);
        _logger = logger;
    }

    /// <summary>Proves the password and begins a session: complete, or pending when a second factor is owed. Counters are cleared only when nothing is owed.</summary>
    public async ValueTask<SignInResult> SignInAsync(SignInRequest request, SignInContext context, CancellationToken cancellationToken)
    {
        var typed = request.Login.Name.Text;
        switch (await (_appPasswords.TryRefuseOnPage(request.Login, cancellationToken) ?? _login.ProveAsync(request.Login with { IsFresh = true }, cancellationToken)))
        {
            case LoginResult.Proven proven when request.DeviceOwner is { } owner && !DeviceOwner.Matches(proven.Identity, owner):
                await proven.Attempt.ReleaseAsync(cancellationToken);
                await _audit.RefuseAsync(
                    context, VerdictReason.IdentityMismatch, "deny", proven.Identity, typed, FactorSet.Password, $"certificate of {owner}, login of {proven.Identity.Login}", cancellationToken);
                return new SignInResult.Refused(VerdictReason.IdentityMismatch);
            case LoginResult.Proven proven:
                // Not under the browser's token: the password is judged, and a reload of the page must find one session or none.
                return await BeginAsync(
                    new Beginning(FactorSet.Password, request.OwesFactor, request.KeepsPassword ? request.Login.Secret : null, request.Replaces), context, proven, typed, CancellationToken.None);
            case LoginResult.Refused refused:
                await _audit.RefuseAsync(context, refused.Reason, "deny", refused.Known, typed, FactorSet.None, refused.Detail, cancellationToken);
                return new SignInResult.Refused(refused.Reason) { ProvenState = refused.ProvenState, CanChangePassword = refused.CanChangePassword };
            case LoginResult.Unavailable unavailable:
                await _audit.RefuseAsync(context, unavailable.Reason, "unavailable", null, typed, FactorSet.None, unavailable.Detail, cancellationToken);
                return new SignInResult.Unavailable(unavailable.Reason);
            default:
                throw new InvalidOperationException("The login gave no answer.");
        }
    }

    /// <summary>Begins a session for somebody who was proven by other means than a password.</summary>
    public async ValueTask<SignInResult> SignInAsync(PasswordlessSignIn request, SignInContext context, CancellationToken cancellationToken)
    {
        var way = request.SignOn.Way;
        var told = request.Told ?? request.SignOn.Name.Text;
        switch (await _signOn.ResolveAsync(request.SignOn with { IsFresh = true }, cancellationToken))
        {
            case LoginResult.Proven proven when request.DeviceOwner is { } owner && !DeviceOwner.Matches(proven.Identity, owner):
                return await RefuseAsync(context, VerdictReason.IdentityMismatch, proven.Identity, told, way, $"certificate of {owner}, {FactorWords.Of(way)} of {proven.Identity.Login}", cancellationToken);
            case LoginResult.Proven proven when request.Takes is { } takes && !takes(proven.Identity):
                return await RefuseAsync(context, VerdictReason.NameNotAllowed, proven.Identity, told, way, $"the name means {proven.Identity}", cancellationToken);
            case LoginResult.Proven proven:
                return await BeginAsync(new Beginning(way, request.OwesFactor, null, request.Replaces), context, proven, told, CancellationToken.None);
            case LoginResult.Refused refused:
                return await RefuseAsync(context, refused.Reason, refused.Known, told, way, refused.Detail, cancellationToken);
            case LoginResult.Unavailable unavailable:
                await _audit.RefuseAsync(context, unavailable.Reason, "unavailable", null, told, way, unavailable.Detail, cancellationToken);
                return new SignInResult.Unavailable(unavailable.Reason);
            default:
                throw new InvalidOperationException("The sign-on gave no answer.");
        }
    }

    /// <summary>Judges the ticket of a request for a page; the request for a session follows with what is accepted.</summary>
    public async ValueTask<TicketOutcome> JudgeTicketAsync(StringValues authorization, KerberosTable table, SignInContext context, CancellationToken cancellationToken)
    {
        var outcome = _tickets.Judge(authorization, table);
        if (outcome is TicketOutcome.Refused refused)
        {
            await RefuseAsync(context, refused.Reason, null, null, FactorSet.None, refused.Detail, cancellationToken);
        }

        return outcome;
    }

    /// <summary>Writes down a sign-in without a password that was refused before anybody was looked up.</summary>
    public async ValueTask<SignInResult> RefuseAsync(
        SignInContext context, VerdictReason reason, UserIdentity? known, string? told, FactorSet way, string? detail, CancellationToken cancellationToken)
    {
        await _audit.RefuseAsync(context, reason, "deny", known, told, way, detail, cancellationToken);
        return new SignInResult.Refused(reason);
    }

    /// <summary>Refuses a name no backend could have, after the same wait as any other wrong login.</summary>
    public async ValueTask<SignInResult> RefuseUnreadableNameAsync(LoginOptions options, string? typed, SignInContext context, CancellationToken cancellationToken)
    {
        _ = await _login.RefuseUnreadableNameAsync(options, cancellationToken);
        await _audit.RefuseAsync(context, VerdictReason.UnknownUser, "deny", null, typed, FactorSet.None, null, cancellationToken);
        return new SignInResult.Refused(VerdictReason.UnknownUser);
    }

    /// <summary>Writes down a form that came from another site or without its token. No login: nothing is charged.</summary>
    public ValueTask RefuseFormAsync(Session? session, SignInContext context, string detail, CancellationToken cancellationToken) => _audit.RefuseAsync(
        context, VerdictReason.ForeignForm, "deny", session?.User, session?.User.Login, session?.Proven ?? FactorSet.None, detail, cancellationToken);

    /// <summary>Ends the browser's own session. True when there was one.</summary>
    /// <exception cref="StoreUnavailableException">It is over in this process, but not written down.</exception>
    public async ValueTask<bool> SignOutAsync(Session session, SignInContext context, CancellationToken cancellationToken)
    {
        var ended = await _sessions.EndAsync(session.Id, cancellationToken);
        await _audit.RecordAsync(context, AuditEvents.Session, "signed-out", session.User, session.Proven, session.ActsFor is { } target ? $"session {session.Id}, which acted for {target.Login}" : $"session {session.Id}", cancellationToken);
        return ended;
    }

    /// <summary>Ends another session of the same user, or all others when <paramref name="id"/> is null; false when it is none of his.</summary>
    /// <exception cref="StoreUnavailableException">It is over in this process, but not written down.</exception>
    public async ValueTask<bool> RevokeOwnAsync(Session session, string? id, SignInContext context, CancellationToken cancellationToken)
    {
        var own = _sessions.OfUser(session.User.Key, context.Sessions);
        if (id is not null && !own.Any(other => string.Equals(other.Id, id, StringComparison.Ordinal)))
        {
            return false;
        }

        await _audit.RecordAsync(
            context, AuditEvents.Session, "session-revoked", session.User, session.Proven, id is null ? "all other sessions, by the user" : $"session {id}, by the user", cancellationToken);
        return id is null
            ? await _sessions.EndAllOfAsync(session.User.Key, session.Id, cancellationToken)
            : await _sessions.EndAsync(id, cancellationToken);
    }

    private async ValueTask<SignInResult> BeginAsync(
        Beginning request, SignInContext context, LoginResult.Proven proven, string typed, CancellationToken cancellationToken)
    {
        // A ticket was proven for good; who then types his password has proven both.
        var factors = request.Factors | (request.Replaces is { } before && before.User.Key == proven.Identity.Key ? before.Proven & FactorSet.Kerberos : FactorSet.None);
        try
        {
            if (request.OwesFactor)
            {
                await proven.Attempt.ReleaseAsync(cancellationToken);
            }

            var detail = request.OwesFactor ? "a second factor is owed" : null;
            await _audit.RecordAsync(
                context,
                AuditEvents.SignIn,
                request.OwesFactor ? VerdictReason.FactorsMissing : VerdictReason.Allowed,
                request.OwesFactor ? "challenge" : "allow",
                proven.Identity,
                typed,
                factors,
                detail,
                cancellationToken);
            if (request.Replaces is { } replaced)
            {
                await _sessions.EndAsync(replaced.Id, cancellationToken);
            }

            var opened = await _sessions.BeginAsync(
                new SessionStart(
                    context.Host,
                    proven.Identity,
                    factors,
                    request.OwesFactor,
                    request.Password,
                    context.Address.ToString(),
                    context.UserAgent),
                context.Sessions,
                cancellationToken);
            opened.Session.PasswordWarning = proven.Notice is { } notice ? new PasswordWarning(notice.GraceLoginsLeft, _time.GetUtcNow() + notice.ExpiresIn) : null;
            if (!request.OwesFactor)
            {
                await proven.Attempt.CompleteAsync(cancellationToken);
            }

            Log.SignedIn(_logger, proven.Identity.Login, context.Host, opened.Session.Id, request.OwesFactor ? "second factor owed" : "complete");
            return new SignInResult.Proven(opened);
        }
        catch (StoreUnavailableException)
        {
            return new SignInResult.Unavailable(VerdictReason.StoreUnavailable);
        }
    }

    /// <param name="Factors">What is proven.</param>
    /// <param name="OwesFactor">True when a code is owed.</param>
    /// <param name="Password">To be kept, or null.</param>
    /// <param name="Replaces">Ends.</param>
    private readonly record struct Beginning(FactorSet Factors, bool OwesFactor, Secret? Password, Session? Replaces);

    private static partial class Log
    {
        [LoggerMessage(EventIds.SignedIn, LogLevel.Information, "{User} signed in on {Host}, session {Session}: {Standing}.")]
        public static partial void SignedIn(ILogger logger, string user, string host, string session, string standing);
    }
}
