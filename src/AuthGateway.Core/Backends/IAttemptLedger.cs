using AuthGateway.Core.Identities;

namespace AuthGateway.Core.Backends;

/// <summary>
/// Where the chain has attempts counted: after a backend found the user, so that every spelling of a name is one
/// account, and before that backend looks at the secret, so that parallel guesses cannot outrun the counter.
/// </summary>
public interface IAttemptLedger
{
    /// <summary>Charges one attempt. Only <see cref="ChargeOutcome.Charged"/> lets the backend look at the secret.</summary>
    ValueTask<ChargeOutcome> ChargeAsync(BackendLookup.Found user, CancellationToken cancellationToken);

    /// <summary>Takes the charge back: the backend did not judge the secret, or it was right. Nothing of other users in the same login.</summary>
    ValueTask WithdrawAsync(UserIdentity identity, Withdrawal what, CancellationToken cancellationToken);
}

/// <summary>How much of a charge is taken back.</summary>
public enum Withdrawal
{
    /// <summary>What the gateway counted. The user's directory may have counted it, so its budget keeps it.</summary>
    Charge,

    /// <summary>That and the budget: the directory was not asked, or it said yes.</summary>
    WithBudget,

    /// <summary>The same, but an address keeps it unless the user is known to come from there: nobody looked at the secret, and a stranger may go on for ever.</summary>
    NothingShown,
}

/// <summary>What became of an attempt that was to be charged.</summary>
public enum ChargeOutcome
{
    /// <summary>A lock is in force: of the account, or of the address.</summary>
    Locked,

    /// <summary>It is charged; the secret may be looked at.</summary>
    Charged,

    /// <summary>This very secret was refused a short while ago: it is wrong again, costs nothing and reaches no backend.</summary>
    KnownWrong,

    /// <summary>One more failure would bring the user near the lock of his directory: nothing is forwarded until the directory has forgotten some.</summary>
    BudgetSpent,
}
