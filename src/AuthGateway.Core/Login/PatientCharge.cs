using System.Diagnostics.CodeAnalysis;
using AuthGateway.Core.Lockout;

namespace AuthGateway.Core.Login;

/// <summary>
/// Charges an attempt without being misled by others that are under way: those charges stand only until they are judged. An office whose phones all
/// come back at once shares one address, an owner's devices share one account; neither must look like guessing for a moment.
/// </summary>
internal static class PatientCharge
{
    /// <summary>Half the limit at once: with few failures on record the rest cannot fill the counter, which would shut out even who is remembered.</summary>
    public static int MostAtOnce(LockoutRule rule) => Math.Max(1, rule.Limit / 2);

    /// <summary>
    /// Charges all counters, or none. Places among the attempts under way are taken with the charges, but for the first <paramref name="held"/> counters,
    /// whose places the caller has.
    /// </summary>
    /// <param name="guard">The counters.</param>
    /// <param name="pending">Attempts under way.</param>
    /// <param name="charges">What is charged.</param>
    /// <param name="held">How many places the caller has already.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>
    /// The charges, noted as pending; or the number of the counter that is locked when nobody is left who might lift that by being right.
    /// </returns>
    public static async ValueTask<Outcome> ChargeAsync(
        LockoutGuard guard, PendingChecks pending, IReadOnlyList<CounterCharge> charges, int held, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (!TryBegin(pending, charges, held, out var full))
            {
                await full.WaitAsync(cancellationToken);
                continue;
            }

            IReadOnlyList<ChargeResult> results;
            var isCharged = false;
            try
            {
                results = await guard.ChargeAllAsync(charges, cancellationToken);
                isCharged = results[^1] is ChargeResult.Charged;
            }
            finally
            {
                if (!isCharged)
                {
                    GiveBack(pending, charges, held, charges.Count);
                }
            }

            if (isCharged)
            {
                var charged = results.Cast<ChargeResult.Charged>().ToArray();
                for (var i = 0; i < charged.Length; i++)
                {
                    if (charged[i].IsCounted)
                    {
                        pending.Charge(charges[i].Key.Text);
                    }
                }

                return new Outcome(charged, -1);
            }

            var locked = charges[results.Count - 1].Key;
            if (pending.IsCharged(locked.Text, out var end))
            {
                await end.WaitAsync(cancellationToken);
            }
            else if (guard.IsLocked(locked))
            {
                return new Outcome(null, results.Count - 1);
            }
        }
    }

    /// <summary>True with every place taken; else none is, and there is something to wait for.</summary>
    private static bool TryBegin(PendingChecks pending, IReadOnlyList<CounterCharge> charges, int held, [NotNullWhen(false)] out Task? full)
    {
        for (var i = held; i < charges.Count; i++)
        {
            if (!pending.TryBegin(charges[i].Key.Text, MostAtOnce(charges[i].Rule), out full))
            {
                GiveBack(pending, charges, held, i);
                return false;
            }
        }

        full = null;
        return true;
    }

    private static void GiveBack(PendingChecks pending, IReadOnlyList<CounterCharge> charges, int from, int to)
    {
        for (var i = from; i < to; i++)
        {
            pending.GiveBack(charges[i].Key.Text);
        }
    }

    /// <param name="Charged">The charges; null when there are none.</param>
    /// <param name="LockedAt">Number of the counter that is locked; -1 otherwise.</param>
    public readonly record struct Outcome(ChargeResult.Charged[]? Charged, int LockedAt);
}
