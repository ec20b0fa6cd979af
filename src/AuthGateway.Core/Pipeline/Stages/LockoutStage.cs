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
            : LockedOf(request) is { } locked ? $"the address is not locked; {locked}"
            : "not locked";
    }

    /// <summary>Which lock of the account is in force; the widest is told.</summary>
    private string? LockedOf(AccessRequest request)
    {
        var kinds = request.RehearsedCounters.Where(guard.IsLocked).Select(counter => (counter.Kind, counter.IsOfStrangers)).ToList();
        if (kinds.Contains((LockoutKind.Budget, false)))
        {
            return "wrong passwords have used up what its directory bears, for everybody";
        }

        return kinds.Exists(kind => kind.Kind is LockoutKind.User or LockoutKind.Name) || (request.RehearsedUser is { } user && guard.IsLocked(LockoutKey.ForUser(user)))
            ? "the account is, but not for its familiar places"
            : kinds.Count > 0 ? "wrong passwords have used up what its directory bears, but not for its familiar places" : null;
    }
}
