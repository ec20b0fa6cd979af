using AuthGateway.Core.Audit;
using AuthGateway.Core.Backends;
using AuthGateway.Core.Devices;
using AuthGateway.Core.Faults;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Login.AppPasswords;
using AuthGateway.Core.Lockout;
using AuthGateway.Core.Policies;
using AuthGateway.Core.Sessions;
using AuthGateway.Core.Telemetry;
using Microsoft.Extensions.Logging;

namespace AuthGateway.Core.Login;

/// <summary>A wish for a new password.</summary>
/// <param name="Login">Name and old password, judged by the same flow as every login.</param>
/// <param name="New">The new password.</param>
/// <param name="Repeated">The new password once more.</param>
/// <param name="Own">The complete session it is asked from; null before signing in.</param>
public readonly record struct PasswordChangeRequest(LoginRequest Login, Secret New, Secret Repeated, Session? Own)
{
    /// <summary>Whom the browser's device certificate names, or null without one.</summary>
    public string? DeviceOwner { get; init; }
}

/// <summary>
/// Replaces a password. The old one is proven through the chain, with the counters, locks and waits of every login; then the one backend that vouched
/// replaces it, under a charge of its own, since it looks at the old password once more.
/// </summary>
public sealed partial class PasswordChangeFlow
{
    private const int MaxCharacters = 256;
    private const string Changed = "password-changed";
    private const string NotChanged = "password-change-refused";

    private readonly LoginFlow _login;
    private readonly AppPasswordFlow _appPasswords;
    private readonly LockoutGuard _guard;
    private readonly LiveSessions _sessions;
    private readonly SignInAudit _audit;
    private readonly TimeProvider _time;
    private readonly ILogger<PasswordChangeFlow> _logger;

    /// <summary>Keeps its parts.</summary>
    public PasswordChangeFlow(LoginFlow login, AppPasswordFlow appPasswords, LockoutGuard guard, LiveSessions sessions, AuditLog audit, TimeProvider time, ILogger<PasswordChangeFlow> logger)
    {
        _login = login;
        _appPasswords = appPasswords;
        _guard = guard;
        _sessions = sessions;
        _audit = new SignInAudit(audit, time);
        _time = time;
        _logger = logger;
    }

    /// <summary>Changes the password, or says why not.</summary>
    public async ValueTask<PasswordChangeResult> ChangeAsync(PasswordChangeRequest request, SignInContext context, CancellationToken cancellationToken)
    {
        // Of the new password alone, so that it tells nothing about anybody.
        if (FaultOf(request) is { } fault)
        {
            return new PasswordChangeResult.Unfit(fault);
        }

        var typed = request.Login.Name.Text;
        switch (await (_appPasswords.TryRefuseOnPage(request.Login, cancellationToken) ?? _login.ProveAsync(request.Login with { IsFresh = true }, cancellationToken)))
        {
            case LoginResult.Proven proven:
                // The next sign-in decides about forgiving earlier failures: only that one ends with all factors.
                await proven.Attempt.ReleaseAsync(cancellationToken);
                return await GoOnAsync(request, context, proven.Identity, mustChange: false);
            case LoginResult.Refused { CanChangePassword: true, Known: { } known }:
                return await GoOnAsync(request, context, known, mustChange: true);
            case LoginResult.Refused refused:
                await _audit.RefuseAsync(context, refused.Reason, "deny", refused.Known, typed, FactorSet.None, $"password change; {refused.Detail}", cancellationToken);
                return new PasswordChangeResult.Refused(refused.Reason);
            case LoginResult.Unavailable unavailable:
                await _audit.RefuseAsync(context, unavailable.Reason, "unavailable", null, typed, FactorSet.None, $"password change; {unavailable.Detail}", cancellationToken);
                return new PasswordChangeResult.Unavailable(unavailable.Reason);
            default:
                throw new InvalidOperationException("The login gave no answer.");
        }
    }

    /// <summary>Refuses a name no backend could have, after the same wait as any other wrong password.</summary>
    public async ValueTask<PasswordChangeResult> RefuseUnreadableNameAsync(LoginOptions options, string? typed, SignInContext context, CancellationToken cancellationToken)
    {
        _ = await _login.RefuseUnreadableNameAsync(options, cancellationToken);
        await _audit.RefuseAsync(context, VerdictReason.UnknownUser, "deny", null, typed, FactorSet.None, "password change", cancellationToken);
        return new PasswordChangeResult.Refused(VerdictReason.UnknownUser);
    }

