using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using AuthGateway.Core.Faults;
using AuthGateway.Ldap;
using Microsoft.Extensions.Logging;

namespace AuthGateway.Core.Backends.Ldap;

/// <summary>Finds every fault in a directory's options, and builds the backend when there is none.</summary>
internal static class LdapBackendBuilder
{
    private const int SharedConnections = 2;

    /// <summary>Adds every fault found; <paramref name="key"/> is the key of the backend's section.</summary>
    public static void Validate(LdapBackendOptions options, string key, FaultList faults)
    {
        ValidateHosts(options, key, faults);
        ValidateNames(options, key, faults);
        ValidateSearchUser(options, key, faults);
        LdapOptionsValidator.Validate(options, key, faults);
        LdapRoles.Validate(options, key, faults);
        if (options.AlwaysFilter.Length > 0 && !LdapFilter.TryParse(options.AlwaysFilter, out _, out var fault))
        {
            faults.Error($"{key}:AlwaysFilter", options.AlwaysFilter, $"Not an LDAP filter (RFC 4515): {fault}.");
        }

        if (options.CaFile.Length > 0 && !TryLoadRoots(options.CaFile, out _, out var why))
        {
            faults.Error($"{key}:CaFile", options.CaFile, why);
        }

        if (options.TlsName.Length > 0 && Uri.CheckHostName(options.TlsName) == UriHostNameType.Unknown)
        {
            faults.Error($"{key}:TlsName", options.TlsName, "Must be a host name, such as dc1.example.org.");
        }
    }

    /// <summary>Builds from options without faults; nothing is connected before it is needed.</summary>
    public static IBackend Build(LdapBackendOptions options, BackendDependencies dependencies)
    {
        var (timeProvider, loggers) = (dependencies.TimeProvider, dependencies.Loggers);
        X509Certificate2Collection? roots = null;
        if (options.CaFile.Length > 0 && !TryLoadRoots(options.CaFile, out roots, out var why))
        {
            throw new ArgumentException(why, nameof(options));
        }

        var limits = new LdapLimits { ConnectTimeout = options.ConnectTimeout, OperationTimeout = options.OperationTimeout };
        var poolOptions = new LdapPoolOptions
        {
            ServiceDn = options.SearchUser.Length == 0 ? null : options.SearchUser,
            ServicePassword = options.SearchUser.Length == 0 ? null : options.SearchPassword,
            SharedConnections = SharedConnections,
            ExclusiveConnections = Math.Clamp(options.MaxConnections, 1, LdapPoolOptions.MaxConnections - SharedConnections),
        };
        var hosts = new List<LdapHost>(options.Hosts.Count);
        foreach (var host in options.Hosts)
        {
            if (!LdapEndpoint.TryParse(host, out var endpoint, out var fault))
            {
                throw new ArgumentException(fault, nameof(options));
            }

            if (options.Tunnel.Length > 0)
            {
                var socket = dependencies.TunnelSocket ?? throw new ArgumentException("there are no tunnels here", nameof(dependencies));
                endpoint = endpoint with { SocketPath = socket(options.Tunnel, endpoint.Host, endpoint.Port) };
            }

            var tls = new LdapTlsOptions
            {
                Mode = endpoint.IsLdaps ? LdapTlsMode.Ldaps : options.StartTls ? LdapTlsMode.StartTls : LdapTlsMode.None,
                TargetHost = options.TlsName.Length == 0 ? null : options.TlsName,
                TrustedRoots = roots,
                PinnedSha256 = [.. options.PinnedCertificates.Select(pin => (ReadOnlyMemory<byte>)LdapOptionsValidator.ReadFingerprint(pin)!)],
            };
            hosts.Add(new LdapHost(
                new LdapConnectionPool(endpoint, tls, limits, poolOptions, timeProvider), timeProvider, options.Tunnel.Length > 0 ? LdapHost.OpenForBehindTunnel : LdapHost.OpenFor));
        }

        var logger = loggers.CreateLogger<LdapBackend>();
        var list = new LdapHostList(options.Name, hosts, options.HostOrder == "round-robin", logger);
        return options.UserDnTemplate.Length == 0
            ? new LdapBackend(options, list, timeProvider, logger)
            : new LdapTemplateBackend(options, list, timeProvider, logger);
    }

    /// <summary>Hosts and ports of the servers.</summary>
    public static IReadOnlyList<(string Host, int Port)> Targets(LdapBackendOptions options) =>
        [.. options.Hosts.Select(host => LdapEndpoint.TryParse(host, out var endpoint, out _) ? endpoint : null).OfType<LdapEndpoint>().Select(endpoint => (endpoint.Host, endpoint.Port))];

