using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using AuthGateway.Core.Faults;
using AuthGateway.Core.Policies;

namespace AuthGateway.Core.Devices;

/// <summary>
/// Says whether a client certificate is one of a registered device. Immutable: a new authority file or revocation list means a
/// new instance, so that the next request on an open connection is judged by it.
/// </summary>
public sealed class DeviceTrust
{
    /// <summary>Certificates remembered across connections; only those of our own authorities get in.</summary>
    private const int MaxRemembered = 8192;

    private static readonly DeviceCheck Missing = new(null, VerdictReason.NoDeviceCertificate, null, null);

    private readonly ConditionalWeakTable<X509Certificate2, Entry> _byInstance = [];
    private readonly ConcurrentDictionary<string, Entry> _byThumbprint = new(StringComparer.Ordinal);

    private DeviceTrust(IReadOnlyList<DeviceAuthority> authorities, IReadOnlyList<string> files)
    {
        Authorities = authorities;
        Files = files;
        Certificates = [.. authorities.SelectMany(authority => authority.Certificates)];
    }

    /// <summary>Trusts nobody.</summary>
    public static DeviceTrust Empty { get; } = new([], []);

    /// <summary>The authorities, for status pages and warnings about lists that are due.</summary>
    public IReadOnlyList<DeviceAuthority> Authorities { get; }

    /// <summary>Certificates of every authority: their names tell clients in the handshake which of their certificates to offer.</summary>
    public IReadOnlyList<X509Certificate2> Certificates { get; }

    /// <summary>Files to watch; when one changes, build anew.</summary>
    public IReadOnlyList<string> Files { get; }

    /// <summary>Reads every authority's files, whose paths are absolute here. Null after an error.</summary>
    public static DeviceTrust? Build(DeviceOptions options, FaultList faults)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(faults);
        if (options.Authorities.Count == 0)
        {
            return Empty;
        }

        var authorities = new List<DeviceAuthority>();
        var sound = true;
        foreach (var (name, authority) in options.Authorities.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            var built = DeviceAuthority.Build(name, authority, $"AuthGateway:Devices:Authorities:{name}", faults);
            sound &= built is not null;
            if (built is not null)
            {
                authorities.Add(built);
            }
        }

        return sound ? new DeviceTrust(authorities, FilesOf(options)) : null;
    }

    /// <summary>The files a set of options names, readable or not: a missing file must be watched too.</summary>
    public static IReadOnlyList<string> FilesOf(DeviceOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return [.. options.Authorities.Values.SelectMany(authority => new[] { authority.CaFile, authority.CrlFile }).Where(file => file.Length > 0).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>
    /// Judges a certificate now. Called for every request: chain, usage and owner are worked out once per certificate, the calendar
    /// and the age of the revocation list each time.
    /// </summary>
    public DeviceCheck Check(X509Certificate2? certificate, DateTimeOffset now)
    {
        if (certificate is null)
        {
            return Missing;
        }

        if (!_byInstance.TryGetValue(certificate, out var entry))
        {
            entry = Examine(certificate);
            _byInstance.AddOrUpdate(certificate, entry);
        }

        return entry.Standing?.At(now) ?? entry.Foreign;
    }

    private Entry Examine(X509Certificate2 certificate)
    {
        var thumbprint = Convert.ToHexString(SHA256.HashData(certificate.RawDataMemory.Span));
        if (_byThumbprint.TryGetValue(thumbprint, out var known))
        {
            return known;
        }

        DeviceStanding? standing = null;
        foreach (var authority in Authorities)
        {
            if (authority.MayHaveIssued(certificate) && authority.Judge(certificate, thumbprint) is { } judged
                && (standing is null || judged.IsBetterThan(standing)))
            {
                standing = judged;
            }
        }

        if (standing is null)
        {
            return new Entry(null, new DeviceCheck(null, VerdictReason.DeviceUnknownAuthority, thumbprint, ForeignOwner(certificate)));
        }

        if (_byThumbprint.Count >= MaxRemembered)
        {
            _byThumbprint.Clear();
        }

        var entry = new Entry(standing, Missing);
        _byThumbprint.TryAdd(thumbprint, entry);
        return entry;
    }

    /// <summary>Whom a foreign certificate claims to belong to: a hint for the audit and worth nothing else.</summary>
    private static string? ForeignOwner(X509Certificate2 certificate) =>
        DeviceOwner.Read(certificate, "san-email") ?? DeviceOwner.Read(certificate, "san-upn") ?? DeviceOwner.Read(certificate, "cn");

    private sealed record Entry(DeviceStanding? Standing, DeviceCheck Foreign);
}
