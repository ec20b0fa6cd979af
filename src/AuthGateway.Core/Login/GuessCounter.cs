using AuthGateway.Core.Faults;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Lockout;
using AuthGateway.Core.Policies;

namespace AuthGateway.Core.Login;

/// <summary>
/// Counts secrets that were judged elsewhere and found wrong (an app password, a right to act for another) like any other guess: once, however often and from
/// however many devices they are sent. No backend is asked.
/// </summary>
internal sealed class GuessCounter(LockoutGuard guard, PendingChecks pending, SecretShield shield, CredentialCache cache, LoginFlights flights, LoginRecorder recorder, TimeProvider time)
{
    /// <summary>Counts a guess, and says what to answer; a lock in force is told in place of the reason. The answer is not held back yet.</summary>
    /// <param name="request">What was sent.</param>
    /// <param name="guess">Why it is wrong.</param>
    /// <param name="cancellationToken">Ends the waiting, not the counting.</param>
    public async ValueTask<LoginResult> CountAsync(LoginRequest request, Guess guess, CancellationToken cancellationToken)
    {
        var typed = SecretShield.RepeatKey.Of(request, cache.KeyOf(request), isElsewhere: true);
        return !request.IsFresh && shield.FindRepeat(typed) is { } seen
            ? recorder.Repeated(request, seen)
            : await flights.JoinAsync(LoginFlights.Key.Of(request, typed), () => CountNowAsync(request, typed, guess)).WaitAsync(cancellationToken);
    }

    private async Task<LoginResult> CountNowAsync(LoginRequest request, SecretShield.RepeatKey typed, Guess guess)
    {
        var epoch = shield.Epoch;
        if (!request.IsFresh && shield.FindRepeat(typed) is { } seen)
        {
            return recorder.Repeated(request, seen); // the flight before this one has just landed
        }

        using var deadline = new CancellationTokenSource(request.Options.ChainTimeout, time);
        using var ledger = new LoginLedger(guard, pending, shield, request, isRepeat: false);
        try
        {
            // A place first, and only then the lookup: whoever sends a thousand of these has ten of them looked up at once, and none once his address is locked.
            await ledger.BeginAsync(deadline.Token);
            if (guard.IsShutOut(request.ClientAddress, request.Lockout) && !pending.IsCharged(LockoutKey.ForAddress(request.ClientAddress).Text, out _))
            {
                return recorder.Refuse(request, VerdictReason.AddressLocked, null, guess.Detail);
            }

            // The lookup has an end of its own: one that hangs must not leave the guess uncounted.
            deadline.CancelAfter(Timeout.InfiniteTimeSpan);
            var known = await guess.Whose();
            deadline.CancelAfter(request.Options.ChainTimeout);
            var counted = known is null ? null : guard.Counted.Of(known);
            var place = counted is null ? null : await guard.Places.FindAsync(counted, request.Place, request.Lockout, deadline.Token);
            if (counted is null)
            {
                return await ChargeAsync(request, typed, guess, ledger, known, new CounterCharge(LockoutKey.ForName(request.Name), request.Lockout.Account), null, epoch, deadline.Token);
            }

            var account = place is { } familiar ? new CounterCharge(familiar, request.Lockout.Place) : new CounterCharge(LockoutKey.ForUser(counted), request.Lockout.Account);
            var secret = shield.KeyOf(counted, request.Secret, $"{guess.Reason.Code}/{request.ActsFor}");

            // One after the other: several devices that send the same wrong one at once are one guess.
            var lane = LoginLedger.LaneOf(secret);
            await pending.BeginAsync(lane, 1, deadline.Token);
            try
            {
                if (request.IsFresh || shield.FindSecret(secret, mark: null) is not { } refused)
                {
                    return await ChargeAsync(request, typed, guess, ledger, known, account, new NotedGuess(counted, secret, place is not null), epoch, deadline.Token);
                }

                // Another of her devices, as for a password that a backend has refused.
                var isOpen = place is not null || await ledger.ChargeAddressAsync(deadline.Token);
                await recorder.ConfirmAsync(request, ledger, known);
                shield.NoteElsewhere(typed, known, refused, SecretShield.LifetimeUnder(request.Lockout), epoch);
                return isOpen
                    ? recorder.Refuse(request, VerdictReason.RepeatedPassword, known, $"{LoginRecorder.Since(refused.Since)}; {guess.Detail}")
                    : recorder.Refuse(request, VerdictReason.AddressLocked, known, guess.Detail);
            }
            finally
            {
                pending.End(lane, wasCharged: false);
            }
        }
        catch (StoreUnavailableException e)
        {
            return recorder.Fail(request, VerdictReason.StoreUnavailable, e.Message);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            return recorder.Fail(request, VerdictReason.StoreUnavailable, "the attempt was not recorded in time");
        }
    }

    private async ValueTask<LoginResult> ChargeAsync(
        LoginRequest request, SecretShield.RepeatKey typed, Guess guess, LoginLedger ledger, UserIdentity? known, CounterCharge account, NotedGuess? note, long epoch, CancellationToken deadline)
    {
        if (!await ledger.ChargeAsync(account, deadline))
        {
            await recorder.ConfirmAsync(request, ledger, known);
            return recorder.Refuse(request, ledger.IsAddressLocked ? VerdictReason.AddressLocked : VerdictReason.AccountLocked, known, guess.Detail);
        }

        var noted = note is null ? null : shield.NoteSecret(note.Secret, note.Counted.Key, mark: null, SecretShield.LifetimeUnder(request.Lockout), epoch);
        if (noted is { IsAgain: true })
        {
            await ledger.ForgiveRepeatedGuessAsync(withAddress: note!.IsFamiliar);
        }

        await recorder.ConfirmAsync(request, ledger, known);
        shield.NoteElsewhere(typed, known, noted?.Refusal, SecretShield.LifetimeUnder(request.Lockout), epoch);
        return recorder.Refuse(request, guess.Reason, known, guess.Detail);
    }

    private sealed record NotedGuess(UserIdentity Counted, CredentialKey Secret, bool IsFamiliar);
}

/// <summary>A secret that was judged by others than the backends.</summary>
/// <param name="Whose">Looks up whose it would be, while the attempt has its place; null for a name nobody knows. Throws nothing.</param>
/// <param name="Reason">The true reason.</param>
/// <param name="Detail">One line for audit and log, without secrets.</param>
internal sealed record Guess(Func<ValueTask<UserIdentity?>> Whose, VerdictReason Reason, string Detail);