    /// <summary>What the options refer to beyond themselves: a renewed authority file makes a new backend.</summary>
    public static string Fingerprint(LdapBackendOptions options) =>
        options.CaFile.Length > 0 && TryLoadRoots(options.CaFile, out var roots, out _)
            ? string.Join(',', roots.Select(root => root.GetCertHashString(HashAlgorithmName.SHA256)))
            : "";

    private static void ValidateHosts(LdapBackendOptions options, string key, FaultList faults)
    {
        if (options.Hosts.Count == 0)
        {
            faults.Error($"{key}:Hosts", null, "At least one server is needed, such as ldaps://dc1.example.org.");
        }

        var seen = new HashSet<LdapEndpoint>();
        for (var i = 0; i < options.Hosts.Count; i++)
        {
            var hostKey = $"{key}:Hosts[{i}]";
            if (!LdapEndpoint.TryParse(options.Hosts[i], out var endpoint, out var fault))
            {
                faults.Error(hostKey, options.Hosts[i], $"{fault}.");
            }
            else if (!seen.Add(endpoint))
            {
                faults.Error(hostKey, options.Hosts[i], "This server is already in the list. Remove one of the two.");
            }
            else if (!endpoint.IsLdaps && !options.StartTls && !IsLoopback(endpoint.Host))
            {
                faults.Error(hostKey, options.Hosts[i], "Passwords would cross the network in the clear. Use ldaps://, or StartTls: true.");
            }
        }
    }

    private static void ValidateNames(LdapBackendOptions options, string key, FaultList faults)
    {
        ValidateDn(options.BaseDn, $"{key}:BaseDn", isRequired: true, faults);
        ValidateDn(options.GroupDn, $"{key}:GroupDn", isRequired: false, faults);
        ValidateAttribute(options.UserNameAttribute, $"{key}:UserNameAttribute", isRequired: true, faults);
        ValidateAttribute(options.IdAttribute, $"{key}:IdAttribute", isRequired: true, faults);
        ValidateAttribute(options.MailAttribute, $"{key}:MailAttribute", isRequired: false, faults);
        ValidateAttribute(options.GroupAttribute, $"{key}:GroupAttribute", isRequired: false, faults);
        ValidateAttribute(options.AlternativeLoginAttribute, $"{key}:AlternativeLoginAttribute", isRequired: false, faults);
        ValidateAttribute(options.DisplayNameAttribute, $"{key}:DisplayNameAttribute", isRequired: false, faults);
        ValidateAttribute(options.PhoneAttribute, $"{key}:PhoneAttribute", isRequired: false, faults);
        if (options.LoginAttributes.Count == 0)
        {
            faults.Error($"{key}:LoginAttributes", null, "At least one attribute is needed, such as uid or sAMAccountName.");
        }

        for (var i = 0; i < options.LoginAttributes.Count; i++)
        {
            ValidateAttribute(options.LoginAttributes[i], $"{key}:LoginAttributes[{i}]", isRequired: true, faults);
        }
    }

    private static void ValidateSearchUser(LdapBackendOptions options, string key, FaultList faults)
    {
        if (options.SearchUser.Length > 0 && options.SearchPassword.Length == 0)
        {
            faults.Error($"{key}:SearchPassword", null, "SearchUser needs a password; set SearchPasswordFile or SearchPassword.");
        }
        else if (options.SearchUser.Length == 0 && options.SearchPassword.Length > 0)
        {
            faults.Error($"{key}:SearchUser", null, "A SearchPassword is set but nobody to use it. Set SearchUser, or remove the password.");
        }
    }

    private static void ValidateDn(string dn, string key, bool isRequired, FaultList faults)
    {
        if (string.IsNullOrWhiteSpace(dn))
        {
            if (isRequired)
            {
                faults.Error(key, null, "A distinguished name is needed, such as dc=example,dc=org.");
            }
        }
        else if (!LdapDn.TryNormalize(dn, out _))
        {
            faults.Error(key, dn, "Not a distinguished name (RFC 4514), such as dc=example,dc=org.");
        }
    }

    private static void ValidateAttribute(string name, string key, bool isRequired, FaultList faults)
    {
        if (name.Length == 0 && !isRequired)
        {
            return;
        }

        try
        {
            LdapFilter.Present(name);
        }
        catch (ArgumentException)
        {
            faults.Error(key, name, "Not the name of an LDAP attribute.");
        }
    }

    private static bool IsLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));

    private static bool TryLoadRoots(string file, out X509Certificate2Collection roots, out string why)
    {
        roots = [];
        try
        {
            roots.ImportFromPemFile(file);
            why = roots.Count > 0 ? "" : "The file holds no certificate (-----BEGIN CERTIFICATE-----).";
            return roots.Count > 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            why = $"The file cannot be read as PEM certificates: {e.Message}";
            return false;
        }
    }
}
