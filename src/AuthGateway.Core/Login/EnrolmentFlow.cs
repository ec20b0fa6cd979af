using AuthGateway.Core.Audit;
using AuthGateway.Core.Factors;
using AuthGateway.Core.Factors.Enrolment;
using AuthGateway.Core.Factors.RecoveryCodes;
using AuthGateway.Core.Factors.Totp;
using AuthGateway.Core.Faults;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Lockout;
using AuthGateway.Core.Policies;
using AuthGateway.Core.Sessions;
using AuthGateway.Core.Telemetry;
using Microsoft.Extensions.Logging;

namespace AuthGateway.Core.Login;

/// <summary>What stands between a person and the enrolment of a factor.</summary>
public enum EnrolmentGate
{
    /// <summary>Nothing.</summary>
    Open = 1,

    /// <summary>A code of an enrolled factor first: whoever has one must prove it before adding another.</summary>
    NeedsFactor = 2,

    /// <summary>The password once more: the last proof is older than <see cref="FactorPolicy.StepUpAge"/>.</summary>
    NeedsSignIn = 3,

    /// <summary>An enrolment code of the helpdesk: the network is not one of those enrolment is open from.</summary>
    NeedsCode = 4,

    /// <summary>The user has as many apps as he may.</summary>
    Full = 5,
}

/// <summary>A seed shown and not confirmed yet. In memory only; gone with the session or a restart.</summary>
/// <param name="Seed">The seed.</param>
/// <param name="Uri">For the QR code.</param>
/// <param name="Typed">For typing: base32.</param>
/// <param name="Algorithm">Hash.</param>
/// <param name="Digits">Digits of a code.</param>
public sealed record EnrolmentDraft(TotpSeed Seed, string Uri, string Typed, TotpAlgorithm Algorithm, int Digits);

/// <summary>What came of the confirmation.</summary>
public abstract record EnrolmentResult
{
    private EnrolmentResult()
    {
    }

    /// <summary>The app is enrolled and its code counts as the second factor of this session, which has a new token.</summary>
    /// <param name="Opened">Session and token.</param>
    /// <param name="RecoveryCodes">To be shown once; empty when the user has some from before.</param>
    public sealed record Enrolled(OpenedSession Opened, IReadOnlyList<string> RecoveryCodes) : EnrolmentResult;

    /// <summary>Not enrolled: wrong code, gate closed or session ended.</summary>
    /// <param name="Reason">Why.</param>
    public sealed record Refused(VerdictReason Reason) : EnrolmentResult;

    /// <summary>The store failed.</summary>
    public sealed record Unavailable : EnrolmentResult;
}

/// <summary>Enrols, removes and renews second factors for the person himself.</summary>
public sealed partial class EnrolmentFlow
{
    private const int LongestLabel = 64;
    private const int MostTries = 20;

    private readonly ITotpStore _apps;
    private readonly IRecoveryCodeStore _recovery;
    private readonly IEnrolmentCodeStore _codes;
    private readonly LiveSessions _sessions;
    private readonly LockoutGuard _guard;
    private readonly TimeProvider _time;
    private readonly SignInAudit _audit;
    private readonly ILogger<EnrolmentFlow> _logger;

    /// <summary>Keeps its parts.</summary>
    public EnrolmentFlow(
        ITotpStore apps, IRecoveryCodeStore recovery, IEnrolmentCodeStore codes, LiveSessions sessions, LockoutGuard guard, AuditLog audit, TimeProvider time, ILogger<EnrolmentFlow> logger)
    {
        _apps = apps;
        _recovery = recovery;
        _codes = codes;
        _sessions = sessions;
        _guard = guard;
        _time = time;
        _audit = new SignInAudit(audit, time);
        _logger = logger;
    }

    /// <summary>What stands in the way of enrolling an app.</summary>
    /// <exception cref="StoreUnavailableException">The store cannot be read.</exception>
    public async ValueTask<EnrolmentGate> GateAsync(Session session, SignInContext context, CancellationToken cancellationToken)
    {
        // Whoever only came from a place, on a device or under a forwarder's name has proven nothing that a second factor could be added to.
        if ((session.Proven & ~FactorKinds.OfTheRequest) == 0)
        {
            return EnrolmentGate.NeedsSignIn;
        }

        var apps = await _apps.ListAsync(session.User.Key, cancellationToken);
        if (apps.Count > 0)
        {
            return apps.Count >= FactorPolicy.MostApps ? EnrolmentGate.Full : GateOfOwner(session);
        }

        if (!IsRecent(session))
        {
            return EnrolmentGate.NeedsSignIn;
        }

        return context.Factors.EnrolFrom.Contains(context.Address) || session.Draft is Draft { CodeHash: not null } ? EnrolmentGate.Open : EnrolmentGate.NeedsCode;
    }

