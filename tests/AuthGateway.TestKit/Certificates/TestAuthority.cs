using System.Net;
using System.Numerics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace AuthGateway.TestKit.Certificates;

/// <summary>Everything that can be strange about a client certificate. The defaults make a sound one.</summary>
public sealed record ClientCertificateOptions
{
    /// <summary>Mail addresses in the subject alternative name; two make the owner ambiguous.</summary>
    public IReadOnlyList<string> Mails { get; init; } = [];

    /// <summary>DNS names in the subject alternative name, as a server has them.</summary>
    public IReadOnlyList<string> Dns { get; init; } = [];

    /// <summary>User principal names in the subject alternative name.</summary>
    public IReadOnlyList<string> PrincipalNames { get; init; } = [];

    /// <summary>URIs in the subject alternative name.</summary>
    public IReadOnlyList<string> Uris { get; init; } = [];

    /// <summary>Subject, as a distinguished name.</summary>
    public string Subject { get; init; } = "CN=device";

    /// <summary>Extended key usages; empty leaves the extension out.</summary>
    public IReadOnlyList<string> Usages { get; init; } = [TestAuthority.ClientAuthentication];

    /// <summary>Key usage; null leaves the extension out.</summary>
    public X509KeyUsageFlags? KeyUsage { get; init; } = X509KeyUsageFlags.DigitalSignature;

    /// <summary>CA flag; null leaves the extension out.</summary>
    public bool? Authority { get; init; } = false;

    /// <summary>RSA key of this size instead of P-256.</summary>
    public int? RsaBits { get; init; }

    /// <summary>Hash of the issuer's signature.</summary>
    public HashAlgorithmName Hash { get; init; } = HashAlgorithmName.SHA256;

    /// <summary>Start.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>End.</summary>
    public DateTimeOffset? NotAfter { get; init; }
}

/// <summary>A certificate authority in memory, for tests.</summary>
public sealed class TestAuthority : IDisposable
{
    public const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";
    public const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    private readonly ECDsa _key;
    private readonly X509SignatureGenerator _generator;

    private TestAuthority(X509Certificate2 certificate, ECDsa key, TestAuthority? parent)
    {
        Certificate = certificate;
        Parent = parent;
        _key = key;
        _generator = X509SignatureGenerator.CreateForECDsa(key);
    }

    /// <summary>The authority's own certificate, with its key.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>Who issued this authority's certificate; null for a root.</summary>
    public TestAuthority? Parent { get; }

