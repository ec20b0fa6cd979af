using AuthGateway.Core.Backends;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Lockout;

namespace AuthGateway.Core.Login;

/// <summary>
/// The charges of one login: of its addresses, of every account whose secret a backend is to look at, and of what those directories would count. All that
/// belongs to one look is charged together or not at all. Has a place among the attempts of its address from <see cref="BeginAsync"/> until it is disposed of.
/// </summary>
/// <param name="guard">The counters.</param>
/// <param name="pending">Attempts under way in this process.</param>
/// <param name="shield">Secrets refused a short while ago.</param>
/// <param name="request">What was sent.</param>
/// <param name="isRepeat">True when these very credentials were refused and counted before: they are only looked into.</param>
internal sealed class LoginLedger(LockoutGuard guard, PendingChecks pending, SecretShield shield, LoginRequest request, bool isRepeat) : IAttemptLedger, IDisposable
{
    private readonly CounterCharge[] _ofAddress = AddressesOf(request);
    private readonly List<Charge> _charges = new(1);
    private readonly List<Charge> _standing = new(1);
    private readonly List<SecretShield.RefusedSecret> _known = [];
    private readonly List<Counted> _addresses = new(2);
    private readonly List<Counted> _budgets = new(2);
    private readonly List<Counted> _others = [];
    private bool _isBegun;

    /// <summary>Every look at the secret, those whose charge was taken back included.</summary>
    public IReadOnlyList<Charge> Charges => _charges;

    /// <summary>Charges of accounts that a backend judged, or may have.</summary>
    public IReadOnlyList<Charge> Standing => _standing;

    /// <summary>Refusals this login met again.</summary>
    public IReadOnlyList<SecretShield.RefusedSecret> Known => _known;

    /// <summary>Everything that stands charged.</summary>
    public IReadOnlyList<Counted> All => [.. _addresses, .. _standing.Select(charge => charge.Account), .. _others, .. _budgets];

    /// <summary>True when it was the address that was locked, not the account.</summary>
    public bool IsAddressLocked { get; private set; }

    /// <summary>True when what was locked was the counter of a familiar place.</summary>
    public bool IsPlaceLocked { get; private set; }

    /// <summary>Where looks at one secret of one user wait for each other.</summary>
    public static string LaneOf(CredentialKey secret) => $"secret:{secret.A:x16}{secret.B:x16}";

    /// <summary>Takes a place among the attempts of the address, of which only so many are under way at once.</summary>
    public async ValueTask BeginAsync(CancellationToken cancellationToken)
    {
        await pending.BeginAsync(_ofAddress[0].Key.Text, PatientCharge.MostAtOnce(_ofAddress[0].Rule), cancellationToken);
        _isBegun = true;
    }

    public async ValueTask<ChargeOutcome> ChargeAsync(BackendLookup.Found user, CancellationToken cancellationToken)
    {
        var secret = shield.KeyOf(user.Identity, request.Secret);

        // One look at one secret of a user at a time: what the first is told holds for all that wait.
        var lane = LaneOf(secret);
        await pending.BeginAsync(lane, 1, cancellationToken);
        var isCharged = false;
        try
        {
            var outcome = await ChargeAsync(user, secret, lane, cancellationToken);
            isCharged = outcome == ChargeOutcome.Charged;
            return outcome;
        }
        finally
        {
            if (!isCharged)
            {
                pending.End(lane, wasCharged: false);
            }
        }
    }

    /// <summary>Charges a guess no backend is asked about: at a name nobody knows, or at a secret that is judged elsewhere. False when it is locked.</summary>
    public async ValueTask<bool> ChargeAsync(CounterCharge account, CancellationToken cancellationToken)
    {
        var (charged, lockedAt, first) = await ChargeTogetherAsync([account], cancellationToken);
        if (charged is not null)
        {
            _others.Add(new Counted(account.Key, account.Rule, charged[0]));
            return true;
        }

        IsAddressLocked = lockedAt < first || !await ChargeAddressAsync(cancellationToken);
        return false;
    }