    /// <summary>What stands in the way of removing an app or renewing recovery codes: a recent second factor, where there is one.</summary>
    public EnrolmentGate GateOfOwner(Session session)
    {
        if ((session.Proven & (FactorSet.Totp | FactorSet.RecoveryCode)) == 0)
        {
            return EnrolmentGate.NeedsFactor;
        }

        return IsRecent(session) ? EnrolmentGate.Open : EnrolmentGate.NeedsFactor;
    }

    /// <summary>Takes an enrolment code for the rest of this session; it is used up when an app is enrolled with it.</summary>
    public async ValueTask<SignInResult> OfferCodeAsync(Session session, SessionToken token, string? typed, SignInContext context, CancellationToken cancellationToken)
    {
        try
        {
            var draft = DraftOf(session);
            if (draft.Tries++ < MostTries
                && EnrolmentCode.TryHash(typed, out var hash)
                && await _codes.ExistsAsync(NamesOf(session.User), hash, _time.GetUtcNow(), cancellationToken))
            {
                draft.CodeHash = hash;
                return new SignInResult.Proven(new OpenedSession(session, token));
            }

            await _audit.RefuseAsync(
                context, VerdictReason.EnrolmentNotAllowed, "deny", session.User, session.User.Login, session.Proven, "wrong or expired enrolment code", cancellationToken);
            return new SignInResult.Refused(VerdictReason.EnrolmentNotAllowed);
        }
        catch (StoreUnavailableException)
        {
            return new SignInResult.Unavailable(VerdictReason.StoreUnavailable);
        }
    }

    /// <summary>The seed to show: the one shown before, so that a reload of the page does not void what was scanned already.</summary>
    public EnrolmentDraft Show(Session session, SignInContext context)
    {
        var draft = DraftOf(session);
        if (draft.Shown is { } shown && shown.Algorithm == context.Factors.Algorithm && shown.Digits == context.Factors.Digits)
        {
            return shown;
        }

        var seed = TotpSeed.New();
        var uri = TotpUri.Of(seed, context.Factors.Issuer, session.User.Login, context.Factors.Algorithm, context.Factors.Digits);
        return draft.Shown = new EnrolmentDraft(seed, uri, TotpUri.Base32(seed), context.Factors.Algorithm, context.Factors.Digits);
    }

    /// <summary>Confirms the shown seed with a code and keeps it.</summary>
    public async ValueTask<EnrolmentResult> ConfirmAsync(
        Session session, SessionToken token, string? typed, string? label, SignInContext context, CancellationToken cancellationToken)
    {
        try
        {
            if (await GateAsync(session, context, cancellationToken) != EnrolmentGate.Open)
            {
                await _audit.RefuseAsync(
                    context, VerdictReason.EnrolmentNotAllowed, "deny", session.User, session.User.Login, session.Proven, null, cancellationToken);
                return new EnrolmentResult.Refused(VerdictReason.EnrolmentNotAllowed);
            }

            var draft = DraftOf(session);
            if (draft.Shown is not { } shown || draft.Tries++ >= MostTries)
            {
                draft.Shown = null;
                return new EnrolmentResult.Refused(VerdictReason.WrongCode);
            }

            var now = _time.GetUtcNow();
            var app = new TotpCredential
            {
                Id = Guid.NewGuid().ToString("N"),
                IdentityKey = session.User.Key,
                Login = session.User.Login,
                Label = Shorten(label),
                Seed = shown.Seed,
                Algorithm = shown.Algorithm,
                Digits = shown.Digits,
                CreatedAt = now,
                LastStep = 0,
            };
            if (TotpCode.FindStep(app, (typed ?? "").Replace(" ", "", StringComparison.Ordinal), now, context.Factors.Drift) is not { } step)
            {
                await _audit.RefuseAsync(
                    context, VerdictReason.WrongCode, "deny", session.User, session.User.Login, session.Proven, "confirmation of a new app", cancellationToken);
                return new EnrolmentResult.Refused(VerdictReason.WrongCode);
            }

            return await KeepAsync(session, token, app with { LastStep = step, UsedAt = now }, draft, context, cancellationToken);
        }
        catch (StoreUnavailableException)
        {
            return new EnrolmentResult.Unavailable();
        }
    }

    /// <summary>Removes an app. False when it is none of the user's, or the gate is closed.</summary>
    /// <exception cref="StoreUnavailableException">Nothing was removed, or it was removed and could not be recorded.</exception>
    public async ValueTask<bool> RemoveAsync(Session session, string id, SignInContext context, CancellationToken cancellationToken)
    {
        if (GateOfOwner(session) != EnrolmentGate.Open)
        {
            return false;
        }

        var apps = await _apps.ListAsync(session.User.Key, cancellationToken);
        if (apps.FirstOrDefault(app => string.Equals(app.Id, id, StringComparison.Ordinal)) is not { } removed)
        {
            return false;
        }

        await _audit.RecordAsync(context, AuditEvents.Factor, "totp-removed", session.User, session.Proven, $"{removed.Label}, by the user", cancellationToken);
        if (!await _apps.RemoveAsync(session.User.Key, id, cancellationToken))
        {
            return false;
        }

        if ((await _apps.ListAsync(session.User.Key, cancellationToken)).Count == 0)
        {
            // Recovery codes stand in for an app; without one they would be a second factor nobody asked for.
            await _recovery.ReplaceAsync(session.User.Key, [], _time.GetUtcNow(), cancellationToken);
        }

        Log.Removed(_logger, session.User.Login, id);
        return true;
    }

