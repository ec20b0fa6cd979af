using AuthGateway.Core.Networks;
using AuthGateway.Core.Policies;

namespace AuthGateway.Core.Pipeline.Stages;

/// <summary>Who is calling, decided once: the peer, or the hop a trusted forwarder names.</summary>
internal sealed class ClientAddressStage : IAccessStage
{
    public string Name => "client address";

    public ValueTask<Verdict> JudgeAsync(AccessRequest request, CancellationToken cancellationToken)
    {
        var client = request.Table.Forwarders.Decide(request.Peer, request.ForwardedFor);
        request.ClientAddress = client.Address;
        request.ForwarderHops = client.Hops;
        return new(client.Outcome == ClientAddressOutcome.Refused ? Verdict.Deny(VerdictReason.ForwardedAddress) : Verdict.Continue);
    }

    public string Describe(AccessRequest request) => request.ForwarderHops == 0
        ? $"{request.ClientAddress}, no forwarder involved"
        : $"{request.ClientAddress}, {request.ForwarderHops} forwarded entr{(request.ForwarderHops == 1 ? "y" : "ies")} read";
}