    /// <summary>True when the user's backend takes new passwords.</summary>
    public static bool CanChange(BackendChain chain, UserIdentity user) => chain.Find(user.Backend)?.Backend is IPasswordChanger;

    private static NewPasswordFault? FaultOf(PasswordChangeRequest request)
    {
        if (!request.New.FixedTimeEquals(request.Repeated))
        {
            return NewPasswordFault.Repeat;
        }

        var text = System.Text.Encoding.UTF8.GetString(request.New.Utf8);
        return text.Length is 0 or > MaxCharacters || request.New.Utf8.Length > Secret.MaxBytes ? NewPasswordFault.Length
            : text.Any(char.IsControl) ? NewPasswordFault.Characters
            : request.New.FixedTimeEquals(request.Login.Secret) ? NewPasswordFault.Same
            : null;
    }

    /// <summary>The old password is proven. From here on nobody hangs up half way: not under the browser's token.</summary>
    private async ValueTask<PasswordChangeResult> GoOnAsync(PasswordChangeRequest request, SignInContext context, UserIdentity user, bool mustChange)
    {
        if (request.DeviceOwner is { } owner && !DeviceOwner.Matches(user, owner))
        {
            await _audit.RefuseAsync(context, VerdictReason.IdentityMismatch, "deny", user, request.Login.Name.Text, FactorSet.Password, $"password change; certificate of {owner}", CancellationToken.None);
            return new PasswordChangeResult.Refused(VerdictReason.IdentityMismatch);
        }

        if (request.Own is { } own && own.User.Key != user.Key)
        {
            // A namesake of another backend: right for him, and nothing the person signed in may do.
            await _audit.RefuseAsync(context, VerdictReason.WrongPassword, "deny", user, request.Login.Name.Text, own.Proven, $"password change; the session is of {own.User.Key}", CancellationToken.None);
            return new PasswordChangeResult.Refused(VerdictReason.WrongPassword);
        }

        if (request.Own is null && !mustChange)
        {
            // The answer tells that the password is right, as a sign-in that owes a factor does: it is written down like one.
            await _audit.RefuseAsync(
                context, VerdictReason.FactorsMissing, "challenge", user, request.Login.Name.Text, FactorSet.Password, "password change; the password is right, a sign-in is owed first", CancellationToken.None);
            return new PasswordChangeResult.SignInFirst();
        }

        if (request.Login.Chain.Find(user.Backend)?.Backend is not ({ } backend and IPasswordChanger changer))
        {
            return await TellAsync(request, context, user, new PasswordChange.Refused("not-allowed", null));
        }

        try
        {
            return await AskAsync(backend, changer, request, context, user);
        }
        catch (StoreUnavailableException)
        {
            // Without a charge on record the directory was not asked.
            return new PasswordChangeResult.Unavailable(VerdictReason.StoreUnavailable);
        }
    }

    private async ValueTask<PasswordChangeResult> AskAsync(IBackend backend, IPasswordChanger changer, PasswordChangeRequest request, SignInContext context, UserIdentity user)
    {
        using var deadline = new CancellationTokenSource(request.Login.Options.ChainTimeout, _time);
        using var ledger = _login.OpenLedger(request.Login);
        var isTold = false;
        var counted = user;
        PasswordChange answer;
        try
        {
            await ledger.BeginAsync(deadline.Token);
            switch (await backend.FindAsync(request.Login.Name, deadline.Token))
            {
                case BackendLookup.Found found when found.Identity.Key == user.Key || found.Identity.Key == _guard.Counted.Of(user).Key:
                    counted = found.Identity;
                    if (await ledger.ChargeAsync(found, deadline.Token) != ChargeOutcome.Charged)
                    {
                        await _audit.RefuseAsync(
                            context, VerdictReason.AccountLocked, "deny", user, request.Login.Name.Text, FactorSet.Password, "password change; locked after the password was proven", CancellationToken.None);
                        return new PasswordChangeResult.Refused(VerdictReason.AccountLocked);
                    }

                    isTold = true;
                    answer = await changer.ChangePasswordAsync(found, request.Login.Secret, request.New, deadline.Token);
                    break;
                case BackendLookup.Unavailable:
                    return new PasswordChangeResult.Unavailable(VerdictReason.BackendUnavailable);
                default:
                    return await TellAsync(request, context, user, new PasswordChange.Refused("not-allowed", null));
            }
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            if (!isTold)
            {
                return new PasswordChangeResult.Unavailable(VerdictReason.BackendUnavailable);
            }

            answer = new PasswordChange.Unavailable("no answer in time");
        }

        if (answer is PasswordChange.WrongPassword)
        {
            // Changed elsewhere since it was proven a moment ago.
            foreach (var one in ledger.All)
            {
                _guard.Confirm(one.Key, one.Result);
            }

            await _audit.RefuseAsync(context, VerdictReason.WrongPassword, "deny", user, request.Login.Name.Text, FactorSet.None, "password change", CancellationToken.None);
            return new PasswordChangeResult.Refused(VerdictReason.WrongPassword);
        }

        await WithdrawAsync(ledger, counted, answer);
        return await TellAsync(request, context, user, answer);
    }