    /// <summary>Charges the address alone, once a login. False when it is locked.</summary>
    public async ValueTask<bool> ChargeAddressAsync(CancellationToken cancellationToken)
    {
        if (_addresses.Count > 0)
        {
            return true;
        }

        var outcome = await PatientCharge.ChargeAsync(guard, pending, _ofAddress, 1, cancellationToken);
        if (outcome.Charged is not { } charged)
        {
            IsAddressLocked = true;
            return false;
        }

        NoteAddresses(charged, _ofAddress.Length);
        return true;
    }

    public ValueTask WithdrawAsync(UserIdentity identity, Withdrawal what, CancellationToken cancellationToken) =>
        TakeBackAsync(identity, withBudget: what != Withdrawal.Charge, withStrangersAddress: what != Withdrawal.NothingShown);

    /// <summary>The secret was counted when it was refused for the first time. The directory has counted it again, and a stranger's address keeps it.</summary>
    public ValueTask ForgiveRepeatAsync(UserIdentity identity) => TakeBackAsync(identity, withBudget: false, withStrangersAddress: false);

    private async ValueTask TakeBackAsync(UserIdentity identity, bool withBudget, bool withStrangersAddress)
    {
        var at = _standing.FindIndex(charge => charge.Identity.Key == identity.Key);
        if (at < 0)
        {
            return;
        }

        var charge = _standing[at];
        _standing.RemoveAt(at);
        try
        {
            var isAll = _standing.Count == 0 && _known.Count == 0 && (withStrangersAddress || charge.Account.Key.Kind == LockoutKind.Place);
            await TakeBackAsync(
                [charge.Account, .. _budgets.Where(counted => withBudget && counted.IsBudgetOf(charge.Identity)), .. isAll ? _addresses : []]);
        }
        finally
        {
            // Not its lane: whoever waits with the same secret is to find what this login notes of it.
            pending.End(charge.Account.Key.Text, charge.Account.Result.IsCounted);
        }
    }

    /// <summary>
    /// A backend accepted: no charge of this login was a failure, and its directory has begun to count anew. Directories asked before it did refuse, or may have:
    /// their budgets keep what they were charged.
    /// </summary>
    public ValueTask SettleAsync(Charge accepted, CancellationToken cancellationToken)
    {
        var settlements = new List<CounterSettlement>();
        foreach (var counted in All.Where(counted => counted.Result.IsCounted && (counted.Key.Kind != LockoutKind.Budget || counted.IsBudgetOf(accepted.Identity))))
        {
            // Another bind of the user may be judged wrong after this one was judged right: then only our own charge goes.
            var clears = counted.IsBudgetOf(accepted.Identity) && !accepted.IsPerServer && pending.IsOnlyCharge(counted.Key.Text);
            settlements.Add(new CounterSettlement(counted.Key, counted.Rule, clears));
        }

        if (accepted is { Budget: { } budget, IsPerServer: false } && LockoutKey.ForStrangersBudget(accepted.Identity) is var strangers
            && !_budgets.Exists(counted => counted.Key.Equals(strangers)) && !pending.IsCharged(strangers.Text, out _))
        {
            settlements.Add(new CounterSettlement(strangers, budget.Strangers, Clears: true));
        }

        return guard.SettleAsync(settlements, cancellationToken);
    }

    /// <summary>A guess that was counted when it was refused for the first time, and that had ended. A stranger's address keeps it.</summary>
    public ValueTask ForgiveRepeatedGuessAsync(bool withAddress) => TakeBackAsync([.. _others, .. withAddress ? _addresses : []]);

    /// <summary>Takes back what was charged for a guess that could not be judged.</summary>
    public ValueTask WithdrawOthersAsync() => TakeBackAsync([.. _others, .. _addresses]);

