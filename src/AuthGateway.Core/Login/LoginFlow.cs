using System.Collections.Concurrent;
using AuthGateway.Core.Audit;
using AuthGateway.Core.Backends;
using AuthGateway.Core.Faults;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Lockout;
using AuthGateway.Core.Login.SignOn;
using AuthGateway.Core.Policies;
using AuthGateway.Core.Telemetry;
using Microsoft.Extensions.Logging;

namespace AuthGateway.Core.Login;

/// <summary>From a name and a password to an identity: cache, counters, backends, in an order no caller can get wrong.</summary>
public sealed partial class LoginFlow
{
    private readonly LockoutGuard _guard;
    private readonly TimeProvider _time;
    private readonly ILogger<LoginFlow> _logger;
    private readonly CredentialCache _cache;
    private readonly AuditLog? _audit;
    private readonly PendingChecks _pending = new();
    private readonly SecretShield _shield;
    private readonly GuessedNames _guessed;
    private readonly ConcurrentDictionary<FlightKey, Task<LoginResult>> _flights = new();

    /// <summary>Starts with nothing cached.</summary>
    /// <param name="guard">The counters.</param>
    /// <param name="timeProvider">The clock.</param>
    /// <param name="logger">The log.</param>
    /// <param name="audit">Told of every lock that begins; null in tests that do not look there.</param>
    public LoginFlow(LockoutGuard guard, TimeProvider timeProvider, ILogger<LoginFlow> logger, AuditLog? audit = null)
        : this(guard, timeProvider, logger, new CredentialCache(timeProvider), audit)
    {
    }

    internal LoginFlow(LockoutGuard guard, TimeProvider timeProvider, ILogger<LoginFlow> logger, CredentialCache cache, AuditLog? audit = null)
    {
        _guard = guard;
        _time = timeProvider;
        _logger = logger;
        _cache = cache;
        _audit = audit;
        _shield = new SecretShield(timeProvider);
        _guessed = new GuessedNames(timeProvider);
        Resolved = new ResolvedNames(timeProvider);
    }

    /// <summary>What was proven without a password; kept here, so that whoever has a login forgotten has it forgotten too.</summary>
    internal ResolvedNames Resolved { get; }

    /// <summary>Proves a password, or says why not. A client that gives up stops waiting; a check that has begun is finished and counted.</summary>
    public ValueTask<LoginResult> ProveAsync(LoginRequest request, CancellationToken cancellationToken)
    {
        var begun = _time.GetTimestamp();
        if (request.Secret.IsEmpty)
        {
            return HoldAsync(new LoginResult.Refused(VerdictReason.EmptyPassword, null, ""), request.Options, begun, cancellationToken);
        }

        if (_guard.IsShutOut(request.ClientAddress, request.Lockout))
        {
            return HoldAsync(new LoginResult.Refused(VerdictReason.AddressLocked, null, ""), request.Options, begun, cancellationToken);
        }

        var key = _cache.KeyOf(request);
        var isLook = false;
        if (!request.IsFresh)
        {
            if (_cache.Find(key) is { } entry)
            {
                switch (StandingOf(entry, request))
                {
                    case true:
                        return new ValueTask<LoginResult>(entry.Result);
                    case false:
                        _cache.Remove(key);
                        return HoldAsync(new LoginResult.Refused(VerdictReason.AccountLocked, entry.Identity, "cached"), request.Options, begun, cancellationToken);
                    default:
                        break;
                }
            }
            else if (_shield.FindRepeat(SecretShield.RepeatKey.Of(request, key)) is { } seen)
            {
                isLook = _shield.IsDue(seen, request.Lockout.RepeatLookInterval);
                if (!isLook)
                {
                    return HoldAsync(Repeated(request, seen), request.Options, begun, cancellationToken);
                }
            }
        }

        return ProveNowAsync(request, key, isLook, begun, cancellationToken);
    }

    /// <summary>Refuses a name no backend could have (control characters, <c>*</c>, <c>#</c>), after the same wait as any other wrong login.</summary>
    public ValueTask<LoginResult> RefuseUnreadableNameAsync(LoginOptions options, CancellationToken cancellationToken) =>
        HoldAsync(new LoginResult.Refused(VerdictReason.UnknownUser, null, "the name has characters no login name has"), options, _time.GetTimestamp(), cancellationToken);

