using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using AuthGateway.Core.Faults;
using AuthGateway.Core.Services;

namespace AuthGateway.Core.Listeners;

/// <summary>The certificate a host shows, as read from its files and found sound.</summary>
internal sealed class HostCertificate
{
    private const int MaxBytes = 1024 * 1024;

    private HostCertificate(string host, X509Certificate2 leaf, X509Certificate2Collection chain, string certificateFile, string keyFile)
    {
        Host = host;
        Leaf = leaf;
        Chain = chain;
        CertificateFile = certificateFile;
        KeyFile = keyFile;
        Fingerprint = Convert.ToHexString(SHA256.HashData([.. leaf.RawData, .. chain.SelectMany(link => link.RawData)]));
    }

    /// <summary>Canonical host name.</summary>
    public string Host { get; }

    /// <summary>The certificate, with its key.</summary>
    public X509Certificate2 Leaf { get; }

    /// <summary>What stands below it in the file.</summary>
    public X509Certificate2Collection Chain { get; }

    /// <summary>Where it came from; empty for a self-signed one.</summary>
    public string CertificateFile { get; }

    /// <summary>Where its key came from.</summary>
    public string KeyFile { get; }

    /// <summary>SHA-256 over leaf and chain: two with the same are the same to every client.</summary>
    public string Fingerprint { get; }

    /// <summary>True for one we made ourselves.</summary>
    public bool IsSelfSigned => CertificateFile.Length == 0;

    /// <summary>Start of the leaf.</summary>
    public DateTimeOffset NotBefore => new(Leaf.NotBefore.ToUniversalTime());

    /// <summary>End of the leaf.</summary>
    public DateTimeOffset NotAfter => new(Leaf.NotAfter.ToUniversalTime());

    /// <summary>True between start and end.</summary>
    public bool IsCurrent(DateTimeOffset now) => now >= NotBefore && now <= NotAfter;

    /// <summary>One nobody vouches for.</summary>
    public static HostCertificate SelfSignedFor(string host, DateTimeOffset now) => new(host, SelfSigned.Create([host], now), [], "", "");

    /// <summary>Reads and checks both files. Null, with the problem and the key it belongs to, unless everything fits.</summary>
    public static HostCertificate? Load(string host, HostOptions options, string key, FaultList faults)
    {
        if (options.CertificateFile.Length == 0 || options.KeyFile.Length == 0)
        {
            faults.Error(
                options.CertificateFile.Length == 0 ? $"{key}:CertificateFile" : $"{key}:KeyFile", null,
                "The host needs a certificate file and a key file. Only demo mode makes a self-signed certificate.");
            return null;
        }

        var certificate = Read(options.CertificateFile, $"{key}:CertificateFile", isKey: false, faults);
        var privateKey = Read(options.KeyFile, $"{key}:KeyFile", isKey: true, faults);
        try
        {
            return certificate is null || privateKey is null ? null : Assemble(host, options, certificate, privateKey, key, faults);
        }
        finally
        {
            Array.Clear(privateKey ?? []);
        }
    }

    private static HostCertificate? Assemble(string host, HostOptions options, char[] certificate, char[] privateKey, string key, FaultList faults)
    {
        var chain = new X509Certificate2Collection();
        X509Certificate2 leaf;
        try
        {
            chain.ImportFromPem(certificate);
            if (chain.Count == 0)
            {
                faults.Error($"{key}:CertificateFile", options.CertificateFile, "The file holds no PEM certificate.");
                return null;
            }
        }
        catch (CryptographicException exception)
        {
            faults.Error($"{key}:CertificateFile", options.CertificateFile, $"The file cannot be read as PEM certificates: {exception.Message}");
            return null;
        }

        try
        {
            leaf = X509Certificate2.CreateFromPem(certificate, privateKey);
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            faults.Error($"{key}:KeyFile", options.KeyFile, "The file is not the unencrypted PEM key of the first certificate in the certificate file.");
            return null;
        }

        chain.RemoveAt(0);
        if (Problem(host, leaf) is { } problem)
        {
            faults.Error($"{key}:CertificateFile", options.CertificateFile, problem);
            leaf.Dispose();
            return null;
        }

        var issuer = leaf.IssuerName.RawData;
        foreach (var link in chain)
        {
            if (!link.SubjectName.RawData.AsSpan().SequenceEqual(issuer))
            {
                faults.Warn($"{key}:CertificateFile", options.CertificateFile, $"\"{link.Subject}\" did not issue the certificate before it; some clients will not find the way to their root. Order the chain leaf first.");
                break;
            }

            issuer = link.IssuerName.RawData;
        }

        return new HostCertificate(host, leaf, chain, options.CertificateFile, options.KeyFile);
    }

    private static string? Problem(string host, X509Certificate2 leaf)
    {
        if (!leaf.MatchesHostname(host, allowWildcards: true, allowCommonName: false))
        {
            return $"The first certificate is not for \"{host}\": no subject alternative name covers it.";
        }

        if (leaf.Extensions.OfType<X509EnhancedKeyUsageExtension>().FirstOrDefault() is { } usage
            && !usage.EnhancedKeyUsages.Cast<Oid>().Any(oid => oid.Value == "1.3.6.1.5.5.7.3.1"))
        {
            return "The first certificate may not be used by a server (extended key usage).";
        }

        using var rsa = leaf.GetRSAPublicKey();
        using var ecdsa = leaf.GetECDsaPublicKey();
        return rsa is { KeySize: >= 3072 } || ecdsa is { KeySize: >= 256 }
            ? null
            : "The key is too weak or of an unusual kind. Use ECDSA P-256 or better, or RSA from 3072 bits.";
    }

    private static char[]? Read(string path, string key, bool isKey, FaultList faults)
    {
        try
        {
            // A link could be pointed elsewhere by whoever owns its directory, past the mode checked here.
            if (isKey && new FileInfo(path).LinkTarget is not null)
            {
                faults.Error(key, path, "The key file is a symbolic link. Name the file itself.");
                return null;
            }

            using var handle = File.OpenHandle(path);
            if (isKey && !OperatingSystem.IsWindows() && (File.GetUnixFileMode(handle) & ~(UnixFileMode.UserRead | UnixFileMode.UserWrite)) != UnixFileMode.None)
            {
                faults.Error(key, path, "The key file is open to others than its owner. Set its mode to 0600.");
                return null;
            }

            var length = RandomAccess.GetLength(handle);
            if (length is 0 or > MaxBytes)
            {
                faults.Error(key, path, length == 0 ? "The file is empty." : $"The file is larger than {MaxBytes} bytes.");
                return null;
            }

            var bytes = new byte[length];
            var read = RandomAccess.Read(handle, bytes, 0);
            var text = System.Text.Encoding.Latin1.GetChars(bytes, 0, read);
            Array.Clear(bytes);
            return text;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            faults.Error(key, path, $"The file cannot be read: {exception.Message}");
            return null;
        }
    }
}