    /// <summary>The login is judged: what stands now stays, and whoever waits for room may look again.</summary>
    public void Dispose()
    {
        foreach (var charge in _standing)
        {
            pending.End(charge.Account.Key.Text, charge.Account.Result.IsCounted);
        }

        foreach (var charge in _charges)
        {
            pending.End(charge.Lane, wasCharged: false);
        }

        foreach (var counted in _others.Concat(_budgets).Concat(_addresses.Skip(1)))
        {
            pending.End(counted.Key.Text, counted.Result.IsCounted);
        }

        if (_isBegun)
        {
            pending.End(_ofAddress[0].Key.Text, _addresses is [{ Result.IsCounted: true }, ..]);
        }

        _standing.Clear();
        _charges.Clear();
        _others.Clear();
        _budgets.Clear();
        _addresses.Clear();
        _isBegun = false;
    }

    private async ValueTask<ChargeOutcome> ChargeAsync(BackendLookup.Found user, CredentialKey secret, string lane, CancellationToken cancellationToken)
    {
        var place = await guard.Places.FindAsync(user.Identity, request.Place, request.Lockout, cancellationToken);
        if (KnownWrong(user, secret) is { } known)
        {
            _known.Add(known);
            return isRepeat || place is not null || await ChargeAddressAsync(cancellationToken) ? ChargeOutcome.KnownWrong : ChargeOutcome.Locked;
        }

        DirectoryBudget? budget = user.DirectoryLockout is { } lockout ? DirectoryBudget.Of(lockout.Threshold, lockout.ObservationWindow) : null;
        List<CounterCharge> charges =
            [place is { } familiar ? new CounterCharge(familiar, request.Lockout.Place) : new CounterCharge(LockoutKey.ForUser(user.Identity), request.Lockout.Account)];
        if (budget is { } limits)
        {
            charges.Add(new CounterCharge(LockoutKey.ForBudget(user.Identity), limits.Everybody));
            if (place is null)
            {
                // Nothing is kept back for familiar places of a user who has none: it would only keep her out after one slip, as on the first day of all.
                var share = guard.Places.HasAny(user.Identity, request.Lockout) ? limits.Strangers : limits.Everybody;
                charges.Add(new CounterCharge(LockoutKey.ForStrangersBudget(user.Identity), share));
            }
        }

        var (charged, lockedAt, first) = await ChargeTogetherAsync(charges, cancellationToken);
        if (charged is not null)
        {
            var look = new Charge(user.Identity, new Counted(charges[0].Key, charges[0].Rule, charged[0]), secret, lane, user.PasswordMark, budget, user.DirectoryLockout is { IsPerServer: true });
            _charges.Add(look);
            _standing.Add(look);
            _budgets.AddRange(charges.Skip(1).Select((charge, i) => new Counted(charge.Key, charge.Rule, charged[i + 1])));
            return ChargeOutcome.Charged;
        }

        IsAddressLocked = lockedAt < first;
        IsPlaceLocked = place is not null && lockedAt == first;
        var isBudget = lockedAt > first;
        if (!IsAddressLocked && !(isBudget && place is not null) && !shield.HasMetLock(secret, request.Lockout.Account.WindowMs))
        {
            // Nothing was looked at, yet whoever goes on like this is shut out; but not the owner where she is known, who is held back for her directory's sake,
            // and once for a secret: a phone that waits for the lock's end must not shut out everybody behind its address.
            await ChargeAddressAsync(cancellationToken);
        }

        return isBudget && !IsAddressLocked ? ChargeOutcome.BudgetSpent : ChargeOutcome.Locked;
    }