    /// <summary>
    /// Counts a secret that was judged elsewhere and found wrong (an app password, a right to act for another), and refuses as after any other wrong
    /// login. No backend is asked; a lock in force is told in place of the reason.
    /// </summary>
    /// <param name="request">What was sent.</param>
    /// <param name="guess">Why it is wrong.</param>
    /// <param name="begun">When the request came: what was looked up since must not add to the wait.</param>
    /// <param name="cancellationToken">Ends the waiting, not the counting.</param>
    internal async ValueTask<LoginResult> RefuseGuessAsync(LoginRequest request, Guess guess, long begun, CancellationToken cancellationToken)
    {
        var typed = SecretShield.RepeatKey.Of(request, _cache.KeyOf(request), isElsewhere: true);
        if (!request.IsFresh && _shield.FindRepeat(typed) is { } seen)
        {
            return await HoldAsync(Repeated(request, seen), request.Options, begun, cancellationToken);
        }

        var result = await FlyTogetherAsync(new FlightKey(typed, LockoutKey.ForAddress(request.ClientAddress), request.IsFresh), () => CountGuessAsync(request, typed, guess)).WaitAsync(cancellationToken);
        return result is LoginResult.Refused refused ? await HoldAsync(refused, request.Options, begun, cancellationToken) : result;
    }

    /// <summary>Forgets what is cached of a user (<see cref="UserIdentity.Key"/>): disabled, revoked, unlocked by hand, password changed.</summary>
    public void Forget(string identityKey)
    {
        _shield.Forget(identityKey);
        if (_guard.Counted.Find(identityKey) is { } counted)
        {
            _shield.Forget(counted.Key);
        }

        _cache.Invalidate(identityKey);
        Resolved.Invalidate(identityKey);
    }

    /// <summary>Forgets what is cached of a user unless it says the same as what is known of him now.</summary>
    internal void ForgetOthersOf(UserIdentity identity)
    {
        _cache.InvalidateOthersOf(identity);
        Resolved.InvalidateOthersOf(identity);
    }

    /// <summary>Users who are let in by a cached credential or a name proven a short while ago, each as often as there are some.</summary>
    internal IEnumerable<UserIdentity> CachedUsers() => _cache.Users().Concat(Resolved.Users());

    /// <summary>Forgets which secrets were refused: an administrator has cleared counters, and tells somebody to try again.</summary>
    public void ForgetRefusals() => _shield.Clear();

    /// <summary>The charges of a look at a secret beside a login: where a backend is shown one once more.</summary>
    internal LoginLedger OpenLedger(in LoginRequest request) => new(_guard, _pending, _shield, request, isRepeat: false);

    /// <summary>Forgets everything cached, after a reload.</summary>
    public void ForgetAll()
    {
        _shield.Clear();
        _cache.Clear();
        Resolved.Clear();
    }

    /// <summary>Whether a cached proof may be used: not where the counter its place is judged by is locked. Null when it takes a closer look to say.</summary>
    private bool? StandingOf(CredentialCache.Entry entry, in LoginRequest request)
    {
        if (!request.Lockout.Enforces || (!_guard.IsLocked(entry.Account) && !_guard.HasLockedPlaces))
        {
            return true;
        }

        if (!_guard.Places.TryFind(entry.Counted, request.Place, request.Lockout, out var place))
        {
            return null;
        }

        // Locked, unless somebody is at it this very moment who may be right: then the ledger knows how to wait.
        var counter = place ?? entry.Account;
        return !_guard.IsLocked(counter) ? true : _pending.IsCharged(counter.Text, out _) ? null : false;
    }

    private async ValueTask<LoginResult> ProveNowAsync(LoginRequest request, CredentialKey credentials, bool isLook, long begun, CancellationToken cancellationToken)
    {
        // Equal credentials from one address share one check: a phone opens several connections at once. Not from several
        // addresses, for each is charged for itself.
        var flightKey = new FlightKey(SecretShield.RepeatKey.Of(request, credentials), LockoutKey.ForAddress(request.ClientAddress), request.IsFresh);
        var result = await FlyTogetherAsync(flightKey, () => JudgeAsync(request, flightKey.Typed, isLook)).WaitAsync(cancellationToken);
        return result is LoginResult.Refused refused ? await HoldAsync(refused, request.Options, begun, cancellationToken) : result;
    }

