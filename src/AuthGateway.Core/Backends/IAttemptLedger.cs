using AuthGateway.Core.Identities;

namespace AuthGateway.Core.Backends;

/// <summary>
/// Where the chain has attempts counted: after a backend found the user, so that every spelling of a name is one
/// account, and before that backend looks at the secret, so that parallel guesses cannot outrun the counter.
/// </summary>
public interface IAttemptLedger
{
    /// <summary>Charges one attempt; false when the account is locked, and then the secret must not be looked at.</summary>
    ValueTask<bool> ChargeAsync(UserIdentity identity, CancellationToken cancellationToken);

    /// <summary>Takes the charge back: the backend did not judge the secret, or it was right.</summary>
    ValueTask WithdrawAsync(UserIdentity identity, CancellationToken cancellationToken);
}
