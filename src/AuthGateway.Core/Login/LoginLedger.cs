using AuthGateway.Core.Backends;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Lockout;

namespace AuthGateway.Core.Login;

/// <summary>The account charges of one login: which still stand, and so were judged.</summary>
internal sealed class LoginLedger(LockoutGuard guard, LockoutRule rule) : IAttemptLedger
{
    private readonly List<Charge> _standing = new(1);

    public IReadOnlyList<Charge> Standing => _standing;

    public async ValueTask<bool> ChargeAsync(UserIdentity identity, CancellationToken cancellationToken)
    {
        var key = LockoutKey.ForUser(identity);
        if (await guard.ChargeAsync(key, rule, cancellationToken) is not ChargeResult.Charged charged)
        {
            return false;
        }

        _standing.Add(new Charge(identity, key, charged));
        return true;
    }

    public async ValueTask WithdrawAsync(UserIdentity identity, CancellationToken cancellationToken)
    {
        var at = _standing.FindIndex(charge => charge.Identity.Key == identity.Key);
        if (at >= 0)
        {
            var charge = _standing[at];
            _standing.RemoveAt(at);
            await guard.WithdrawAsync(charge.Key, rule, cancellationToken);
        }
    }

    public sealed record Charge(UserIdentity Identity, LockoutKey Key, ChargeResult.Charged Result);
}