    private Task<LoginResult> FlyTogetherAsync(FlightKey key, Func<Task<LoginResult>> judge)
    {
        var mine = new TaskCompletionSource<LoginResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        var flight = _flights.GetOrAdd(key, mine.Task);
        if (ReferenceEquals(flight, mine.Task))
        {
            _ = FlyAsync(key, judge, mine);
        }

        return flight;
    }

    /// <summary>
    /// Not under the token of whoever came first: others may wait too, and a client that hangs up on a directory slow to
    /// say no would guess without being counted.
    /// </summary>
    private async Task FlyAsync(FlightKey key, Func<Task<LoginResult>> judge, TaskCompletionSource<LoginResult> landing)
    {
        try
        {
            var result = await judge();
            _flights.TryRemove(key, out _);
            landing.SetResult(result);
        }
        catch (Exception e)
        {
            _flights.TryRemove(key, out _);
            landing.SetException(e);
            _ = landing.Task.Exception; // observed, should everybody have hung up
        }
    }

    private async Task<LoginResult> JudgeAsync(LoginRequest request, SecretShield.RepeatKey typed, bool isLook)
    {
        SecretShield.Repeat? seen = null;
        if (!request.IsFresh)
        {
            // The flight before this one may have landed between our look into the memories and our taking off.
            if (_cache.Find(typed.Credentials) is { } entry && StandingOf(entry, request) == true)
            {
                return entry.Result;
            }

            seen = _shield.FindRepeat(typed);
            if (seen is not null && !isLook)
            {
                return Repeated(request, seen);
            }
        }

        using var deadline = new CancellationTokenSource(request.Options.ChainTimeout, _time);
        using var ledger = new LoginLedger(_guard, _pending, _shield, request, seen is not null);
        try
        {
            await ledger.BeginAsync(deadline.Token);
            return _guard.IsShutOut(request.ClientAddress, request.Lockout) && !_pending.IsCharged(LockoutKey.ForAddress(request.ClientAddress).Text, out _)
                ? Refuse(request, VerdictReason.AddressLocked, null, "")
                : await JudgeAsync(request, typed, seen, ledger, deadline.Token);
        }
        catch (StoreUnavailableException e)
        {
            return Fail(request, VerdictReason.StoreUnavailable, e.Message);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            return Fail(request, VerdictReason.StoreUnavailable, "the attempt was not recorded in time");
        }
    }

    private async Task<LoginResult> CountGuessAsync(LoginRequest request, SecretShield.RepeatKey typed, Guess guess)
    {
        var epoch = _shield.Epoch;
        if (!request.IsFresh && _shield.FindRepeat(typed) is { } seen)
        {
            return Repeated(request, seen); // the flight before this one has just landed
        }

        using var deadline = new CancellationTokenSource(request.Options.ChainTimeout, _time);
        using var ledger = OpenLedger(request);
        try
        {
            // A place first, and only then the lookup: whoever sends a thousand of these has ten of them looked up at once, and none once his address is locked.
            await ledger.BeginAsync(deadline.Token);
            if (_guard.IsShutOut(request.ClientAddress, request.Lockout) && !_pending.IsCharged(LockoutKey.ForAddress(request.ClientAddress).Text, out _))
            {
                return Refuse(request, VerdictReason.AddressLocked, null, guess.Detail);
            }

            // The lookup has an end of its own: one that hangs must not leave the guess uncounted.
            deadline.CancelAfter(Timeout.InfiniteTimeSpan);
            var known = await guess.Whose();
            deadline.CancelAfter(request.Options.ChainTimeout);
            var counted = known is null ? null : _guard.Counted.Of(known);
            var place = counted is null ? null : await _guard.Places.FindAsync(counted, request.Place, request.Lockout, deadline.Token);
            if (counted is null)
            {
                return await CountGuessAsync(request, typed, guess, ledger, known, new CounterCharge(LockoutKey.ForName(request.Name), request.Lockout.Account), null, epoch, deadline.Token);
            }

            var account = place is { } familiar ? new CounterCharge(familiar, request.Lockout.Place) : new CounterCharge(LockoutKey.ForUser(counted), request.Lockout.Account);
            var secret = _shield.KeyOf(counted, request.Secret, $"{guess.Reason.Code}/{request.ActsFor}");

            // One after the other: several devices that send the same wrong one at once are one guess.
            var lane = LoginLedger.LaneOf(secret);
            await _pending.BeginAsync(lane, 1, deadline.Token);
            try
            {
                if (request.IsFresh || _shield.FindSecret(secret, mark: null) is not { } refused)
                {
                    return await CountGuessAsync(request, typed, guess, ledger, known, account, new NotedGuess(counted, secret, place is not null), epoch, deadline.Token);
                }

                // Another of her devices, as for a password that a backend has refused.
                var isOpen = place is not null || await ledger.ChargeAddressAsync(deadline.Token);
                await ConfirmAsync(request, ledger, known);
                _shield.NoteElsewhere(typed, known, refused, LifetimeOf(request.Lockout), epoch);
                return Refuse(request, isOpen ? VerdictReason.RepeatedPassword : VerdictReason.AddressLocked, known, isOpen ? $"{Since(refused.Since)}; {guess.Detail}" : guess.Detail);
            }
            finally
            {
                _pending.End(lane, wasCharged: false);
            }
        }
        catch (StoreUnavailableException e)
        {
            return Fail(request, VerdictReason.StoreUnavailable, e.Message);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            return Fail(request, VerdictReason.StoreUnavailable, "the attempt was not recorded in time");
        }
    }

