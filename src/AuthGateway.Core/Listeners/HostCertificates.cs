using System.Collections.Frozen;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using AuthGateway.Core.Devices;
using AuthGateway.Core.Faults;
using AuthGateway.Core.Services;
using AuthGateway.Core.Telemetry;
using Microsoft.Extensions.Logging;

namespace AuthGateway.Core.Listeners;

/// <summary>What is known about the certificate of a host, for status pages and alarms.</summary>
/// <param name="Host">Canonical host name.</param>
/// <param name="Thumbprint">SHA-256 of the certificate, upper-case hex.</param>
/// <param name="NotBefore">Start, UTC.</param>
/// <param name="NotAfter">End, UTC.</param>
/// <param name="SelfSigned">True for one we made ourselves.</param>
/// <param name="Problem">Why newer files were not taken; null when the files are what is served.</param>
public sealed record HostCertificateStatus(string Host, string Thumbprint, DateTimeOffset NotBefore, DateTimeOffset NotAfter, bool SelfSigned, string? Problem);

/// <summary>
/// One set of TLS options for each host, made at load and only looked up by handshakes. A host whose certificate and trust did not
/// change keeps its very options over a reload.
/// </summary>
internal sealed partial class HostCertificates
{
    private readonly FrozenDictionary<string, Entry> _entries;

    private HostCertificates(FrozenDictionary<string, Entry> entries) => _entries = entries;

    /// <summary>What each host serves.</summary>
    public IReadOnlyList<HostCertificateStatus> Status => [.. _entries.Values.OrderBy(entry => entry.Certificate.Host, StringComparer.Ordinal).Select(entry => new HostCertificateStatus(
        entry.Certificate.Host, entry.Certificate.Leaf.GetCertHashString(System.Security.Cryptography.HashAlgorithmName.SHA256),
        entry.Certificate.NotBefore, entry.Certificate.NotAfter, entry.Certificate.IsSelfSigned, entry.Problem))];

    /// <summary>The options of a canonical host; null when it has none.</summary>
    public SslServerAuthenticationOptions? Find(string host) => _entries.TryGetValue(host, out var entry) ? entry.Options : null;

    /// <summary>The certificate of a canonical host.</summary>
    public HostCertificate? Certificate(string host) => _entries.TryGetValue(host, out var entry) ? entry.Certificate : null;

    /// <summary>Loads every host. <paramref name="hosts"/> has canonical names. What was served before goes on where new files are bad.</summary>
    public static HostCertificates Load(
        IReadOnlyDictionary<string, HostOptions> hosts, DeviceTrust trust, bool demo, FaultList faults, HostCertificates? previous, TimeProvider time, ILogger logger)
    {
        var now = time.GetUtcNow();
        var entries = new Dictionary<string, Entry>(StringComparer.Ordinal);
        foreach (var (host, options) in hosts)
        {
            var key = $"AuthGateway:Hosts:{host}";
            var asks = options.ClientCertificate is "optional" or "required";
            if (asks && trust.Certificates.Count == 0)
            {
                faults.Error($"{key}:ClientCertificate", options.ClientCertificate, "The host asks for device certificates, but no device authority is configured.");
                continue;
            }

            var old = previous?._entries.GetValueOrDefault(host);
            if (Pick(host, options, key, demo, faults, old?.Certificate, now, out var problem) is not { } certificate)
            {
                continue;
            }

            if (problem is not null)
            {
                Log.CertificateRejected(logger, host, problem);
            }

            if (!certificate.IsCurrent(now))
            {
                faults.Warn($"{key}:CertificateFile", options.CertificateFile, $"The certificate is valid from {certificate.NotBefore:u} to {certificate.NotAfter:u}: not now. Clients will refuse it.");
            }

            if (old is not null && old.Asks == asks && old.Certificate.Fingerprint == certificate.Fingerprint && (!asks || ReferenceEquals(old.Trust, trust)))
            {
                entries[host] = old with { Problem = problem };
                continue;
            }

            if (old?.Certificate.Fingerprint != certificate.Fingerprint)
            {
                Log.CertificateLoaded(logger, host, certificate.Leaf.Subject, certificate.NotAfter);
            }

            entries[host] = new Entry(certificate, CreateOptions(certificate, asks ? trust : null, time, logger), asks, trust, problem);
        }

        return new HostCertificates(entries.ToFrozenDictionary(StringComparer.Ordinal));
    }

