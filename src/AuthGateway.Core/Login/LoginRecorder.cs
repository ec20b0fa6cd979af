using AuthGateway.Core.Audit;
using AuthGateway.Core.Faults;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Lockout;
using AuthGateway.Core.Policies;
using AuthGateway.Core.Telemetry;
using Microsoft.Extensions.Logging;

namespace AuthGateway.Core.Login;

/// <summary>Says what became of a login: to the log, and to the audit where it left a lock.</summary>
/// <param name="guard">The counters.</param>
/// <param name="audit">Told of every lock that begins; null in tests that do not look there.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">The log.</param>
internal sealed partial class LoginRecorder(LockoutGuard guard, AuditLog? audit, TimeProvider time, ILogger logger)
{
    private readonly GuessedNames _guessed = new(time);

    public static string Since(DateTimeOffset since) => $"refused since {since:u}";

    public void Accepted(in LoginRequest request, UserIdentity user, string backend, string trace) => Log.Accepted(logger, user.Login, backend, request.Scope, trace);

    public LoginResult.Refused Repeated(in LoginRequest request, SecretShield.Repeat seen)
    {
        Log.Repeated(logger, seen.Known?.Login ?? "(unknown)", request.Scope, seen.Since);
        return new LoginResult.Refused(VerdictReason.RepeatedPassword, seen.Known, Since(seen.Since));
    }

    public LoginResult.Refused Refuse(in LoginRequest request, VerdictReason reason, UserIdentity? known, string detail)
    {
        // An unknown name is often a password typed into the wrong field: the log does not get it.
        Log.Refused(logger, known?.Login ?? "(unknown)", request.Scope, reason, detail);
        return new LoginResult.Refused(reason, known, detail);
    }

    public LoginResult.Unavailable Fail(in LoginRequest request, VerdictReason reason, string detail)
    {
        Log.Unavailable(logger, request.Scope, reason, detail);
        return new LoginResult.Unavailable(reason, detail);
    }

    /// <summary>The charges stay. Where one began a lock, it is written down.</summary>
    public async ValueTask ConfirmAsync(LoginRequest request, LoginLedger ledger, UserIdentity? known)
    {
        foreach (var counted in ledger.All)
        {
            guard.Confirm(counted.Key, counted.Result);
            var names = counted.Key.Kind == LockoutKind.Address ? _guessed.Note(counted.Key, request.Name, counted.Rule.WindowMs) : 1;
            if (counted.Result.ReachedLimit && audit is not null)
            {
                var identity = ledger.Standing.FirstOrDefault(charge => charge.Account == counted || counted.IsBudgetOf(charge.Identity))?.Identity ?? known;
                await RecordLockAsync(audit, request, counted, identity, names);
            }
        }
    }

    private async ValueTask RecordLockAsync(AuditLog audit, LoginRequest request, LoginLedger.Counted counted, UserIdentity? identity, int names)
    {
        var (kind, charge) = (counted.Key.Kind, counted.Result);
        var isAddress = kind == LockoutKind.Address;
        var reason = isAddress ? VerdictReason.AddressLocked : kind == LockoutKind.Budget ? VerdictReason.DirectoryBudget : VerdictReason.AccountLocked;
        var what = kind switch
        {
            LockoutKind.Place => "a familiar place; ",
            LockoutKind.Budget => "forwarded to the directory; ",
            _ => "",
        };
        var failures = names > 1 ? $"{charge.Failures} failures of {names} names" : $"{charge.Failures} failures";
        try
        {
            await audit.RecordAsync(
                new AuditRecord
                {
                    At = time.GetUtcNow(),
                    Event = GuessedNames.AreSpray(names, charge.Failures) ? AuditEvents.Spray : AuditEvents.Lockout,
                    Reason = reason.Code,
                    Verdict = charge.IsAdvisory ? "allow" : "deny",
                    TypedName = isAddress ? null : identity?.Login ?? TypedNames.OfNobody(request.Name.Text),
                    Identity = isAddress ? null : identity?.Key,
                    Contact = isAddress ? null : AuditContact.Of(identity),
                    Address = request.ClientAddress.ToString(),
                    Service = request.Scope,
                    Detail = charge.IsAdvisory
                        ? $"{what}{failures}; would be locked until {charge.LockedUntil:u}, but Lockout:Mode is log-only"
                        : $"{what}{failures}; locked until {charge.LockedUntil:u}",
                },
                CancellationToken.None);
        }
        catch (StoreUnavailableException)
        {
            // The lock itself is kept and in force; the audit log has said that it could not write.
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.LoginAccepted, LogLevel.Information, "{User} of {Backend} proved a password for {Scope} ({Trace}).")]
        public static partial void Accepted(ILogger logger, string user, string backend, string scope, string trace);

        [LoggerMessage(EventIds.LoginRefused, LogLevel.Information, "{User} was refused for {Scope}: {Reason} ({Detail}).")]
        public static partial void Refused(ILogger logger, string user, string scope, VerdictReason reason, string detail);

        [LoggerMessage(EventIds.PasswordRepeated, LogLevel.Debug, "{User} was refused for {Scope}: the same password again, refused since {Since}.")]
        public static partial void Repeated(ILogger logger, string user, string scope, DateTimeOffset since);

        [LoggerMessage(EventIds.LoginUnavailable, LogLevel.Warning, "A login for {Scope} could not be judged: {Reason} ({Detail}).")]
        public static partial void Unavailable(ILogger logger, string scope, VerdictReason reason, string detail);
    }
}