    private async ValueTask<LoginResult> CountGuessAsync(
        LoginRequest request, SecretShield.RepeatKey typed, Guess guess, LoginLedger ledger, UserIdentity? known, CounterCharge account, NotedGuess? note, long epoch, CancellationToken deadline)
    {
        if (!await ledger.ChargeAsync(account, deadline))
        {
            await ConfirmAsync(request, ledger, known);
            return Refuse(request, ledger.IsAddressLocked ? VerdictReason.AddressLocked : VerdictReason.AccountLocked, known, guess.Detail);
        }

        var noted = note is null ? null : _shield.NoteSecret(note.Secret, note.Counted.Key, mark: null, LifetimeOf(request.Lockout), epoch);
        if (noted is { IsAgain: true })
        {
            await ledger.ForgiveRepeatedGuessAsync(withAddress: note!.IsFamiliar);
        }

        await ConfirmAsync(request, ledger, known);
        _shield.NoteElsewhere(typed, known, noted?.Refusal, LifetimeOf(request.Lockout), epoch);
        return Refuse(request, guess.Reason, known, guess.Detail);
    }

    private async Task<LoginResult> JudgeAsync(
        LoginRequest request, SecretShield.RepeatKey typed, SecretShield.Repeat? seen, LoginLedger ledger, CancellationToken deadline)
    {
        var (epoch, shieldEpoch) = (_cache.Epoch, _shield.Epoch);
        var answer = await request.Chain.VerifyAsync(request.Name, request.Secret, request.Scope, ledger, deadline);
        var refusals = await NoteRefusalsAsync(request, answer, ledger, shieldEpoch);
        switch (answer)
        {
            case ChainAnswer.Accepted accepted:
                return await AcceptAsync(request, typed, accepted, ledger, epoch);
            case ChainAnswer.Rejected when seen is not null && ledger.Standing.Count == 0:
                return Repeated(request, seen);
            case ChainAnswer.Rejected rejected:
                await ConfirmAsync(request, ledger, rejected.Identity);
                if (!request.IsFresh && !rejected.Trace.Any(step => step.IsUncertain))
                {
                    _shield.NoteRepeat(typed, rejected.Identity, refusals, LifetimeOf(request.Lockout), shieldEpoch);
                }

                return ledger.Standing.Count == 0
                    ? Refuse(request, VerdictReason.RepeatedPassword, rejected.Identity, refusals.Count == 0 ? rejected.Told : $"{Since(refusals.Min(refusal => refusal.Since))}; {rejected.Told}")
                    : Refuse(request, VerdictReason.WrongPassword, rejected.Identity, rejected.Told);
            case ChainAnswer.AccountState state:
                if (state.SecretProven)
                {
                    _shield.Accept(_shield.KeyOf(state.Identity, request.Secret), typed);
                }

                await ConfirmAsync(request, ledger, null);
                return Refuse(request, VerdictReason.AccountState, state.Identity, $"{state.State}: {state.Told}") with
                {
                    ProvenState = state.SecretProven ? state.State : null,
                    CanChangePassword = state.CanChangePassword,
                };
            case ChainAnswer.Locked locked:
                await ConfirmAsync(request, ledger, null);
                return ledger.IsAddressLocked ? Refuse(request, VerdictReason.AddressLocked, locked.Identity, locked.Told)
                    : locked.OfDirectory ? Refuse(request, VerdictReason.DirectoryBudget, locked.Identity, locked.Told)
                    : Refuse(request, VerdictReason.AccountLocked, locked.Identity, ledger.IsPlaceLocked ? $"a familiar place; {locked.Told}" : locked.Told);
            case ChainAnswer.UnknownUser when seen is not null:
                return Repeated(request, seen);
            case ChainAnswer.UnknownUser unknown:
                return await RefuseUnknownAsync(request, typed, unknown, ledger, shieldEpoch, deadline);
            case ChainAnswer.Unavailable or ChainAnswer.Busy when seen is not null && ledger.Standing.Count == 0:
                return Repeated(request, seen);
            case ChainAnswer.Unavailable unavailable:
                await ConfirmAsync(request, ledger, null); // decision 0004: judged is judged
                return Fail(request, VerdictReason.BackendUnavailable, unavailable.Why);
            case ChainAnswer.Busy:
                await ConfirmAsync(request, ledger, null);
                return Fail(request, VerdictReason.Busy, answer.Told);
            default:
                throw new InvalidOperationException("The chain gave no answer.");
        }
    }