    /// <summary>A new set of recovery codes, to be shown once; those before are void. Null when the gate is closed.</summary>
    /// <exception cref="StoreUnavailableException">The old set stays.</exception>
    public async ValueTask<IReadOnlyList<string>?> RenewRecoveryCodesAsync(Session session, SignInContext context, CancellationToken cancellationToken)
    {
        if (GateOfOwner(session) != EnrolmentGate.Open)
        {
            return null;
        }

        await _audit.RecordAsync(context, AuditEvents.Factor, "recovery-codes-renewed", session.User, session.Proven, "by the user", cancellationToken);
        return await NewRecoveryCodesAsync(session.User, cancellationToken);
    }

    private async ValueTask<EnrolmentResult> KeepAsync(Session session, SessionToken token, TotpCredential app, Draft draft, SignInContext context, CancellationToken cancellationToken)
    {
        // What is written is finished, whoever hangs up. The code goes first: two browsers with one code enrol one app. Whether one is needed is
        // decided here anew, and a missing one is a refusal: nothing else may stand for it.
        var needsCode = (await _apps.ListAsync(session.User.Key, cancellationToken)).Count == 0 && !context.Factors.EnrolFrom.Contains(context.Address);
        if (needsCode && (draft.CodeHash is not { } hash || !await _codes.UseAsync(NamesOf(session.User), hash, _time.GetUtcNow(), CancellationToken.None)))
        {
            draft.CodeHash = null;
            return new EnrolmentResult.Refused(VerdictReason.EnrolmentNotAllowed);
        }

        await _audit.RecordAsync(context, AuditEvents.Factor, "totp-enrolled", session.User, session.Proven, app.Label, CancellationToken.None);
        if (!await _apps.AddAsync(app, FactorPolicy.MostApps, CancellationToken.None))
        {
            return new EnrolmentResult.Refused(VerdictReason.EnrolmentNotAllowed);
        }

        session.Draft = null;
        var recovery = await _recovery.CountAsync(session.User.Key, CancellationToken.None) > 0
            ? []
            : await NewRecoveryCodesAsync(session.User, CancellationToken.None);
        Log.Enrolled(_logger, session.User.Login, app.Id);
        await _audit.RecordAsync(
            context, AuditEvents.SignIn, VerdictReason.Allowed, "allow", session.User, session.User.Login, session.Proven | FactorSet.Totp, $"session {session.Id}", CancellationToken.None);

        // The last factor is proven, as with any other code: the failures of the password are forgiven.
        await context.ForgiveAsync(_guard, session.User, []);
        return await _sessions.StepUpAsync(session, token, FactorSet.Totp, context.Sessions, CancellationToken.None) is { } opened
            ? new EnrolmentResult.Enrolled(opened, recovery)
            : new EnrolmentResult.Refused(VerdictReason.SessionEnded);
    }

    private async ValueTask<IReadOnlyList<string>> NewRecoveryCodesAsync(UserIdentity user, CancellationToken cancellationToken)
    {
        // A second of hashing: not on the thread that answers requests.
        var (shown, kept) = await Task.Run(RecoveryCodeSet.New, cancellationToken);
        await _recovery.ReplaceAsync(user.Key, kept, _time.GetUtcNow(), cancellationToken);
        return shown;
    }

    private bool IsRecent(Session session) => _time.GetUtcNow() - session.Record.ProvenAt <= FactorPolicy.StepUpAge;

    private static Draft DraftOf(Session session)
    {
        if (session.Draft is not Draft draft)
        {
            session.Draft = draft = new Draft();
        }

        return draft;
    }

    private static string[] NamesOf(UserIdentity user) => [.. user.Aliases.Select(name => name.ToLowerInvariant())];

    private static string Shorten(string? label)
    {
        var text = string.IsNullOrWhiteSpace(label) ? "" : label.Trim();
        return text.Length <= LongestLabel ? text : text[..LongestLabel];
    }

    private sealed class Draft
    {
        public EnrolmentDraft? Shown { get; set; }

        public byte[]? CodeHash { get; set; }

        public int Tries { get; set; }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.FactorEnrolled, LogLevel.Information, "{User} enrolled the authenticator app {App}.")]
        public static partial void Enrolled(ILogger logger, string user, string app);

        [LoggerMessage(EventIds.FactorRemoved, LogLevel.Information, "{User} removed the authenticator app {App}.")]
        public static partial void Removed(ILogger logger, string user, string app);
    }
}
