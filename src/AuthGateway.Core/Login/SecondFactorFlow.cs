using AuthGateway.Core.Audit;
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

/// <summary>What a user has enrolled.</summary>
/// <param name="Apps">Authenticator apps, oldest first.</param>
/// <param name="RecoveryCodes">Recovery codes left.</param>
public sealed record EnrolledFactors(IReadOnlyList<TotpCredential> Apps, int RecoveryCodes)
{
    /// <summary>True when a code could be asked for. Recovery codes stand in for an app; left over without one they are none.</summary>
    public bool Any => Apps.Count > 0;
}

/// <summary>
/// The second factor of a session: one counter for each user over all sessions, charged before a code is looked at; a right code
/// gives the session a new token and clears the counters, those of the password included.
/// </summary>
public sealed partial class SecondFactorFlow
{
    private readonly LockoutGuard _guard;
    private readonly ITotpStore _apps;
    private readonly IRecoveryCodeStore _recovery;
    private readonly LiveSessions _sessions;
    private readonly TimeProvider _time;
    private readonly SignInAudit _audit;
    private readonly ILogger<SecondFactorFlow> _logger;

    /// <summary>Keeps its parts.</summary>
    public SecondFactorFlow(
        LockoutGuard guard, ITotpStore apps, IRecoveryCodeStore recovery, LiveSessions sessions, AuditLog audit, TimeProvider time, ILogger<SecondFactorFlow> logger)
    {
        _guard = guard;
        _apps = apps;
        _recovery = recovery;
        _sessions = sessions;
        _time = time;
        _audit = new SignInAudit(audit, time);
        _logger = logger;
    }

    /// <summary>What the user of a session has enrolled.</summary>
    /// <exception cref="StoreUnavailableException">The store cannot be read.</exception>
    public async ValueTask<EnrolledFactors> FindAsync(UserIdentity user, CancellationToken cancellationToken) =>
        new(await _apps.ListAsync(user.Key, cancellationToken), await _recovery.CountAsync(user.Key, cancellationToken));

    /// <summary>Proves a code of an authenticator app.</summary>
    public ValueTask<SignInResult> ProveTotpAsync(Session session, SessionToken token, string? typed, SignInContext context, CancellationToken cancellationToken) =>
        ProveAsync(session, token, FactorSet.Totp, (user, cancellation) => CheckTotpAsync(user, typed, context, cancellation), context, cancellationToken);

    /// <summary>Proves a recovery code.</summary>
    public ValueTask<SignInResult> ProveRecoveryCodeAsync(Session session, SessionToken token, string? typed, SignInContext context, CancellationToken cancellationToken) =>
        ProveAsync(session, token, FactorSet.RecoveryCode, (user, cancellation) => CheckRecoveryCodeAsync(user, typed, cancellation), context, cancellationToken);

    private async ValueTask<SignInResult> ProveAsync(
        Session session,
        SessionToken token,
        FactorSet factor,
        Func<UserIdentity, CancellationToken, ValueTask<VerdictReason>> check,
        SignInContext context,
        CancellationToken cancellationToken)
    {
        var user = session.User;

        // Fifty random bits are not guessed five at a time, so recovery codes know no count for ever: that one could be run up by anybody with the
        // password, to shut the owner out.
        var key = factor == FactorSet.RecoveryCode ? LockoutKey.ForRecovery(user) : LockoutKey.ForFactor(user);
        LockoutKey? total = factor == FactorSet.RecoveryCode ? null : LockoutKey.ForFactorTotal(user);
        try
        {
            if ((total is { } closed && _guard.IsLocked(closed)) || await _guard.ChargeAsync(key, context.Lockout.Factor, cancellationToken) is not ChargeResult.Charged charge)
            {
                return await RefuseAsync(session, context, VerdictReason.FactorLocked, factor, cancellationToken);
            }

            // Charged: from here on nobody hangs up his way out of the count.
            ChargeResult.Charged? totalCharge = null;
            VerdictReason reason;
            try
            {
                if (total is { } counted && (totalCharge = await _guard.ChargeAsync(counted, context.Lockout.FactorTotal, CancellationToken.None) as ChargeResult.Charged) is null)
                {
                    await _guard.WithdrawAsync(key, context.Lockout.Factor, CancellationToken.None);
                    return await RefuseAsync(session, context, VerdictReason.FactorLocked, factor, CancellationToken.None);
                }

                reason = await check(user, CancellationToken.None);
                if (ReferenceEquals(reason, VerdictReason.Allowed))
                {
                    return await CompleteAsync(session, token, factor, context);
                }
            }
            catch (StoreUnavailableException)
            {
                // Our outage is not the user's failure.
                await WithdrawAsync(key, totalCharge is null ? null : total, context);
                throw;
            }

            await ConfirmAsync(session, context, key, charge);
            if (total is { } confirmed && totalCharge is not null)
            {
                await ConfirmAsync(session, context, confirmed, totalCharge);
            }

            return await RefuseAsync(session, context, reason, factor, CancellationToken.None);
        }
        catch (StoreUnavailableException)
        {
            return new SignInResult.Unavailable(VerdictReason.StoreUnavailable);
        }
    }

