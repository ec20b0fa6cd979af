using AuthGateway.Core.Policies;
using AuthGateway.Core.Services;

namespace AuthGateway.Core.Pipeline.Stages;

/// <summary>With which device: the certificate of the handshake, checked anew for every request so that a revocation reaches open connections.</summary>
internal sealed class DeviceStage : IAccessStage
{
    public string Name => "device";

    public ValueTask<Verdict> JudgeAsync(AccessRequest request, CancellationToken cancellationToken)
    {
        var required = request.Policy.RequiresDevice || request.PublishedHost?.ClientCertificate == ClientCertificateMode.Required;
        if (!required && request.Certificate is null)
        {
            return new(Verdict.Continue);
        }

        var check = request.Table.Devices.Check(request.Certificate, request.ReceivedAt);
        request.Device = check;
        return new(check.Device is null && required ? Verdict.Deny(check.Refusal ?? VerdictReason.NoDeviceCertificate) : Verdict.Continue);
    }

    public string Describe(AccessRequest request) => request.Device switch
    {
        null => "none asked for",
        { Device: { } device } => $"registered to {device.Owner}, valid until {device.NotAfter:yyyy-MM-dd}{(request.ActiveSync?.DeviceId is { } id ? $", DeviceId {id}" : "")}",
        { Refusal: { } refusal } => refusal.Meaning,
        _ => "no certificate",
    };
}