    /// <summary>A new root. Two with the same name have different keys: the impostor of case MT-02.</summary>
    public static TestAuthority Create(string name = "Test Device CA", DateTimeOffset? notBefore = null, DateTimeOffset? notAfter = null)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = AuthorityRequest(name, key);
        var now = DateTimeOffset.UtcNow;
        return new TestAuthority(request.CreateSelfSigned(notBefore ?? now.AddYears(-10), notAfter ?? now.AddYears(10)), key, null);
    }

    /// <summary>An intermediate under this authority.</summary>
    public TestAuthority CreateIntermediate(string name)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = DateTimeOffset.UtcNow;
        using var bare = AuthorityRequest(name, key).Create(Certificate.SubjectName, _generator, now.AddYears(-9), now.AddYears(9), Serial());
        return new TestAuthority(bare.CopyWithPrivateKey(key), key, this);
    }

    /// <summary>A server certificate for these names or addresses.</summary>
    public X509Certificate2 IssueServer(params string[] hosts) => IssueServer(hosts, null, null);

    /// <summary>A server certificate for these names or addresses, with its validity.</summary>
    public X509Certificate2 IssueServer(string[] hosts, DateTimeOffset? notBefore, DateTimeOffset? notAfter, int? rsaBits = null)
    {
        var names = new SubjectAlternativeNameBuilder();
        foreach (var host in hosts)
        {
            if (IPAddress.TryParse(host, out var address))
            {
                names.AddIpAddress(address);
            }
            else
            {
                names.AddDnsName(host);
            }
        }

        return Issue($"CN={hosts[0]}", rsaBits, HashAlgorithmName.SHA256, notBefore, notAfter, extensions =>
        {
            extensions.Add(names.Build());
            extensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
            extensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
            extensions.Add(new X509EnhancedKeyUsageExtension([new Oid(ServerAuthentication)], false));
        });
    }

    /// <summary>A sound client certificate of this owner.</summary>
    public X509Certificate2 IssueClient(string mail, string? commonName = null) =>
        IssueClient(new ClientCertificateOptions { Mails = [mail], Subject = $"CN={commonName ?? mail.Split('@')[0]}" });

    /// <summary>A client certificate with whatever is wrong with it.</summary>
    public X509Certificate2 IssueClient(ClientCertificateOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return Issue(options.Subject, options.RsaBits, options.Hash, options.NotBefore, options.NotAfter, extensions =>
        {
            var names = new SubjectAlternativeNameBuilder();
            foreach (var mail in options.Mails)
            {
                names.AddEmailAddress(mail);
            }

            foreach (var name in options.PrincipalNames)
            {
                names.AddUserPrincipalName(name);
            }

            foreach (var uri in options.Uris)
            {
                names.AddUri(new Uri(uri));
            }

            foreach (var name in options.Dns)
            {
                names.AddDnsName(name);
            }

            if (options.Dns.Count + options.Mails.Count + options.PrincipalNames.Count + options.Uris.Count > 0)
            {
                extensions.Add(names.Build());
            }

            if (options.Authority is { } authority)
            {
                extensions.Add(new X509BasicConstraintsExtension(authority, false, 0, true));
            }

            if (options.KeyUsage is { } usage)
            {
                extensions.Add(new X509KeyUsageExtension(usage, true));
            }

            if (options.Usages.Count > 0)
            {
                var usages = new OidCollection();
                foreach (var oid in options.Usages)
                {
                    usages.Add(new Oid(oid));
                }

                extensions.Add(new X509EnhancedKeyUsageExtension(usages, false));
            }
        });
    }

    /// <summary>A revocation list in DER. Without times it was made an hour ago and is good for a week.</summary>
    public byte[] RevocationList(IEnumerable<X509Certificate2>? revoked = null, DateTimeOffset? thisUpdate = null, DateTimeOffset? nextUpdate = null, HashAlgorithmName? hash = null)
    {
        var now = DateTimeOffset.UtcNow;
        var builder = new CertificateRevocationListBuilder();
        foreach (var certificate in revoked ?? [])
        {
            builder.AddEntry(certificate, thisUpdate ?? now.AddHours(-1));
        }

        var algorithm = hash ?? HashAlgorithmName.SHA256;
        return builder.Build(
            Certificate.SubjectName, Generator(algorithm), BigInteger.One, nextUpdate ?? now.AddDays(7), algorithm,
            X509AuthorityKeyIdentifierExtension.CreateFromCertificate(Certificate, true, false), thisUpdate ?? now.AddHours(-1));
    }

    /// <summary>This authority's certificate and those above it, as PEM.</summary>
    public string ToPem() => Certificate.ExportCertificatePem() + "\n" + Parent?.ToPem();

    /// <summary>Writes the authority's certificates to a file that everybody may read.</summary>
    public string WriteCa(string path)
    {
        File.WriteAllText(path, ToPem());
        return path;
    }

    /// <summary>Writes a revocation list as PEM.</summary>
    public static string WriteCrl(string path, byte[] der)
    {
        File.WriteAllText(path, PemEncoding.WriteString("X509 CRL", der));
        return path;
    }

    /// <summary>Writes a certificate and its key, the key readable by its owner only; both by renaming, as a good tool does.</summary>
    public static void WritePem(X509Certificate2 certificate, string certificatePath, string keyPath, params X509Certificate2[] chain)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        WritePrivate(keyPath, KeyPem(certificate));
        var text = string.Join('\n', chain.Prepend(certificate).Select(link => link.ExportCertificatePem())) + "\n";
        File.WriteAllText(certificatePath + ".new", text);
        File.Move(certificatePath + ".new", certificatePath, overwrite: true);
    }

    /// <summary>Writes a file that only its owner may read.</summary>
    public static void WritePrivate(string path, string text)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (var writer = new StreamWriter(path + ".new", options))
        {
            writer.Write(text);
        }

        File.Move(path + ".new", path, overwrite: true);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        Certificate.Dispose();
        _key.Dispose();
    }

    private static string KeyPem(X509Certificate2 certificate)
    {
        using var ecdsa = certificate.GetECDsaPrivateKey();
        if (ecdsa is not null)
        {
            return ecdsa.ExportPkcs8PrivateKeyPem();
        }

        using var rsa = certificate.GetRSAPrivateKey();
        return rsa!.ExportPkcs8PrivateKeyPem();
    }

    private static CertificateRequest AuthorityRequest(string name, ECDsa key)
    {
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        return request;
    }

    private X509Certificate2 Issue(
        string subject, int? rsaBits, HashAlgorithmName hash, DateTimeOffset? notBefore, DateTimeOffset? notAfter, Action<ICollection<X509Extension>> extend)
    {
        var now = DateTimeOffset.UtcNow;
        var (start, end) = (notBefore ?? now.AddDays(-1), notAfter ?? now.AddDays(90));
        if (rsaBits is { } bits)
        {
            using var rsa = RSA.Create(bits);
            var request = new CertificateRequest(subject, rsa, hash, RSASignaturePadding.Pkcs1);
            extend(request.CertificateExtensions);
            using var bare = request.Create(Certificate.SubjectName, Generator(hash), start, end, Serial());
            return bare.CopyWithPrivateKey(rsa);
        }
        else
        {
            using var ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var request = new CertificateRequest(subject, ecdsa, hash);
            extend(request.CertificateExtensions);
            using var bare = request.Create(Certificate.SubjectName, Generator(hash), start, end, Serial());
            return bare.CopyWithPrivateKey(ecdsa);
        }
    }

    private X509SignatureGenerator Generator(HashAlgorithmName hash) => hash == HashAlgorithmName.SHA1 ? new Sha1Generator(_key) : _generator;

    private static byte[] Serial()
    {
        var serial = RandomNumberGenerator.GetBytes(16);
        serial[0] = (byte)((serial[0] & 0x7f) | 0x01);
        return serial;
    }

    /// <summary>The platform no longer makes SHA-1 signatures with elliptic curves; old authorities did.</summary>
    private sealed class Sha1Generator(ECDsa key) : X509SignatureGenerator
    {
        public override byte[] GetSignatureAlgorithmIdentifier(HashAlgorithmName hashAlgorithm) => [0x30, 0x09, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x01];

        public override byte[] SignData(byte[] data, HashAlgorithmName hashAlgorithm) => key.SignData(data, HashAlgorithmName.SHA1, DSASignatureFormat.Rfc3279DerSequence);

        protected override PublicKey BuildPublicKey() => new(key);
    }
}
