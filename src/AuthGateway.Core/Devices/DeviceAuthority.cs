using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using AuthGateway.Core.Faults;

namespace AuthGateway.Core.Devices;

/// <summary>One authority whose client certificates make a device registered: its certificates, its revocation lists, and where it writes the owner.</summary>
public sealed class DeviceAuthority
{
    private const int MaxCaBytes = 1024 * 1024;
    private const int MaxPath = 4;
    private static readonly Oid ClientAuthentication = new("1.3.6.1.5.5.7.3.2");

    private readonly X509Certificate2[] _roots;
    private readonly X509Certificate2[] _intermediates;
    private readonly TimeSpan _grace;
    private readonly string _ownerField;
    private readonly FrozenSet<string> _domains;

    private DeviceAuthority(string name, X509Certificate2[] certificates, IReadOnlyList<RevocationList>? lists, DeviceAuthorityOptions options)
    {
        Name = name;
        Certificates = certificates;
        _roots = Array.FindAll(certificates, IsSelfIssued);
        _intermediates = Array.FindAll(certificates, certificate => !IsSelfIssued(certificate));
        _grace = options.CrlGrace;
        _ownerField = options.Owner;
        _domains = options.Domains.ToFrozenSet(StringComparer.OrdinalIgnoreCase);
        Lists = lists;
    }

    /// <summary>The authority's name in the configuration.</summary>
    public string Name { get; }

    /// <summary>Roots and intermediates.</summary>
    public IReadOnlyList<X509Certificate2> Certificates { get; }

    /// <summary>When the first of the revocation lists is due for renewal; null without lists.</summary>
    public DateTimeOffset? RevocationDue => Lists?.Min(list => list.NextUpdate);

    /// <summary>How many certificates are revoked.</summary>
    public int Revoked => Lists?.Sum(list => list.Count) ?? 0;

    internal IReadOnlyList<RevocationList>? Lists { get; }

    /// <summary>True when certificates of this authority may say by themselves who somebody is.</summary>
    internal bool SaysWho => _domains.Count > 0;

    /// <summary>Reads the files. Null after an error.</summary>
    internal static DeviceAuthority? Build(string name, DeviceAuthorityOptions options, string key, FaultList faults)
    {
        CheckDomains(options, key, faults);
        var certificates = ReadCertificates(options.CaFile, $"{key}:CaFile", faults);
        if (string.IsNullOrEmpty(options.CrlFile))
        {
            faults.Warn($"{key}:CrlFile", null, "No revocation list is checked: a lost device stays welcome until its certificate ends. Set a CRL file.");
            return certificates is null ? null : new DeviceAuthority(name, certificates, null, options);
        }

        if (ReadFile(options.CrlFile, RevocationList.MaxBytes, $"{key}:CrlFile", faults) is not { } file || certificates is null)
        {
            return null;
        }

        if (RevocationList.Parse(file, certificates, out var problem) is not { } lists)
        {
            faults.Error($"{key}:CrlFile", options.CrlFile, problem);
            return null;
        }

        return new DeviceAuthority(name, certificates, lists, options);
    }

