using AuthGateway.Core.Backends;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Lockout;

namespace AuthGateway.Core.Login;

/// <summary>The account charges of one login: which still stand, and so were judged.</summary>
internal sealed class LoginLedger(LockoutGuard guard, LockoutRule rule, PendingChecks pending) : IAttemptLedger, IDisposable
{
    private readonly List<Charge> _standing = new(1);

    public IReadOnlyList<Charge> Standing => _standing;

    public async ValueTask<ChargeOutcome> ChargeAsync(BackendLookup.Found user, CancellationToken cancellationToken)
    {
        var key = LockoutKey.ForUser(user.Identity);
        if (await PatientCharge.ChargeAsync(guard, pending, key, rule, cancellationToken) is not { } charged)
        {
            return ChargeOutcome.Locked;
        }

        _standing.Add(new Charge(user.Identity, key, charged));
        return ChargeOutcome.Charged;
    }

    public async ValueTask WithdrawAsync(UserIdentity identity, CancellationToken cancellationToken)
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
            await guard.WithdrawAsync(charge.Key, rule, cancellationToken);
        }
        finally
        {
            pending.End(charge.Key);
        }
    }

    /// <summary>The login is judged: what stands now stays, and whoever waits for room may look again.</summary>
    public void Dispose()
    {
        foreach (var charge in _standing)
        {
            pending.End(charge.Key);
        }

        _standing.Clear();
    }

    public sealed record Charge(UserIdentity Identity, LockoutKey Key, ChargeResult.Charged Result);
}
