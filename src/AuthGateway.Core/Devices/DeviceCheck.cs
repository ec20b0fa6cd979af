using AuthGateway.Core.Policies;

namespace AuthGateway.Core.Devices;

/// <summary>A certificate that passed every check.</summary>
/// <param name="Owner">The owner as the certificate names him: a mail address, a principal name or a common name.</param>
/// <param name="Thumbprint">SHA-256 of the certificate, upper-case hex.</param>
/// <param name="Authority">Name of the device authority.</param>
/// <param name="NotAfter">When it ends, in UTC.</param>
public sealed record DeviceCertificate(string Owner, string Thumbprint, string Authority, DateTimeOffset NotAfter)
{
    /// <summary>True when the authority vouches for the owner's domain, so that the certificate may say by itself who somebody is.</summary>
    public bool SaysWho { get; init; }
}

/// <summary>The outcome of looking at a client certificate.</summary>
/// <param name="Device">The device, when every check passed.</param>
/// <param name="Refusal">Why not; null when it passed.</param>
/// <param name="Thumbprint">SHA-256 thumbprint of whatever certificate came, for the audit.</param>
/// <param name="Owner">The owner named, also on refusal where it could be read, for the audit.</param>
public sealed record DeviceCheck(DeviceCertificate? Device, VerdictReason? Refusal, string? Thumbprint, string? Owner);
