using AuthGateway.Core.Lockout;
using AuthGateway.Core.Policies;

namespace AuthGateway.Core.Pipeline.Stages;

/// <summary>Is this address shut out, before any directory is troubled.</summary>
internal sealed class LockoutStage(LockoutGuard guard) : IAccessStage
{
    public string Name => "lockout";

    public ValueTask<Verdict> JudgeAsync(AccessRequest request, CancellationToken cancellationToken)
    {
        // What is judged again without its credentials proves nothing about them: a lock would only hide what the stages behind this one have to say.
        var isAsked = !request.Policy.Anonymous && !(request.IsRehearsal && request.IgnoresLocks);
        return new(isAsked && guard.IsShutOut(request.ClientAddress, request.Table.Lockout) ? Verdict.Deny(VerdictReason.AddressLocked) : Verdict.Continue);
    }

    public string Describe(AccessRequest request)
    {
        var isAddressLocked = guard.IsLocked(request.ClientAddress);
        if (!request.Table.Lockout.Enforces)
        {
            return isAddressLocked ? "the address would be locked, but locks are only logged" : "locks are only logged";
        }

        return isAddressLocked ? "the address is locked"
            : request.RehearsedUser is { } user && guard.IsLocked(LockoutKey.ForUser(user)) ? "the address is not locked; the account is, but not for its familiar places"
            : "not locked";
    }
}