    private async ValueTask<PasswordChangeResult> TellAsync(PasswordChangeRequest request, SignInContext context, UserIdentity user, PasswordChange answer)
    {
        switch (answer)
        {
            case PasswordChange.Changed:
                await SettleAsync(request, context, user, Changed, "done", "every session ended");
                Log.Changed(_logger, user.Login, user.Backend);
                return new PasswordChangeResult.Changed(user);
            case PasswordChange.Refused refused:
                Log.NotTaken(_logger, user.Login, user.Backend, refused.Rule);
                await RecordAsync(request, context, user, NotChanged, "deny", refused.Text is null ? refused.Rule : $"{refused.Rule}: {refused.Text}");
                return new PasswordChangeResult.NotTaken(refused.Rule, refused.Text);
            case PasswordChange.Unavailable unavailable:
                // It may have changed: what was proven by the old one, and what was begun with it, is proven anew.
                await SettleAsync(request, context, user, NotChanged, "unavailable", $"no answer, so which password holds is not known; every session ended: {unavailable.Why}");
                return new PasswordChangeResult.Unsure();
            default:
                throw new InvalidOperationException("The backend gave no answer to a new password.");
        }
    }

    /// <summary>Whoever came in by the old password, perhaps a thief, is out; then it is written down.</summary>
    private async ValueTask SettleAsync(PasswordChangeRequest request, SignInContext context, UserIdentity user, string reason, string verdict, string detail)
    {
        _login.Forget(user.Key);
        try
        {
            await _sessions.EndAllOfAsync(user.Key, null, CancellationToken.None);
        }
        catch (StoreUnavailableException e)
        {
            // Over in this process; the store is told as soon as it can be.
            Log.NotKept(_logger, user.Login, e);
        }

        await RecordAsync(request, context, user, reason, verdict, detail);
    }

    private async ValueTask RecordAsync(PasswordChangeRequest request, SignInContext context, UserIdentity user, string reason, string verdict, string detail)
    {
        try
        {
            await _audit.RecordChangeAsync(context, AuditEvents.Password, reason, verdict, user, request.Own?.Proven ?? FactorSet.Password, detail, CancellationToken.None);
        }
        catch (StoreUnavailableException e)
        {
            // The directory has done it already; the charge before it was on record.
            Log.NotKept(_logger, user.Login, e);
        }
    }

    private static async ValueTask WithdrawAsync(LoginLedger ledger, UserIdentity user, PasswordChange answer)
    {
        try
        {
            await ledger.WithdrawAsync(user, answer is PasswordChange.Unavailable ? Withdrawal.Charge : Withdrawal.WithBudget, CancellationToken.None);
        }
        catch (StoreUnavailableException)
        {
            // One charge too many, which its window ends.
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.PasswordChanged, LogLevel.Information, "{User} of {Backend} has a new password; every session has ended.")]
        public static partial void Changed(ILogger logger, string user, string backend);

        [LoggerMessage(EventIds.PasswordChangeRefused, LogLevel.Information, "{Backend} did not take a new password of {User}: {Rule}.")]
        public static partial void NotTaken(ILogger logger, string user, string backend, string rule);

        [LoggerMessage(EventIds.PasswordChangeNotKept, LogLevel.Error, "The password change of {User} could not be written down in full.")]
        public static partial void NotKept(ILogger logger, string user, Exception exception);
    }
}
