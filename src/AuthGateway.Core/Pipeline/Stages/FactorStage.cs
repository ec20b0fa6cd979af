using AuthGateway.Core.Devices;
using AuthGateway.Core.Faults;
using AuthGateway.Core.Policies;

namespace AuthGateway.Core.Pipeline.Stages;

/// <summary>
/// Proven by enough: the device counts when its owner is the login, and every entry of the policy must be met. Counters
/// are cleared here, with the last factor, and nowhere earlier.
/// </summary>
internal sealed class FactorStage : IAccessStage
{
    public string Name => "factor";

    public ValueTask<Verdict> JudgeAsync(AccessRequest request, CancellationToken cancellationToken)
    {
        var verdict = Judge(request);
        request.FactorVerdict = verdict;
        if (request.Proof is not { FromCache: false } proof)
        {
            return new(verdict);
        }

        return Settle(proof.Attempt, verdict, cancellationToken);
    }

    public string Describe(AccessRequest request) => request.Policy.Anonymous
        ? "none asked for"
        : $"{FactorWords.Of(request.Proven)} {Verb(request.FactorVerdict.Kind == VerdictKind.Continue, request.Proven)} \"{request.Policy.Name}\"";

    /// <summary>A browser with a session has a page to type into; of a made-up request the service says whether it would have one.</summary>
    private static bool CanType(AccessRequest request) =>
        request.Session is not null || (request.IsRehearsal && request.Service is { } service && (service.Logins & Services.LoginWays.Form) != 0);

    private static string Verb(bool satisfied, FactorSet factors) => (satisfied, System.Numerics.BitOperations.PopCount((uint)factors) > 1) switch
    {
        (true, true) => "satisfy",
        (true, false) => "satisfies",
        (false, true) => "do not satisfy",
        (false, false) => "does not satisfy",
    };

    private static async ValueTask<Verdict> Settle(Login.Attempt attempt, Verdict verdict, CancellationToken cancellationToken)
    {
        if (verdict.Kind != VerdictKind.Continue)
        {
            await attempt.ReleaseAsync(cancellationToken);
            return verdict;
        }

        try
        {
            await attempt.CompleteAsync(cancellationToken);
            return verdict;
        }
        catch (StoreUnavailableException)
        {
            return Verdict.Unavailable(VerdictReason.StoreUnavailable);
        }
    }

    private static Verdict Judge(AccessRequest request)
    {
        if (request.Policy.Anonymous)
        {
            return Verdict.Continue;
        }

        if (request.Device?.Device is { } device && request.Identity is { } identity)
        {
            if (DeviceOwner.Matches(identity, device.Owner))
            {
                // Where nobody must know a secret the certificate stands for it, and that only an authority with domains of its own may let it do.
                request.Proven |= device.SaysWho || request.Policy.RequiresSecret ? FactorSet.Device : FactorSet.None;
            }
            else
            {
                // Also where no device is asked for: somebody else's certificate beside this login is never an accident worth serving.
                request.Detail = $"certificate of {device.Owner}, login of {identity.Login}";
                return Verdict.Deny(VerdictReason.IdentityMismatch);
            }
        }

        if (request.Policy.RequiresDevice && (request.Proven & FactorSet.Device) == 0)
        {
            return Verdict.Deny(VerdictReason.FactorsMissing);
        }

        var entries = request.Policy.Factors;
        for (var i = 0; i < entries.Count; i++)
        {
            if ((request.Proven & entries[i]) == 0)
            {
                // A browser with a session can still prove what can be typed; everybody else has proven all he can.
                return !CanType(request) ? Verdict.Deny(VerdictReason.FactorsMissing)
                    : (entries[i] & SignInTarget.Typed) != 0 ? Verdict.Challenge(VerdictReason.FactorsMissing)
                    : (entries[i] & FactorSet.Password) != 0 ? Verdict.Challenge(VerdictReason.PasswordNeeded)
                    : Verdict.Deny(VerdictReason.FactorsMissing);
            }
        }

        return Verdict.Continue;
    }
}
