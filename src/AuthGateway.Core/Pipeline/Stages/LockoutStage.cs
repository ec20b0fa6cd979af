using AuthGateway.Core.Lockout;
using AuthGateway.Core.Policies;

namespace AuthGateway.Core.Pipeline.Stages;

/// <summary>Is this address shut out, before any directory is troubled.</summary>
internal sealed class LockoutStage(LockoutGuard guard) : IAccessStage
{
    public string Name => "lockout";

    public ValueTask<Verdict> JudgeAsync(AccessRequest request, CancellationToken cancellationToken)
    {
        return new(!request.Policy.Anonymous && guard.IsLocked(request.ClientAddress) ? Verdict.Deny(VerdictReason.AddressLocked) : Verdict.Continue);
    }

    public string Describe(AccessRequest request)
    {
        if (guard.IsLocked(request.ClientAddress))
        {
            return "the address is locked";
        }

        return request.RehearsedUser is { } user && guard.IsLocked(LockoutKey.ForUser(user)) ? "the address is not locked; the account is" : "not locked";
    }
}