    /// <summary>Options for one certificate; <paramref name="asks"/> is the trust to ask a client certificate for, or null.</summary>
    public static SslServerAuthenticationOptions CreateOptions(HostCertificate certificate, DeviceTrust? asks, TimeProvider time, ILogger logger)
    {
        var options = new SslServerAuthenticationOptions
        {
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
            AllowRenegotiation = false,
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            // On a resumed session the certificate comes from the ticket: a name that wants one gets a full handshake each time.
            AllowTlsResume = asks is null,
            ClientCertificateRequired = asks is not null,
        };
        SslCertificateTrust? names = null;
        if (asks is not null)
        {
            var authorities = new X509Certificate2Collection(asks.Certificates.ToArray());
            names = SslCertificateTrust.CreateForX509Collection(authorities, sendTrustInHandshake: true);
            // The platform builds a chain of its own before it calls us. It must not fetch anything for that from addresses a stranger
            // wrote into a certificate.
            options.CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
                DisableCertificateDownloads = true,
            };
            options.CertificateChainPolicy.CustomTrustStore.AddRange(authorities);
            var host = certificate.Host;
            // "Required" only asks. A refusal inside TLS looks like a broken network to a phone, which then retries for ever; so the
            // handshake passes and HTTP refuses with a reason, by the same check, on every request.
            options.RemoteCertificateValidationCallback = (_, shown, _, _) =>
            {
                if (shown is X509Certificate2 client && logger.IsEnabled(LogLevel.Debug) && asks.Check(client, time.GetUtcNow()) is { Refusal: { } refusal } check)
                {
                    Log.DeviceRefused(logger, host, refusal.Code, check.Thumbprint);
                }

                return true;
            };
        }

        options.ServerCertificateContext = SslStreamCertificateContext.Create(certificate.Leaf, certificate.Chain, offline: true, names);
        // The platform keeps no TLS sessions for options that choose their suites, so no host resumes (about a quarter fewer handshakes
        // a second). Without the choice it would also take suites in CBC mode, and those are worse.
        if (!OperatingSystem.IsWindows() && !OperatingSystem.IsAndroid())
        {
            options.CipherSuitesPolicy = new CipherSuitesPolicy(
            [
                TlsCipherSuite.TLS_AES_128_GCM_SHA256, TlsCipherSuite.TLS_AES_256_GCM_SHA384, TlsCipherSuite.TLS_CHACHA20_POLY1305_SHA256,
                TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
                TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
                TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, TlsCipherSuite.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
            ]);
        }

        return options;
    }

    /// <summary>The new certificate if it is sound, else the old one of the same files; null when there is neither.</summary>
    private static HostCertificate? Pick(
        string host, HostOptions options, string key, bool demo, FaultList faults, HostCertificate? old, DateTimeOffset now, out string? problem)
    {
        problem = null;
        if (demo && options.CertificateFile.Length == 0 && options.KeyFile.Length == 0)
        {
            return old is { IsSelfSigned: true } && old.IsCurrent(now.AddDays(30)) ? old : HostCertificate.SelfSignedFor(host, now);
        }

        var found = new FaultList();
        var fresh = HostCertificate.Load(host, options, key, found);
        var keepable = old is not null && old.CertificateFile == options.CertificateFile && old.KeyFile == options.KeyFile ? old : null;
        if (fresh is not null && (keepable is null || fresh.IsCurrent(now) || !keepable.IsCurrent(now)))
        {
            foreach (var fault in found.All)
            {
                faults.Add(fault);
            }

            return fresh;
        }

        if (keepable is null)
        {
            foreach (var fault in found.All)
            {
                faults.Add(fault);
            }

            return null;
        }

        // The files were sound when they were loaded and are not now, in the middle of a renewal perhaps. Served goes on what works.
        problem = fresh is not null ? "The new certificate is not valid now." : found.All.First(fault => fault.Severity == FaultSeverity.Error).Message;
        foreach (var fault in found.All.Where(fault => fault.Severity == FaultSeverity.Error).DefaultIfEmpty(new Fault(FaultSeverity.Error, $"{key}:CertificateFile", options.CertificateFile, problem)))
        {
            faults.Warn(fault.Key, fault.Value, $"{fault.Message} The certificate loaded before, good until {keepable.NotAfter:u}, is still served.");
        }

        return keepable;
    }

    private sealed record Entry(HostCertificate Certificate, SslServerAuthenticationOptions Options, bool Asks, DeviceTrust Trust, string? Problem);

    private static partial class Log
    {
        [LoggerMessage(EventIds.CertificateLoaded, LogLevel.Information, "{Host}: serving certificate {Subject}, good until {NotAfter:u}.")]
        public static partial void CertificateLoaded(ILogger logger, string host, string subject, DateTimeOffset notAfter);

        [LoggerMessage(EventIds.CertificateRejected, LogLevel.Error, "{Host}: the changed certificate was not taken, the old one is still served: {Problem}")]
        public static partial void CertificateRejected(ILogger logger, string host, string problem);

        [LoggerMessage(EventIds.DeviceRefused, LogLevel.Debug, "{Host}: client certificate {Thumbprint} will be refused: {Reason}.")]
        public static partial void DeviceRefused(ILogger logger, string host, string reason, string? thumbprint);
    }
}
