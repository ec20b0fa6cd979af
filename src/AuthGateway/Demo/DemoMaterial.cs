using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using AuthGateway.Core.Identities;

namespace AuthGateway.Demo;

/// <summary>
/// What the demo needs on disk: certificates, the shared secret and the passwords of its users, in one folder of the state
/// directory that only its owner can read. What is there and still valid for a week is kept.
/// </summary>
internal sealed class DemoMaterial
{
    private static readonly TimeSpan s_leastLeft = TimeSpan.FromDays(7);
    private static readonly string[] s_users = ["alice", "bob"];

    private DemoMaterial(string folder, IReadOnlyDictionary<string, string> passwords) => (Folder, Passwords) = (folder, passwords);

    /// <summary>The folder, as a full path.</summary>
    public string Folder { get; }

    /// <summary>Passwords of the demo's users by login. They are for trying out, so they may be printed.</summary>
    public IReadOnlyDictionary<string, string> Passwords { get; }

    /// <summary>Certificate of the device authority.</summary>
    public string DeviceAuthority => Path.Combine(Folder, "device-ca.pem");

    /// <summary>Alice's device certificate and key.</summary>
    public string Alice => Path.Combine(Folder, "alice.pem");

    /// <summary>Alice's device certificate and key for browsers; the password is alice's.</summary>
    public string AlicePkcs12 => Path.Combine(Folder, "alice.p12");

    /// <summary>A certificate that says alice too, from an authority nobody trusts.</summary>
    public string Mallory => Path.Combine(Folder, "mallory.pem");

    /// <summary>The gateway's self-signed certificate.</summary>
    public string ServerCertificate => Path.Combine(Folder, "server.pem");

    /// <summary>Its key.</summary>
    public string ServerKey => Path.Combine(Folder, "server.key");

    /// <summary>File with the secret shared between gateway and upstream.</summary>
    public string SharedSecretFile => Path.Combine(Folder, "shared-secret");

    /// <summary>The secret shared between gateway and upstream.</summary>
    public string SharedSecret => File.ReadAllText(SharedSecretFile).Trim();

    /// <summary>Makes what is missing or about to expire.</summary>
    public static DemoMaterial Prepare(string folder, TimeProvider time)
    {
        folder = Path.GetFullPath(folder);
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

            // A folder that was there already keeps its mode, so it is set again.
            File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        var material = new DemoMaterial(folder, PreparePasswords(Path.Combine(folder, "passwords.txt")));
        if (!File.Exists(material.SharedSecretFile) || material.SharedSecret.Length < 32)
        {
            WriteAtomically(material.SharedSecretFile, RandomNumberGenerator.GetString("abcdefghijklmnopqrstuvwxyz0123456789", 43) + "\n");
        }

        var now = time.GetUtcNow();
        material.PrepareDevices(now);
        material.PrepareServer(now);
        return material;
    }

    private void PrepareDevices(DateTimeOffset now)
    {
        var key = Path.Combine(Folder, "device-ca.key");
        if (!(IsValid(DeviceAuthority, now) && File.Exists(key)))
        {
            using var authority = Authority("AuthGateway demo device CA", now);
            WriteAtomically(key, Pem(authority.GetECDsaPrivateKey()!));
            WriteAtomically(DeviceAuthority, authority.ExportCertificatePem() + "\n");
            File.Delete(Alice);
        }

        if (!IsValid(Alice, now) || !File.Exists(AlicePkcs12))
        {
            using var authority = X509Certificate2.CreateFromPemFile(DeviceAuthority, key);
            using var device = Device("alice", authority, now);
            WriteAtomically(Alice, device.ExportCertificatePem() + "\n" + Pem(device.GetECDsaPrivateKey()!));
            WriteAtomically(AlicePkcs12, device.Export(X509ContentType.Pkcs12, Passwords["alice"]));
        }

        if (!IsValid(Mallory, now))
        {
            using var stranger = Authority("Somebody else's CA", now);
            using var device = Device("alice", stranger, now);
            WriteAtomically(Mallory, device.ExportCertificatePem() + "\n" + Pem(device.GetECDsaPrivateKey()!));
        }
    }

    private void PrepareServer(DateTimeOffset now)
    {
        if (IsValid(ServerCertificate, now) && File.Exists(ServerKey))
        {
            return;
        }

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=AuthGateway demo", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(DemoConfiguration.MailHost);
        names.AddDnsName(DemoConfiguration.PhoneHost);
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        names.AddIpAddress(IPAddress.IPv6Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        using var certificate = request.CreateSelfSigned(now.AddMinutes(-5), now.AddDays(365));
        WriteAtomically(ServerKey, Pem(key));
        WriteAtomically(ServerCertificate, certificate.ExportCertificatePem() + "\n");
    }

    private static X509Certificate2 Authority(string name, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        return request.CreateSelfSigned(now.AddMinutes(-5), now.AddDays(730));
    }

    private static X509Certificate2 Device(string owner, X509Certificate2 authority, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={owner}'s demo phone", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddEmailAddress($"{owner}@{DemoConfiguration.MailDomain}");
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.2")], false));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(authority, true, false));
        var end = now.AddDays(365);
        var serial = RandomNumberGenerator.GetBytes(16);
        serial[0] &= 0x7F;
        using var certificate = request.Create(authority, now.AddMinutes(-5), end.UtcDateTime < authority.NotAfter.ToUniversalTime() ? end : new DateTimeOffset(authority.NotAfter), serial);
        return certificate.CopyWithPrivateKey(key);
    }

    private static bool IsValid(string file, DateTimeOffset now)
    {
        if (!File.Exists(file))
        {
            return false;
        }

        try
        {
            using var certificate = X509Certificate2.CreateFromPem(File.ReadAllText(file));
            return certificate.NotBefore.ToUniversalTime() <= now.UtcDateTime && certificate.NotAfter.ToUniversalTime() >= (now + s_leastLeft).UtcDateTime;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    private static Dictionary<string, string> PreparePasswords(string file)
    {
        var passwords = new Dictionary<string, string>(StringComparer.Ordinal);
        if (File.Exists(file))
        {
            foreach (var line in File.ReadLines(file))
            {
                if (line.Split(' ') is [var user, { Length: >= 16 } password] && UserName.TryParse(user, out _))
                {
                    passwords[user] = password;
                }
            }
        }

        if (s_users.All(passwords.ContainsKey))
        {
            return passwords;
        }

        // Without letters and digits that look alike: they are read from a screen and typed into a phone.
        foreach (var user in s_users.Where(user => !passwords.ContainsKey(user)))
        {
            passwords[user] = RandomNumberGenerator.GetString("abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789", 16);
        }

        WriteAtomically(file, string.Concat(passwords.Select(pair => $"{pair.Key} {pair.Value}\n")));
        return passwords;
    }

    private static string Pem(ECDsa key) => key.ExportPkcs8PrivateKeyPem() + "\n";

    private static void WriteAtomically(string file, string text) => WriteAtomically(file, Encoding.UTF8.GetBytes(text));

    // Never half a file under the name: written beside it with mode 0600 from the start, forced to disk, renamed.
    private static void WriteAtomically(string file, byte[] content)
    {
        var temporary = $"{file}.{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4))}.tmp";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        try
        {
            using (var stream = new FileStream(temporary, options))
            {
                stream.Write(content);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, file, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }
}