    private async Task<LoginResult> AcceptAsync(LoginRequest request, SecretShield.RepeatKey typed, ChainAnswer.Accepted accepted, LoginLedger ledger, long epoch)
    {
        var charge = ledger.Standing[^1];
        _shield.Accept(charge.Secret, typed);
        _guard.Counted.Note(accepted.Identity, charge.Identity);
        (epoch, var endsOthers) = _cache.Accept(accepted.Identity.Key, charge.Secret, charge.Mark, epoch);
        if (endsOthers)
        {
            // What else was given out upon the old password ends with it.
            Resolved.Invalidate(accepted.Identity.Key);
        }

        await ledger.SettleAsync(charge, CancellationToken.None);
        var slot = new CredentialSlot();
        if (!request.IsFresh)
        {
            _cache.Add(typed.Credentials, accepted.Identity, charge.Identity, slot, request.Options.CacheLifetime, epoch);
        }

        Log.Accepted(_logger, accepted.Identity.Login, accepted.Backend, request.Scope, accepted.Told);
        LockoutKey? clears = charge.Account.Result.HasEarlierFailures ? charge.Account.Key : null;
        return new LoginResult.Proven(accepted.Identity, new Attempt(_guard, charge.Identity, request.Place, request.Lockout, clears), FromCache: false, slot) { Notice = accepted.Notice };
    }

    private async Task<LoginResult> RefuseUnknownAsync(
        LoginRequest request, SecretShield.RepeatKey typed, ChainAnswer.UnknownUser unknown, LoginLedger ledger, long epoch, CancellationToken deadline)
    {
        if (!await ledger.ChargeAsync(new CounterCharge(LockoutKey.ForName(request.Name), request.Lockout.Account), deadline))
        {
            await ConfirmAsync(request, ledger, null);
            return Refuse(request, ledger.IsAddressLocked ? VerdictReason.AddressLocked : VerdictReason.AccountLocked, null, unknown.Told);
        }

        if (!await request.Chain.VerifyDummyAsync(request.Secret, deadline))
        {
            await ledger.WithdrawOthersAsync();
            return Fail(request, VerdictReason.Busy, unknown.Told);
        }

        await ConfirmAsync(request, ledger, null);
        if (!request.IsFresh)
        {
            _shield.NoteRepeat(typed, null, [], LifetimeOf(request.Lockout), epoch);
        }

        return Refuse(request, VerdictReason.UnknownUser, null, unknown.Told);
    }