    /// <summary>Charges some counters, and with the first of a login those of its address.</summary>
    /// <returns>The charges of the counters; or null and which one of all is locked, counted with the addresses; and where the counters begin in that count.</returns>
    private async ValueTask<(ChargeResult.Charged[]? Charged, int LockedAt, int First)> ChargeTogetherAsync(List<CounterCharge> charges, CancellationToken cancellationToken)
    {
        var first = _addresses.Count == 0 ? _ofAddress.Length : 0;
        var outcome = await PatientCharge.ChargeAsync(guard, pending, [.. _ofAddress.Take(first), .. charges], first > 0 ? 1 : 0, cancellationToken);
        if (outcome.Charged is not { } charged)
        {
            return (null, outcome.LockedAt, first);
        }

        NoteAddresses(charged, first);
        return (charged[first..], -1, first);
    }

    private void NoteAddresses(ChargeResult.Charged[] charged, int count)
    {
        for (var i = 0; i < count; i++)
        {
            _addresses.Add(new Counted(_ofAddress[i].Key, _ofAddress[i].Rule, charged[i]));
        }
    }

    /// <summary>
    /// The refusal that answers this secret; null when the backend is to look. A person who types may have had the password changed to just this a moment ago, or
    /// have been refused for a reason the backend did not tell: it is asked now and then, as for any other guess.
    /// </summary>
    private SecretShield.RefusedSecret? KnownWrong(BackendLookup.Found user, CredentialKey secret) =>
        shield.FindSecret(secret, user.PasswordMark) is { } refusal
        && !(request.IsFresh && shield.IsWorthAsking(refusal, user.PasswordMark, request.Lockout.RepeatLookInterval))
            ? refusal
            : null;

    private async ValueTask TakeBackAsync(IReadOnlyList<Counted> counted)
    {
        try
        {
            await guard.SettleAsync(
                [.. counted.Where(one => one.Result.IsCounted).Select(one => new CounterSettlement(one.Key, one.Rule, Clears: false))], CancellationToken.None);
        }
        finally
        {
            // Only now, or whoever waits would look while the charge still stands.
            foreach (var one in counted)
            {
                var isAddress = _addresses.Remove(one);
                if (isAddress && one.Key.Equals(_ofAddress[0].Key))
                {
                    if (one.Result.IsCounted)
                    {
                        pending.Uncharge(one.Key.Text);
                    }
                }
                else if (isAddress || _budgets.Remove(one) || _others.Remove(one))
                {
                    pending.End(one.Key.Text, one.Result.IsCounted);
                }
            }
        }
    }

    private static CounterCharge[] AddressesOf(in LoginRequest request)
    {
        var narrow = new CounterCharge(LockoutKey.ForAddress(request.ClientAddress), request.Lockout.Address);
        return LockoutKey.ForWideAddress(request.ClientAddress) is { } wide ? [narrow, new CounterCharge(wide, request.Lockout.WideAddress)] : [narrow];
    }

    /// <summary>A counter that was charged.</summary>
    /// <param name="Key">Which.</param>
    /// <param name="Rule">Its numbers.</param>
    /// <param name="Result">What it said.</param>
    public sealed record Counted(LockoutKey Key, LockoutRule Rule, ChargeResult.Charged Result)
    {
        public bool IsBudgetOf(UserIdentity user) => Key.Equals(LockoutKey.ForBudget(user)) || Key.Equals(LockoutKey.ForStrangersBudget(user));
    }

    /// <summary>One look of a backend at the secret.</summary>
    /// <param name="Identity">Whose.</param>
    /// <param name="Account">The counter of the account, or of its familiar place.</param>
    /// <param name="Secret">Keyed hash of user and secret.</param>
    /// <param name="Lane">What keeps other looks at the same secret waiting.</param>
    /// <param name="Mark">Of the password looked at, or null.</param>
    /// <param name="Budget">What the directory bears, or null.</param>
    /// <param name="IsPerServer">True when its servers are asked in turn and may count each for itself.</param>
    public sealed record Charge(UserIdentity Identity, Counted Account, CredentialKey Secret, string Lane, string? Mark, DirectoryBudget? Budget, bool IsPerServer);
}
