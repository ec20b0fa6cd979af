using AuthGateway.Core.Lockout;

namespace AuthGateway.Core.Login;

/// <summary>
/// Charges an attempt without being misled by others that are under way: those charges stand only until they are judged. An office whose phones all
/// come back at once shares one address, an owner's devices share one account; neither must look like guessing for a moment.
/// </summary>
internal static class PatientCharge
{
    /// <summary>The charge, noted as pending; or null when the key is locked and nobody is left who might lift that by being right.</summary>
    public static async ValueTask<ChargeResult.Charged?> ChargeAsync(
        LockoutGuard guard, PendingChecks pending, LockoutKey key, LockoutRule rule, CancellationToken cancellationToken)
    {
        // Half the limit at once: with few failures on record the rest cannot fill the counter, which would shut out even who is remembered.
        var most = Math.Max(1, rule.Limit / 2);
        while (true)
        {
            if (!pending.TryBegin(key, most, out var end))
            {
                await end.WaitAsync(cancellationToken);
                continue;
            }

            var isCharged = false;
            try
            {
                if (await guard.ChargeAsync(key, rule, cancellationToken) is ChargeResult.Charged charged)
                {
                    isCharged = true;
                    return charged;
                }
            }
            finally
            {
                if (!isCharged)
                {
                    pending.GiveBack(key);
                }
            }

            if (pending.IsRunning(key, out end))
            {
                await end.WaitAsync(cancellationToken);
            }
            else if (guard.IsLocked(key))
            {
                return null;
            }
        }
    }
}