    private async ValueTask<SignInResult> CompleteAsync(Session session, SessionToken token, FactorSet factor, SignInContext context)
    {
        // The record first: a sign-in nobody wrote down did not happen.
        await _audit.RecordAsync(
            context, AuditEvents.SignIn, VerdictReason.Allowed, "allow", session.User, session.User.Login, session.Proven | factor, $"session {session.Id}", CancellationToken.None);

        // Before the step up: what fails here leaves the browser with the session it has. The last factor is proven, so the failures of the
        // password are forgiven too.
        await context.ForgiveAsync(_guard, session.User, [LockoutKey.ForFactor(session.User), LockoutKey.ForFactorTotal(session.User), LockoutKey.ForRecovery(session.User)]);
        if (await _sessions.StepUpAsync(session, token, factor, context.Sessions, CancellationToken.None) is not { } next)
        {
            return new SignInResult.Refused(VerdictReason.SessionEnded);
        }

        Log.Proven(_logger, session.User.Login, FactorWords.Of(factor), session.Id);
        return new SignInResult.Proven(next);
    }

    private async ValueTask<VerdictReason> CheckTotpAsync(UserIdentity user, string? typed, SignInContext context, CancellationToken cancellationToken)
    {
        var code = (typed ?? "").Replace(" ", "", StringComparison.Ordinal);
        var now = _time.GetUtcNow();
        var used = false;
        foreach (var app in await _apps.ListAsync(user.Key, cancellationToken))
        {
            if (TotpCode.FindStep(app, code, now, context.Factors.Drift) is { } step)
            {
                if (await _apps.UseStepAsync(app.Id, step, now, cancellationToken))
                {
                    return VerdictReason.Allowed;
                }

                used = true;
            }
        }

        return used ? VerdictReason.CodeUsed : VerdictReason.WrongCode;
    }

    private async ValueTask<VerdictReason> CheckRecoveryCodeAsync(UserIdentity user, string? typed, CancellationToken cancellationToken)
    {
        if (!RecoveryCodeSet.TryNormalize(typed, out var code, out var index))
        {
            return VerdictReason.WrongCode;
        }

        var kept = await _recovery.FindAsync(user.Key, index, cancellationToken);
        if (!RecoveryCodeSet.Fits(code, kept))
        {
            return VerdictReason.WrongCode;
        }

        return await _recovery.UseAsync(user.Key, kept!, _time.GetUtcNow(), cancellationToken) ? VerdictReason.Allowed : VerdictReason.CodeUsed;
    }

    private async ValueTask<SignInResult> RefuseAsync(Session session, SignInContext context, VerdictReason reason, FactorSet factor, CancellationToken cancellationToken)
    {
        Log.Refused(_logger, session.User.Login, FactorWords.Of(factor), reason, session.Id);
        await _audit.RefuseAsync(context, reason, "deny", session.User, session.User.Login, session.Proven, FactorWords.Of(factor), cancellationToken);
        return new SignInResult.Refused(reason);
    }

    private async ValueTask ConfirmAsync(Session session, SignInContext context, LockoutKey key, ChargeResult.Charged charge)
    {
        _guard.Confirm(key, charge);
        if (charge.ReachedLimit)
        {
            await _audit.RecordAsync(
                context,
                AuditEvents.Lockout,
                VerdictReason.FactorLocked,
                "deny",
                session.User,
                session.User.Login,
                session.Proven,
                $"{charge.Failures} wrong codes; locked until {charge.LockedUntil:u}",
                CancellationToken.None);
        }
    }

    private async ValueTask WithdrawAsync(LockoutKey key, LockoutKey? total, SignInContext context)
    {
        try
        {
            await _guard.WithdrawAsync(key, context.Lockout.Factor, CancellationToken.None);
            if (total is { } charged)
            {
                await _guard.WithdrawAsync(charged, context.Lockout.FactorTotal, CancellationToken.None);
            }
        }
        catch (StoreUnavailableException)
        {
            // A charge too many: the store that could not look at the code cannot forgive it either.
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.FactorProven, LogLevel.Information, "{User} proved {Factor} for session {Session}.")]
        public static partial void Proven(ILogger logger, string user, string factor, string session);

        [LoggerMessage(EventIds.FactorRefused, LogLevel.Information, "{User} was refused with {Factor} for session {Session}: {Reason}.")]
        public static partial void Refused(ILogger logger, string user, string factor, VerdictReason reason, string session);
    }
}