    /// <summary>
    /// Remembers what backends refused, also where a later one accepted; returns that, with what was known to be refused before. Nothing else than a plain no
    /// enters. A secret whose refusal had ended is no new guess: a phone left at home with an old password does not count up to a lock for good. What the
    /// directory counted stays.
    /// </summary>
    private async ValueTask<List<SecretShield.RefusedSecret>> NoteRefusalsAsync(LoginRequest request, ChainAnswer answer, LoginLedger ledger, long epoch)
    {
        List<SecretShield.RefusedSecret> refusals = [.. ledger.Known];
        foreach (var charge in ledger.Charges)
        {
            if (!answer.Trace.Any(step => step.Backend == charge.Identity.Backend && step is { Answer: ChainWords.Rejected, IsUncertain: false }))
            {
                continue;
            }

            var own = LifetimeOf(request.Lockout);
            var lifetime = charge.Budget is { } budget && budget.Memory > own ? budget.Memory : own;
            if (_shield.NoteSecret(charge.Secret, charge.Identity.Key, charge.Mark, lifetime, epoch) is not { } noted)
            {
                continue;
            }

            var (refusal, isAgain) = noted;
            refusals.Add(refusal);
            if (isAgain)
            {
                await ledger.ForgiveRepeatAsync(charge.Identity);
            }
        }

        return refusals;
    }

    private static TimeSpan LifetimeOf(LockoutPolicy policy) => TimeSpan.FromMilliseconds(policy.Account.WindowMs);

    private static string Since(DateTimeOffset since) => $"refused since {since:u}";

    /// <summary>The charges stay. Where one began a lock, it is written down.</summary>
    private async ValueTask ConfirmAsync(LoginRequest request, LoginLedger ledger, UserIdentity? known)
    {
        foreach (var counted in ledger.All)
        {
            _guard.Confirm(counted.Key, counted.Result);
            var names = counted.Key.Kind == LockoutKind.Address ? _guessed.Note(counted.Key, request.Name, counted.Rule.WindowMs) : 1;
            if (counted.Result.ReachedLimit && _audit is not null)
            {
                var identity = ledger.Standing.FirstOrDefault(charge => charge.Account == counted || counted.IsBudgetOf(charge.Identity))?.Identity ?? known;
                await RecordLockAsync(_audit, request, counted, identity, names);
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
                    At = _time.GetUtcNow(),
                    Event = GuessedNames.AreSpray(names, charge.Failures) ? AuditEvents.Spray : AuditEvents.Lockout,
                    Reason = reason.Code,
                    Verdict = charge.IsAdvisory ? "allow" : "deny",
                    TypedName = isAddress ? null : identity?.Login ?? TypedNames.OfNobody(request.Name.Text),
                    Identity = isAddress ? null : identity?.Key,
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

    private LoginResult.Refused Repeated(in LoginRequest request, SecretShield.Repeat seen)
    {
        Log.Repeated(_logger, seen.Known?.Login ?? "(unknown)", request.Scope, seen.Since);
        return new LoginResult.Refused(VerdictReason.RepeatedPassword, seen.Known, Since(seen.Since));
    }

    private LoginResult.Refused Refuse(LoginRequest request, VerdictReason reason, UserIdentity? known, string detail)
    {
        // An unknown name is often a password typed into the wrong field: the log does not get it.
        Log.Refused(_logger, known?.Login ?? "(unknown)", request.Scope, reason, detail);
        return new LoginResult.Refused(reason, known, detail);
    }

    private LoginResult.Unavailable Fail(LoginRequest request, VerdictReason reason, string detail)
    {
        Log.Unavailable(_logger, request.Scope, reason, detail);
        return new LoginResult.Unavailable(reason, detail);
    }

    /// <summary>Holds a refusal back until its time, so that its time tells nothing about its reason.</summary>
    private ValueTask<LoginResult> HoldAsync(LoginResult.Refused refused, LoginOptions options, long begun, CancellationToken cancellationToken) =>
        FailureFloor.HoldAsync(refused, options, begun, _time, cancellationToken);

    /// <summary>A secret that was judged by others than the backends.</summary>
    /// <param name="Whose">Looks up whose it would be, while the attempt has its place; null for a name nobody knows. Throws nothing.</param>
    /// <param name="Reason">The true reason.</param>
    /// <param name="Detail">One line for audit and log, without secrets.</param>
    internal sealed record Guess(Func<ValueTask<UserIdentity?>> Whose, VerdictReason Reason, string Detail);

    private sealed record NotedGuess(UserIdentity Counted, CredentialKey Secret, bool IsFamiliar);

    private readonly record struct FlightKey(SecretShield.RepeatKey Typed, LockoutKey Address, bool IsFresh);

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
