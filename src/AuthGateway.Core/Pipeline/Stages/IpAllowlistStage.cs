using AuthGateway.Core.Networks;
using AuthGateway.Core.Policies;

namespace AuthGateway.Core.Pipeline.Stages;

/// <summary>From where: the networks the policy itself names, beyond those its rule matched.</summary>
internal sealed class IpAllowlistStage : IAccessStage
{
    public string Name => "network";

    public ValueTask<Verdict> JudgeAsync(AccessRequest request, CancellationToken cancellationToken) =>
        new(request.Policy.Networks.Contains(request.ClientAddress) ? Verdict.Continue : Verdict.Deny(VerdictReason.AddressNotAllowed));

    public string Describe(AccessRequest request) => ReferenceEquals(request.Policy.Networks, NetworkSet.Any)
        ? "any"
        : request.Policy.Networks.Contains(request.ClientAddress) ? "inside the policy's networks" : "outside the policy's networks";
}
