using AuthGateway.Core.Policies;

namespace AuthGateway.Core.Devices;

/// <summary>
/// What one authority thinks of one certificate, apart from the time of day. Kept per certificate, so that judging a request is
/// a few comparisons and allocates nothing.
/// </summary>
internal sealed class DeviceStanding
{
    /// <summary>Clocks of gateway and authority may differ by this much before a list "from the future" is disbelieved.</summary>
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(5);

    private readonly bool _suitable;
    private readonly bool _revoked;
    private readonly DateTimeOffset _listsFrom;
    private readonly DateTimeOffset _listsUntil;
    private readonly DateTimeOffset _notBefore;
    private readonly DateTimeOffset _notAfter;
    private readonly DeviceCheck? _accepted;
    private readonly DeviceCheck _unsuitable;
    private readonly DeviceCheck _revokedCheck;
    private readonly DeviceCheck _notYet;
    private readonly DeviceCheck _expired;
    private readonly DeviceCheck _stale;
    private readonly DeviceCheck _noOwner;
    private readonly DeviceCheck? _foreign;

    public DeviceStanding(
        string authority, string thumbprint, string? owner, bool suitable, bool revoked, DateTimeOffset listsFrom, DateTimeOffset listsUntil,
        DateTimeOffset notBefore, DateTimeOffset notAfter, DateTimeOffset certificateNotAfter, OwnerDomain domain)
    {
        _suitable = suitable;
        _revoked = revoked;
        _listsFrom = listsFrom == DateTimeOffset.MinValue ? listsFrom : listsFrom - Skew;
        _listsUntil = listsUntil;
        _notBefore = notBefore;
        _notAfter = notAfter;
        _accepted = owner is null ? null : new DeviceCheck(new DeviceCertificate(owner, thumbprint, authority, certificateNotAfter) { SaysWho = domain == OwnerDomain.Own }, null, thumbprint, owner);
        _unsuitable = Refused(VerdictReason.DeviceUnsuitable);
        _revokedCheck = Refused(VerdictReason.DeviceRevoked);
        _notYet = Refused(VerdictReason.DeviceNotYetValid);
        _expired = Refused(VerdictReason.DeviceExpired);
        _stale = Refused(VerdictReason.DeviceRevocationUnknown);
        _noOwner = Refused(VerdictReason.DeviceNoOwner);
        _foreign = domain == OwnerDomain.Foreign ? Refused(VerdictReason.CertificateDomain) : null;
        DeviceCheck Refused(VerdictReason reason) => new(null, reason, thumbprint, owner);
    }

    /// <summary>Of two paths to the same authority the suitable one counts, then the one that ends later.</summary>
    public bool IsBetterThan(DeviceStanding other) => _suitable == other._suitable ? _notAfter > other._notAfter : _suitable;

    /// <summary>
    /// The most telling reason first: what the certificate is, then what happened to it, then the calendar, then what we do not
    /// know. A certificate that is both revoked and expired is told as revoked, for that one may be in a thief's hands.
    /// </summary>
    public DeviceCheck At(DateTimeOffset now) =>
        !_suitable ? _unsuitable
        : _revoked ? _revokedCheck
        : now < _notBefore ? _notYet
        : now > _notAfter ? _expired
        : now < _listsFrom || now > _listsUntil ? _stale
        : _foreign ?? _accepted ?? _noOwner;
}

/// <summary>How the owner of a certificate stands to the domains of its authority.</summary>
internal enum OwnerDomain
{
    /// <summary>The authority names no domains.</summary>
    Any = 0,

    /// <summary>One of them.</summary>
    Own = 1,

    /// <summary>None of them.</summary>
    Foreign = 2,
}
