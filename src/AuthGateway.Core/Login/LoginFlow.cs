using System.Collections.Concurrent;
using System.Security.Cryptography;
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
    private const int JitterMilliseconds = 85;

    private readonly LockoutGuard _guard;
    private readonly TimeProvider _time;
    private readonly ILogger<LoginFlow> _logger;
    private readonly CredentialCache _cache;
    private readonly AuditLog? _audit;
    private readonly PendingChecks _pending = new();
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

        if (_guard.IsLocked(request.ClientAddress))
        {
            return HoldAsync(new LoginResult.Refused(VerdictReason.AddressLocked, null, ""), request.Options, begun, cancellationToken);
        }

        var key = _cache.KeyOf(request);
        if (!request.IsFresh && _cache.Find(key) is { } entry)
        {
            if (!_guard.IsLocked(entry.Account))
            {
                return new ValueTask<LoginResult>(entry.Result);
            }

            // Locked, unless somebody is at it this very moment who may be right: then the ledger knows how to wait.
            if (!_pending.IsRunning(entry.Account, out _))
            {
                _cache.Invalidate(entry.Identity.Key);
                return HoldAsync(new LoginResult.Refused(VerdictReason.AccountLocked, entry.Identity, "cached"), request.Options, begun, cancellationToken);
            }
        }

        return ProveNowAsync(request, key, begun, cancellationToken);
    }

    /// <summary>Refuses a name no backend could have (control characters, <c>*</c>, <c>#</c>), after the same wait as any other wrong login.</summary>
    public ValueTask<LoginResult> RefuseUnreadableNameAsync(LoginOptions options, CancellationToken cancellationToken) =>
        HoldAsync(new LoginResult.Refused(VerdictReason.UnknownUser, null, "the name has characters no login name has"), options, _time.GetTimestamp(), cancellationToken);

    /// <summary>
    /// Counts a secret that was judged elsewhere and found wrong (an app password, a right to act for another), and refuses as after any other wrong
    /// login. No backend is asked; a lock in force is told in place of the reason.
    /// </summary>
    /// <param name="request">What was sent.</param>
    /// <param name="known">Whose secret was guessed; null for a name nobody knows.</param>
    /// <param name="reason">The true reason.</param>
    /// <param name="detail">One line for audit and log, without secrets.</param>
    /// <param name="cancellationToken">Ends the waiting, not the counting.</param>
    public async ValueTask<LoginResult> RefuseGuessAsync(LoginRequest request, UserIdentity? known, VerdictReason reason, string detail, CancellationToken cancellationToken)
    {
        var begun = _time.GetTimestamp();
        var result = await CountGuessAsync(request, known, reason, detail);
        return result is LoginResult.Refused refused ? await HoldAsync(refused, request.Options, begun, cancellationToken) : result;
    }

    /// <summary>Forgets what is cached of a user (<see cref="UserIdentity.Key"/>): disabled, revoked, unlocked by hand, password changed.</summary>
    public void Forget(string identityKey)
    {
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

    /// <summary>Forgets everything cached, after a reload.</summary>
    public void ForgetAll()
    {
        _cache.Clear();
        Resolved.Clear();
    }

    private async ValueTask<LoginResult> ProveNowAsync(LoginRequest request, CredentialKey key, long begun, CancellationToken cancellationToken)
    {
        // Equal credentials from one address share one check: a phone opens several connections at once. Not from several
        // addresses, for each is charged for itself.
        var flightKey = new FlightKey(key, LockoutKey.ForAddress(request.ClientAddress));
        var mine = new TaskCompletionSource<LoginResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        var flight = _flights.GetOrAdd(flightKey, mine.Task);
        if (ReferenceEquals(flight, mine.Task))
        {
            _ = FlyAsync(request, flightKey, mine);
        }

        var result = await flight.WaitAsync(cancellationToken);
        return result is LoginResult.Refused refused ? await HoldAsync(refused, request.Options, begun, cancellationToken) : result;
    }

    /// <summary>
    /// Not under the token of whoever came first: others may wait too, and a client that hangs up on a directory slow to
    /// say no would guess without being counted.
    /// </summary>
    private async Task FlyAsync(LoginRequest request, FlightKey key, TaskCompletionSource<LoginResult> landing)
    {
        try
        {
            var result = await JudgeAsync(request, key);
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

    private async Task<LoginResult> JudgeAsync(LoginRequest request, FlightKey key)
    {
        // The flight before this one may have landed between our look into the cache and our taking off.
        if (!request.IsFresh && _cache.Find(key.Credentials) is { } entry && !_guard.IsLocked(entry.Account))
        {
            return entry.Result;
        }

        using var deadline = new CancellationTokenSource(request.Options.ChainTimeout, _time);
        try
        {
            if (await PatientCharge.ChargeAsync(_guard, _pending, key.Address, request.Lockout.Address, deadline.Token) is not { } address)
            {
                return Refuse(request, VerdictReason.AddressLocked, null, "");
            }

            try
            {
                return await JudgeAsync(request, key, address, deadline.Token);
            }
            finally
            {
                _pending.End(key.Address);
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

    private async ValueTask<LoginResult> CountGuessAsync(LoginRequest request, UserIdentity? known, VerdictReason reason, string detail)
    {
        using var deadline = new CancellationTokenSource(request.Options.ChainTimeout, _time);
        var address = LockoutKey.ForAddress(request.ClientAddress);
        var account = known is null ? LockoutKey.ForName(request.Name) : LockoutKey.ForUser(known);
        try
        {
            if (await _guard.ChargeAsync(address, request.Lockout.Address, deadline.Token) is not ChargeResult.Charged ofAddress)
            {
                return Refuse(request, VerdictReason.AddressLocked, known, detail);
            }

            await ConfirmAsync(request, address, ofAddress, null);
            if (await _guard.ChargeAsync(account, request.Lockout.Account, deadline.Token) is not ChargeResult.Charged ofAccount)
            {
                return Refuse(request, VerdictReason.AccountLocked, known, detail);
            }

            await ConfirmAsync(request, account, ofAccount, known);
            if (known is not null && ofAccount.ReachedLimit)
            {
                _cache.Invalidate(known.Key);
            }

            return Refuse(request, reason, known, detail);
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

    private async Task<LoginResult> JudgeAsync(LoginRequest request, FlightKey key, ChargeResult.Charged address, CancellationToken deadline)
    {
        var epoch = _cache.Epoch;
        using var ledger = new LoginLedger(_guard, request.Lockout.Account, _pending);
        ChainAnswer answer;
        try
        {
            answer = await request.Chain.VerifyAsync(request.Name, request.Secret, request.Scope, ledger, deadline);
        }
        catch
        {
            await WithdrawAddressAsync(request, key);
            throw;
        }

        switch (answer)
        {
            case ChainAnswer.Accepted accepted:
                return await AcceptAsync(request, key, accepted, ledger, epoch);
            case ChainAnswer.Rejected rejected:
                await ConfirmAsync(request, key, address, ledger);
                return Refuse(request, VerdictReason.WrongPassword, rejected.Identity, rejected.Told);
            case ChainAnswer.AccountState state:
                if (ledger.Standing.Count == 0)
                {
                    await WithdrawAddressAsync(request, key);
                }
                else
                {
                    await ConfirmAsync(request, key, address, ledger);
                }

                return Refuse(request, VerdictReason.AccountState, state.Identity, $"{state.State}: {state.Told}") with
                {
                    ProvenState = state.SecretProven ? state.State : null,
                    CanChangePassword = state.CanChangePassword,
                };
            case ChainAnswer.Locked locked:
                await ConfirmAsync(request, key, address, ledger);
                _cache.Invalidate(locked.Identity.Key);
                return Refuse(request, VerdictReason.AccountLocked, locked.Identity, locked.Told);
            case ChainAnswer.UnknownUser unknown:
                return await RefuseUnknownAsync(request, key, address, unknown, deadline);
            case ChainAnswer.Unavailable or ChainAnswer.Busy:
                if (ledger.Standing.Count == 0)
                {
                    await WithdrawAddressAsync(request, key);
                }
                else
                {
                    await ConfirmAsync(request, key, address, ledger); // decision 0004: judged is judged
                }

                return answer is ChainAnswer.Unavailable unavailable
                    ? Fail(request, VerdictReason.BackendUnavailable, unavailable.Why)
                    : Fail(request, VerdictReason.Busy, answer.Told);
            default:
                throw new InvalidOperationException("The chain gave no answer.");
        }
    }

    private async Task<LoginResult> AcceptAsync(LoginRequest request, FlightKey key, ChainAnswer.Accepted accepted, LoginLedger ledger, long epoch)
    {
        var charge = ledger.Standing[^1];
        await ledger.WithdrawAsync(charge.Identity, CancellationToken.None);
        await WithdrawAddressAsync(request, key);
        var slot = new CredentialSlot();
        if (!request.IsFresh)
        {
            _cache.Add(key.Credentials, accepted.Identity, charge.Key, slot, request.Options.CacheLifetime, epoch);
        }

        Log.Accepted(_logger, accepted.Identity.Login, accepted.Backend, request.Scope, accepted.Told);
        return new LoginResult.Proven(accepted.Identity, Attempt.Of(_guard, charge.Key, charge.Result.Failures > 1), FromCache: false, slot) { Notice = accepted.Notice };
    }

    private async Task<LoginResult> RefuseUnknownAsync(
        LoginRequest request, FlightKey key, ChargeResult.Charged address, ChainAnswer.UnknownUser unknown, CancellationToken deadline)
    {
        var name = LockoutKey.ForName(request.Name);
        if (await _guard.ChargeAsync(name, request.Lockout.Account, deadline) is not ChargeResult.Charged charge)
        {
            await ConfirmAsync(request, key.Address, address, null);
            return Refuse(request, VerdictReason.AccountLocked, null, unknown.Told);
        }

        if (!await request.Chain.VerifyDummyAsync(request.Secret, deadline))
        {
            await _guard.WithdrawAsync(name, request.Lockout.Account, CancellationToken.None);
            await WithdrawAddressAsync(request, key);
            return Fail(request, VerdictReason.Busy, unknown.Told);
        }

        await ConfirmAsync(request, name, charge, null);
        await ConfirmAsync(request, key.Address, address, null);
        return Refuse(request, VerdictReason.UnknownUser, null, unknown.Told);
    }

    /// <summary>The charges stay. Where one began a lock, what was proven before no longer holds.</summary>
    private async ValueTask ConfirmAsync(LoginRequest request, FlightKey key, ChargeResult.Charged address, LoginLedger ledger)
    {
        await ConfirmAsync(request, key.Address, address, null);
        foreach (var charge in ledger.Standing)
        {
            await ConfirmAsync(request, charge.Key, charge.Result, charge.Identity);
            if (charge.Result.ReachedLimit)
            {
                _cache.Invalidate(charge.Identity.Key);
            }
        }
    }

    private async ValueTask ConfirmAsync(LoginRequest request, LockoutKey key, ChargeResult.Charged charge, UserIdentity? identity)
    {
        _guard.Confirm(key, charge);
        if (!charge.ReachedLimit || _audit is null)
        {
            return;
        }

        var ofAddress = key.Equals(LockoutKey.ForAddress(request.ClientAddress));
        try
        {
            await _audit.RecordAsync(
                new AuditRecord
                {
                    At = _time.GetUtcNow(),
                    Event = AuditEvents.Lockout,
                    Reason = (ofAddress ? VerdictReason.AddressLocked : VerdictReason.AccountLocked).Code,
                    Verdict = "deny",
                    TypedName = identity?.Login ?? (ofAddress ? null : TypedNames.OfNobody(request.Name.Text)),
                    Identity = identity?.Key,
                    Address = request.ClientAddress.ToString(),
                    Service = request.Scope,
                    Detail = $"{charge.Failures} failures; locked until {charge.LockedUntil:u}",
                },
                CancellationToken.None);
        }
        catch (StoreUnavailableException)
        {
            // The lock itself is kept and in force; the audit log has said that it could not write.
        }
    }

    private ValueTask WithdrawAddressAsync(LoginRequest request, FlightKey key) =>
        _guard.WithdrawAsync(key.Address, request.Lockout.Address, CancellationToken.None);

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
    private async ValueTask<LoginResult> HoldAsync(LoginResult.Refused refused, LoginOptions options, long begun, CancellationToken cancellationToken)
    {
        if (options.FailureFloor > TimeSpan.Zero)
        {
            var floor = options.FailureFloor + TimeSpan.FromMilliseconds(RandomNumberGenerator.GetInt32(JitterMilliseconds + 1));
            var rest = floor - _time.GetElapsedTime(begun);
            if (rest > TimeSpan.Zero)
            {
                await Task.Delay(rest, _time, cancellationToken);
            }
        }

        return refused;
    }

    private readonly record struct FlightKey(CredentialKey Credentials, LockoutKey Address);

    private static partial class Log
    {
        [LoggerMessage(EventIds.LoginAccepted, LogLevel.Information, "{User} of {Backend} proved a password for {Scope} ({Trace}).")]
        public static partial void Accepted(ILogger logger, string user, string backend, string scope, string trace);

        [LoggerMessage(EventIds.LoginRefused, LogLevel.Information, "{User} was refused for {Scope}: {Reason} ({Detail}).")]
        public static partial void Refused(ILogger logger, string user, string scope, VerdictReason reason, string detail);

        [LoggerMessage(EventIds.LoginUnavailable, LogLevel.Warning, "A login for {Scope} could not be judged: {Reason} ({Detail}).")]
        public static partial void Unavailable(ILogger logger, string scope, VerdictReason reason, string detail);
    }
}
