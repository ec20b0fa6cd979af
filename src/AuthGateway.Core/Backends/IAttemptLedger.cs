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

    /// <summary>Takes the charge back: the backend did not judge the secret, or it was right.</summary>
    ValueTask WithdrawAsync(UserIdentity identity, CancellationToken cancellationToken);
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