    /// <summary>True when a certificate says one of ours issued it. Only a reason to look closer: names are free to anybody.</summary>
    internal bool MayHaveIssued(X509Certificate2 certificate)
    {
        var issuer = certificate.IssuerName.RawData;
        foreach (var candidate in Certificates)
        {
            if (issuer.AsSpan().SequenceEqual(candidate.SubjectName.RawData))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Everything about a certificate that no clock changes; null when this authority did not issue it.</summary>
    internal DeviceStanding? Judge(X509Certificate2 certificate, string thumbprint)
    {
        DeviceStanding? best = null;
        foreach (var root in _roots)
        {
            // One root at a time: after a root was renewed under the same name and key, the old one must not hide the new.
            if (Judge(certificate, thumbprint, root) is { } standing && (best is null || standing.IsBetterThan(best)))
            {
                best = standing;
            }
        }

        return best;
    }

    private DeviceStanding? Judge(X509Certificate2 certificate, string thumbprint, X509Certificate2 root)
    {
        using var chain = new X509Chain();
        var policy = chain.ChainPolicy;
        policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        policy.CustomTrustStore.Add(root);
        policy.ExtraStore.AddRange(_intermediates);
        policy.RevocationMode = X509RevocationMode.NoCheck;
        policy.DisableCertificateDownloads = true;
        policy.ApplicationPolicy.Add(ClientAuthentication);
        // Time is judged per request (DeviceStanding): a connection outlives the moment its chain was built.
        policy.VerificationFlags = X509VerificationFlags.IgnoreNotTimeValid;
        policy.VerificationTimeIgnored = false;
        policy.VerificationTime = certificate.NotBefore + ((certificate.NotAfter - certificate.NotBefore) / 2);
        chain.Build(certificate);
        try
        {
            var status = X509ChainStatusFlags.NoError;
            foreach (var element in chain.ChainStatus)
            {
                status |= element.Status;
            }

            const X509ChainStatusFlags Usage = X509ChainStatusFlags.NotValidForUsage | X509ChainStatusFlags.InvalidBasicConstraints
                | X509ChainStatusFlags.HasWeakSignature | X509ChainStatusFlags.HasNotSupportedCriticalExtension
                | X509ChainStatusFlags.InvalidNameConstraints | X509ChainStatusFlags.HasExcludedNameConstraint
                | X509ChainStatusFlags.HasNotPermittedNameConstraint | X509ChainStatusFlags.HasNotSupportedNameConstraint
                | X509ChainStatusFlags.HasNotDefinedNameConstraint | X509ChainStatusFlags.InvalidExtension | X509ChainStatusFlags.InvalidPolicyConstraints;
            if ((status & ~Usage & ~X509ChainStatusFlags.NotTimeValid) != X509ChainStatusFlags.NoError)
            {
                return null;
            }

            var path = chain.ChainElements.Select(element => element.Certificate).ToArray();
            var suitable = (status & Usage) == X509ChainStatusFlags.NoError && path.Length is >= 2 and <= MaxPath
                && IsClientCertificate(certificate) && Array.TrueForAll(path, SignatureAlgorithms.IsStrongKey)
                // the root is trusted for being in the file, not for its own signature
                && Array.TrueForAll(path[..^1], link => SignatureAlgorithms.HashOf(link.SignatureAlgorithm.Value) is not null);
            var (revoked, from, until) = Revocation(path);
            var owner = DeviceOwner.Read(certificate, _ownerField);
            return new DeviceStanding(
                Name, thumbprint, owner, suitable, revoked, from, until,
                path.Max(link => Utc(link.NotBefore)), path.Min(link => Utc(link.NotAfter)), Utc(certificate.NotAfter), DomainOf(owner));
        }
        finally
        {
            foreach (var element in chain.ChainElements)
            {
                element.Certificate.Dispose();
            }
        }
    }

    /// <summary>What stands behind the one <c>@</c> decides; a name with several, or with none, belongs to no domain.</summary>
    private OwnerDomain DomainOf(string? owner)
    {
        if (_domains.Count == 0 || owner is null)
        {
            return OwnerDomain.Any;
        }

        var at = owner.IndexOf('@', StringComparison.Ordinal);
        return at > 0 && owner.LastIndexOf('@') == at && _domains.Contains(owner[(at + 1)..]) ? OwnerDomain.Own : OwnerDomain.Foreign;
    }

    private static void CheckDomains(DeviceAuthorityOptions options, string key, FaultList faults)
    {
        if (options.Domains.Count > 0 && options.Owner is not ("san-email" or "san-upn"))
        {
            faults.Error($"{key}:Domains", null, "Domains are held against mail addresses and principal names only. Set Owner to \"san-email\" or \"san-upn\", or remove Domains.");
        }

        for (var i = 0; i < options.Domains.Count; i++)
        {
            var domain = options.Domains[i];
            if (domain.Length is 0 or > 253 || !domain.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.') || domain[0] is '.' or '-')
            {
                faults.Error($"{key}:Domains[{i}]", domain, "Not a domain. Write it as it stands behind the @, such as \"example.com\"; subdomains are named one by one.");
            }
        }
    }

    /// <summary>Whether a link of the path is on a list, and between which moments the lists are believed.</summary>
    private (bool Revoked, DateTimeOffset From, DateTimeOffset Until) Revocation(X509Certificate2[] path)
    {
        var (revoked, from, until) = (false, DateTimeOffset.MinValue, DateTimeOffset.MaxValue);
        if (Lists is null)
        {
            return (revoked, from, until);
        }

        for (var i = 0; i < path.Length - 1; i++)
        {
            var spoken = false;
            foreach (var list in Lists)
            {
                if (list.SpeaksFor(path[i + 1]))
                {
                    spoken = true;
                    revoked |= list.Contains(path[i]);
                    from = list.ThisUpdate > from ? list.ThisUpdate : from;
                    until = list.NextUpdate + _grace < until ? list.NextUpdate + _grace : until;
                }
            }

            // The issuer of the device itself must have a list; an intermediate is checked where its issuer publishes one.
            if (i == 0 && !spoken)
            {
                until = DateTimeOffset.MinValue;
            }
        }

        return (revoked, from, until);
    }

    private static bool IsClientCertificate(X509Certificate2 certificate)
    {
        var clientAuthentication = false;
        foreach (var extension in certificate.Extensions)
        {
            switch (extension)
            {
                case X509EnhancedKeyUsageExtension usage:
                    clientAuthentication |= usage.EnhancedKeyUsages.Cast<Oid>().Any(oid => oid.Value == ClientAuthentication.Value);
                    break;
                case X509KeyUsageExtension usage when !usage.KeyUsages.HasFlag(X509KeyUsageFlags.DigitalSignature):
                case X509BasicConstraintsExtension { CertificateAuthority: true }:
                    return false;
            }
        }

        return clientAuthentication;
    }

    private static X509Certificate2[]? ReadCertificates(string path, string key, FaultList faults)
    {
        if (ReadFile(path, MaxCaBytes, key, faults) is not { } file)
        {
            return null;
        }

        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPem(Encoding.Latin1.GetString(file));
        }
        catch (CryptographicException exception)
        {
            faults.Error(key, path, $"The file cannot be read as PEM certificates: {exception.Message}");
            return null;
        }

        if (certificates.Count == 0)
        {
            faults.Error(key, path, "The file holds no PEM certificate.");
            return null;
        }

        if (certificates.FirstOrDefault(certificate => !IsAuthority(certificate)) is { } leaf)
        {
            faults.Error(key, path, $"\"{leaf.Subject}\" is not the certificate of an authority (CA:TRUE). Put the root and its intermediates here, no device or server certificates.");
            return null;
        }

        if (!certificates.Any(IsSelfIssued))
        {
            faults.Error(key, path, "The file holds intermediates but no root. Add the self-signed root they chain to.");
            return null;
        }

        return [.. certificates];
    }

    private static byte[]? ReadFile(string path, int limit, string key, FaultList faults)
    {
        try
        {
            using var stream = File.OpenRead(path);
            if (stream.Length is 0 || stream.Length > limit)
            {
                faults.Error(key, path, stream.Length == 0 ? "The file is empty." : $"The file is larger than {limit} bytes.");
                return null;
            }

            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            return bytes;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            faults.Error(key, path, $"The file cannot be read: {exception.Message}");
            return null;
        }
    }

    private static bool IsAuthority(X509Certificate2 certificate) =>
        certificate.Extensions.OfType<X509BasicConstraintsExtension>().Any(extension => extension.CertificateAuthority)
        && certificate.Extensions.OfType<X509KeyUsageExtension>().All(extension => extension.KeyUsages.HasFlag(X509KeyUsageFlags.KeyCertSign));

    private static bool IsSelfIssued(X509Certificate2 certificate) => certificate.SubjectName.RawData.AsSpan().SequenceEqual(certificate.IssuerName.RawData);

    private static DateTimeOffset Utc(DateTime local) => new(local.ToUniversalTime());
}
