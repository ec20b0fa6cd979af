using AuthGateway.Core.Audit;
using AuthGateway.Core.Backends;
using AuthGateway.Core.Faults;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Lockout;
using AuthGateway.Core.Login.SignOn;
using AuthGateway.Core.Policies;
using Microsoft.Extensions.Logging;

namespace AuthGateway.Core.Login;

/// <summary>From a name and a password to an identity: cache, counters, backends, in an order no caller can get wrong.</summary>
public sealed class LoginFlow
{
    private readonly LockoutGuard _guard;
    private readonly TimeProvider _time;
    private readonly CredentialCache _cache;
    private readonly PendingChecks _pending = new();
    private readonly SecretShield _shield;
    private readonly LoginFlights _flights = new();
    private readonly LoginRecorder _recorder;
    private readonly GuessCounter _guesses;

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
        _cache = cache;
        _shield = new SecretShield(timeProvider);
        _recorder = new LoginRecorder(guard, audit, timeProvider, logger);
        _guesses = new GuessCounter(guard, _pending, _shield, cache, _flights, _recorder, timeProvider);
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
                    return HoldAsync(_recorder.Repeated(request, seen), request.Options, begun, cancellationToken);
                }
            }
        }

        return ProveNowAsync(request, key, isLook, begun, cancellationToken);
    }

    /// <summary>Refuses a name no backend could have (control characters, <c>*</c>, <c>#</c>), after the same wait as any other wrong login.</summary>
    public ValueTask<LoginResult> RefuseUnreadableNameAsync(LoginOptions options, CancellationToken cancellationToken) =>
        HoldAsync(new LoginResult.Refused(VerdictReason.UnknownUser, null, "the name has characters no login name has"), options, _time.GetTimestamp(), cancellationToken);

    /// <summary>Counts a secret that was judged elsewhere and found wrong, and refuses as after any other wrong login.</summary>
    /// <param name="request">What was sent.</param>
    /// <param name="guess">Why it is wrong.</param>
    /// <param name="begun">When the request came: what was looked up since must not add to the wait.</param>
    /// <param name="cancellationToken">Ends the waiting, not the counting.</param>
    internal async ValueTask<LoginResult> RefuseGuessAsync(LoginRequest request, Guess guess, long begun, CancellationToken cancellationToken)
    {
        var result = await _guesses.CountAsync(request, guess, cancellationToken);
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
        var typed = SecretShield.RepeatKey.Of(request, credentials);
        var result = await _flights.JoinAsync(LoginFlights.Key.Of(request, typed), () => JudgeAsync(request, typed, isLook)).WaitAsync(cancellationToken);
        return result is LoginResult.Refused refused ? await HoldAsync(refused, request.Options, begun, cancellationToken) : result;
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
                return _recorder.Repeated(request, seen);
            }
        }

        using var deadline = new CancellationTokenSource(request.Options.ChainTimeout, _time);
        using var ledger = new LoginLedger(_guard, _pending, _shield, request, seen is not null);
        try
        {
            await ledger.BeginAsync(deadline.Token);
            return _guard.IsShutOut(request.ClientAddress, request.Lockout) && !_pending.IsCharged(LockoutKey.ForAddress(request.ClientAddress).Text, out _)
                ? _recorder.Refuse(request, VerdictReason.AddressLocked, null, "")
                : await JudgeAsync(request, typed, seen, ledger, deadline.Token);
        }
        catch (StoreUnavailableException e)
        {
            return _recorder.Fail(request, VerdictReason.StoreUnavailable, e.Message);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            return _recorder.Fail(request, VerdictReason.StoreUnavailable, "the attempt was not recorded in time");
        }
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
                return _recorder.Repeated(request, seen);
            case ChainAnswer.Rejected rejected:
                await _recorder.ConfirmAsync(request, ledger, rejected.Identity);
                if (!request.IsFresh && !rejected.Trace.Any(step => step.IsUncertain))
                {
                    _shield.NoteRepeat(typed, rejected.Identity, refusals, SecretShield.LifetimeUnder(request.Lockout), shieldEpoch);
                }

                var told = refusals.Count == 0 ? rejected.Told : $"{LoginRecorder.Since(refusals.Min(refusal => refusal.Since))}; {rejected.Told}";
                return ledger.Standing.Count == 0
                    ? _recorder.Refuse(request, VerdictReason.RepeatedPassword, rejected.Identity, told)
                    : _recorder.Refuse(request, VerdictReason.WrongPassword, rejected.Identity, rejected.Told);
            case ChainAnswer.AccountState state:
                if (state.SecretProven)
                {
                    _shield.Accept(_shield.KeyOf(state.Identity, request.Secret), typed);
                }

                await _recorder.ConfirmAsync(request, ledger, null);
                return _recorder.Refuse(request, VerdictReason.AccountState, state.Identity, $"{state.State}: {state.Told}") with
                {
                    ProvenState = state.SecretProven ? state.State : null,
                    CanChangePassword = state.CanChangePassword,
                };
            case ChainAnswer.Locked locked:
                await _recorder.ConfirmAsync(request, ledger, null);
                return ledger.IsAddressLocked ? _recorder.Refuse(request, VerdictReason.AddressLocked, locked.Identity, locked.Told)
                    : locked.OfDirectory ? _recorder.Refuse(request, VerdictReason.DirectoryBudget, locked.Identity, locked.Told)
                    : _recorder.Refuse(request, VerdictReason.AccountLocked, locked.Identity, ledger.IsPlaceLocked ? $"a familiar place; {locked.Told}" : locked.Told);
            case ChainAnswer.UnknownUser when seen is not null:
                return _recorder.Repeated(request, seen);
            case ChainAnswer.UnknownUser unknown:
                return await RefuseUnknownAsync(request, typed, unknown, ledger, shieldEpoch, deadline);
            case ChainAnswer.Unavailable or ChainAnswer.Busy when seen is not null && ledger.Standing.Count == 0:
                return _recorder.Repeated(request, seen);
            case ChainAnswer.Unavailable unavailable:
                await _recorder.ConfirmAsync(request, ledger, null); // decision 0004: judged is judged
                return _recorder.Fail(request, VerdictReason.BackendUnavailable, unavailable.Why);
            case ChainAnswer.Busy:
                await _recorder.ConfirmAsync(request, ledger, null);
                return _recorder.Fail(request, VerdictReason.Busy, answer.Told);
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

        _recorder.Accepted(request, accepted.Identity, accepted.Backend, accepted.Told);
        LockoutKey? clears = charge.Account.Result.HasEarlierFailures ? charge.Account.Key : null;
        return new LoginResult.Proven(accepted.Identity, new Attempt(_guard, charge.Identity, request.Place, request.Lockout, clears), FromCache: false, slot) { Notice = accepted.Notice };
    }

    private async Task<LoginResult> RefuseUnknownAsync(
        LoginRequest request, SecretShield.RepeatKey typed, ChainAnswer.UnknownUser unknown, LoginLedger ledger, long epoch, CancellationToken deadline)
    {
        if (!await ledger.ChargeAsync(new CounterCharge(LockoutKey.ForName(request.Name), request.Lockout.Account), deadline))
        {
            await _recorder.ConfirmAsync(request, ledger, null);
            return _recorder.Refuse(request, ledger.IsAddressLocked ? VerdictReason.AddressLocked : VerdictReason.AccountLocked, null, unknown.Told);
        }

        if (!await request.Chain.VerifyDummyAsync(request.Secret, deadline))
        {
            await ledger.WithdrawOthersAsync();
            return _recorder.Fail(request, VerdictReason.Busy, unknown.Told);
        }

        await _recorder.ConfirmAsync(request, ledger, null);
        if (!request.IsFresh)
        {
            _shield.NoteRepeat(typed, null, [], SecretShield.LifetimeUnder(request.Lockout), epoch);
        }

        return _recorder.Refuse(request, VerdictReason.UnknownUser, null, unknown.Told);
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

            var own = SecretShield.LifetimeUnder(request.Lockout);
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

    /// <summary>Holds a refusal back until its time, so that its time tells nothing about its reason.</summary>
    private ValueTask<LoginResult> HoldAsync(LoginResult.Refused refused, LoginOptions options, long begun, CancellationToken cancellationToken) =>
        FailureFloor.HoldAsync(refused, options, begun, _time, cancellationToken);
}
