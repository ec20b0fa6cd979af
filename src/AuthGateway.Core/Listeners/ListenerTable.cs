using System.Collections.Frozen;
using System.Globalization;
using System.Net;
using System.Net.Security;
using AuthGateway.Core.Devices;
using AuthGateway.Core.Edge;
using AuthGateway.Core.Faults;
using AuthGateway.Core.Networks;
using AuthGateway.Core.Services;
using Microsoft.Extensions.Logging;

namespace AuthGateway.Core.Listeners;

/// <summary>One listener, validated.</summary>
/// <param name="Name">The listener's name.</param>
/// <param name="Kind">What it is for.</param>
/// <param name="Tls">True for https.</param>
/// <param name="EndPoint">Where it listens.</param>
/// <param name="AllowFrom">Who may connect.</param>
/// <param name="IsRestricted">True when not everybody may connect.</param>
public sealed record Listener(string Name, ListenerKind Kind, bool Tls, IPEndPoint EndPoint, NetworkSet AllowFrom, bool IsRestricted);

/// <summary>
/// Every listener and the TLS options of every host on it: validated, immutable, looked up by handshakes and requests. Endpoints
/// are opened at start; everything else follows the current table.
/// </summary>
public sealed class ListenerTable
{
    private readonly FrozenDictionary<string, Face> _faces;
    private readonly FrozenDictionary<string, bool> _asks;
    private readonly HostCertificates _certificates;

    private ListenerTable(FrozenDictionary<string, Face> faces, FrozenDictionary<string, bool> asks, HostCertificates certificates, IReadOnlyList<string> files)
    {
        _faces = faces;
        _asks = asks;
        _certificates = certificates;
        Files = files;
        Listeners = [.. faces.Values.Select(face => face.Listener).OrderBy(listener => listener.Name, StringComparer.Ordinal)];
    }

    private const int DefaultPort = 443;

    /// <summary>The listeners, by name.</summary>
    public IReadOnlyList<Listener> Listeners { get; }

    /// <summary>Certificate and key files to watch; when one changes, build anew with this table as the previous one.</summary>
    public IReadOnlyList<string> Files { get; }

    /// <summary>What each host serves, and what is wrong with files that were not taken.</summary>
    public IReadOnlyList<HostCertificateStatus> Certificates => _certificates.Status;

    /// <summary>Checks listeners and hosts together and loads every certificate. Null after an error.</summary>
    /// <param name="listeners">Listeners by name.</param>
    /// <param name="hosts">Hosts by name; file paths are absolute here.</param>
    /// <param name="trust">Who may issue device certificates.</param>
    /// <param name="networks">Networks by name.</param>
    /// <param name="demo">True where hosts without files get self-signed certificates.</param>
    /// <param name="faults">Takes what is wrong.</param>
    /// <param name="previous">The table in force: its certificates go on where changed files are bad.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Told of certificates taken and refused.</param>
    public static ListenerTable? Build(
        IReadOnlyDictionary<string, ListenerOptions> listeners, IReadOnlyDictionary<string, HostOptions> hosts, DeviceTrust trust,
        NetworkCatalog networks, bool demo, FaultList faults, ListenerTable? previous, TimeProvider time, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(listeners);
        ArgumentNullException.ThrowIfNull(hosts);
        ArgumentNullException.ThrowIfNull(trust);
        ArgumentNullException.ThrowIfNull(networks);
        ArgumentNullException.ThrowIfNull(faults);
        ArgumentNullException.ThrowIfNull(time);
        var own = new FaultList();
        var parsed = ParseListeners(listeners, networks, own);
        var canonical = CanonicalHosts(hosts, own);
        var placed = Place(canonical, parsed, listeners.Keys, own);
        var certificates = HostCertificates.Load(canonical, trust, demo, own, previous?._certificates, time, logger);
        if (previous is not null)
        {
            WarnOfMovedEndpoints(parsed, previous, own);
        }

        foreach (var fault in own.All)
        {
            faults.Add(fault);
        }

        if (own.HasErrors)
        {
            return null;
        }

        var faces = parsed.ToFrozenDictionary(
            pair => pair.Key,
            pair => CreateFace(pair.Value, parsed, placed, canonical, certificates, previous, time, logger),
            StringComparer.OrdinalIgnoreCase);
        var files = canonical.Values.SelectMany(host => new[] { host.CertificateFile, host.KeyFile }).Where(file => file.Length > 0).Distinct(StringComparer.Ordinal);
        return new ListenerTable(faces, canonical.ToFrozenDictionary(pair => pair.Key, pair => Asks(pair.Value), StringComparer.Ordinal), certificates, [.. files]);
    }

    /// <summary>
    /// The TLS options for a handshake; null means it fails. A name nobody publishes gets nothing, for any certificate shown would
    /// be a wrong one. Without a name the answer is a host that asks no client certificate, so that nobody reaches a host that does
    /// by leaving its name out.
    /// </summary>
    public SslServerAuthenticationOptions? Find(string listenerName, string? sni)
    {
        if (!_faces.TryGetValue(listenerName, out var face))
        {
            return null;
        }

        if (face.Listener.Kind == ListenerKind.Staff || string.IsNullOrEmpty(sni))
        {
            return face.WithoutName;
        }

        return HostName.TryCanonicalize(sni, DefaultPort, out var host) && face.Hosts.TryGetValue(host, out var options) ? options : null;
    }

    /// <summary>Who may connect to a listener; nobody to one that is not in the table (any more).</summary>
    public NetworkSet AllowFrom(string listenerName) => _faces.TryGetValue(listenerName, out var face) ? face.Listener.AllowFrom : NetworkSet.None;

    /// <summary>True when the handshake with this host asks for a device certificate; also for a host that is not ours, for that is the stricter answer.</summary>
    public bool HostAsksCertificate(string host) => !HostName.TryCanonicalize(host, DefaultPort, out var name) || !_asks.TryGetValue(name, out var asks) || asks;

    /// <summary>True when the host is served on the listener.</summary>
    public bool Serves(string listenerName, string host) =>
        _faces.TryGetValue(listenerName, out var face) && HostName.TryCanonicalize(host, DefaultPort, out var name) && face.Hosts.ContainsKey(name);

    /// <summary>Where a browser that came to a plain listener is sent: <c>https://host</c> with the port where it is not 443; null for a host it may not learn about.</summary>
    public string? RedirectOrigin(string listenerName, string host) =>
        _faces.TryGetValue(listenerName, out var face) && HostName.TryCanonicalize(host, DefaultPort, out var name) && face.Redirects.TryGetValue(name, out var origin) ? origin : null;

    private static Dictionary<string, Listener> ParseListeners(IReadOnlyDictionary<string, ListenerOptions> options, NetworkCatalog networks, FaultList faults)
    {
        var listeners = new Dictionary<string, Listener>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, option) in options.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            var key = $"AuthGateway:Listeners:{name}";
            var restricted = option.AllowFrom.Count > 0;
            var allowFrom = restricted ? networks.Resolve(option.AllowFrom, $"{key}:AllowFrom", faults) : NetworkSet.Any;
            if (ParseUrl(option.Url) is not var (tls, endPoint))
            {
                faults.Error($"{key}:Url", option.Url, "Not a listener address. Write https:// or http://, an IP address and a port, such as \"https://0.0.0.0:443\" or \"https://[::]:443\".");
                continue;
            }

            var staff = string.Equals(option.Kind, "staff", StringComparison.Ordinal);
            if (staff && !restricted && !IPAddress.IsLoopback(endPoint.Address))
            {
                faults.Error($"{key}:AllowFrom", null, "A staff listener is private: bind it to a loopback address or say from which networks it may be reached.");
            }

            if (listeners.Values.FirstOrDefault(other => Collide(other.EndPoint, endPoint)) is { } twin)
            {
                faults.Error($"{key}:Url", option.Url, $"Listener \"{twin.Name}\" already listens there.");
            }

            listeners[name] = new Listener(name, staff ? ListenerKind.Staff : tls ? ListenerKind.Public : ListenerKind.Plain, tls, endPoint, allowFrom, restricted);
        }

        return listeners;
    }

    private static (bool Tls, IPEndPoint EndPoint)? ParseUrl(string url)
    {
        var tls = url.StartsWith("https://", StringComparison.Ordinal);
        if (!tls && !url.StartsWith("http://", StringComparison.Ordinal))
        {
            return null;
        }

        var rest = url[(tls ? 8 : 7)..].TrimEnd('/');
        var colon = rest.LastIndexOf(':');
        if (colon < 1 || !ushort.TryParse(rest.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port))
        {
            return null;
        }

        var host = rest[..colon];
        var bracketed = host.Length > 2 && host[0] == '[' && host[^1] == ']';
        if (!IPAddress.TryParse(bracketed ? host[1..^1] : host, out var address))
        {
            return null;
        }

        // TryParse also takes 010.0.0.1 and 127.1; what does not come back as written is not what was meant.
        var isV6 = address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6;
        return isV6 == bracketed && (isV6 || address.ToString() == host) ? (tls, new IPEndPoint(address, port)) : null;
    }

    /// <summary>Port 0, a free port of the system's choice, never collides; an address that means all collides with every other on its port.</summary>
    private static bool Collide(IPEndPoint a, IPEndPoint b) =>
        a.Port == b.Port && a.Port != 0 && (a.Address.Equals(b.Address)
            || a.Address.Equals(IPAddress.IPv6Any) || b.Address.Equals(IPAddress.IPv6Any)
            || (a.AddressFamily == b.AddressFamily && (a.Address.Equals(IPAddress.Any) || b.Address.Equals(IPAddress.Any))));

    private static SortedDictionary<string, HostOptions> CanonicalHosts(IReadOnlyDictionary<string, HostOptions> hosts, FaultList faults)
    {
        var canonical = new SortedDictionary<string, HostOptions>(StringComparer.Ordinal);
        foreach (var (name, host) in hosts)
        {
            if (!HostName.TryCanonicalize(name, DefaultPort, out var spelled))
            {
                faults.Error($"AuthGateway:Hosts:{name}", name, "Not a host name. Write it in ASCII (xn-- form for others), without scheme, port or wildcard.");
            }
            else if (!canonical.TryAdd(spelled, host))
            {
                faults.Error($"AuthGateway:Hosts:{name}", name, "The host stands in the configuration twice.");
            }
        }

        return canonical;
    }

    /// <summary>Which hosts are on which listener.</summary>
    private static Dictionary<string, List<string>> Place(
        SortedDictionary<string, HostOptions> hosts, Dictionary<string, Listener> listeners, IEnumerable<string> known, FaultList faults)
    {
        var placed = listeners.Keys.ToDictionary(name => name, _ => new List<string>(), StringComparer.OrdinalIgnoreCase);
        foreach (var (host, options) in hosts)
        {
            var key = $"AuthGateway:Hosts:{host}:Listeners";
            var count = 0;
            if (options.Listeners.Count == 0)
            {
                foreach (var listener in listeners.Values.Where(listener => listener is { Kind: ListenerKind.Public, IsRestricted: false }))
                {
                    placed[listener.Name].Add(host);
                    count++;
                }
            }

            for (var i = 0; i < options.Listeners.Count; i++)
            {
                if (!listeners.TryGetValue(options.Listeners[i], out var listener))
                {
                    if (!known.Contains(options.Listeners[i], StringComparer.OrdinalIgnoreCase))
                    {
                        faults.Error($"{key}[{i}]", options.Listeners[i], FaultList.Unknown("listener", options.Listeners[i], known));
                    }
                }
                else if (listener.Kind != ListenerKind.Public)
                {
                    faults.Error($"{key}[{i}]", options.Listeners[i], "Hosts are served on https listeners of kind public only.");
                }
                else if (!placed[listener.Name].Contains(host, StringComparer.Ordinal))
                {
                    placed[listener.Name].Add(host);
                    count++;
                }
            }

            if (count == 0 && options.Listeners.Count == 0)
            {
                faults.Error(key, null, "The host is served nowhere: every https listener has an AllowFrom. Name the listeners it is served on.");
            }
        }

        return placed;
    }

    private static Face CreateFace(
        Listener listener, Dictionary<string, Listener> all, Dictionary<string, List<string>> placed, SortedDictionary<string, HostOptions> hosts,
        HostCertificates certificates, ListenerTable? previous, TimeProvider time, ILogger logger)
    {
        switch (listener.Kind)
        {
            case ListenerKind.Plain:
                var redirects = new Dictionary<string, string>(StringComparer.Ordinal);
                // To everybody a plain listener speaks only of hosts that everybody may reach.
                foreach (var target in all.Values.Where(other => other.Kind == ListenerKind.Public && (listener.IsRestricted || !other.IsRestricted)).OrderBy(other => other.EndPoint.Port == 443 ? 0 : 1))
                {
                    foreach (var host in placed[target.Name])
                    {
                        redirects.TryAdd(host, target.EndPoint.Port is 443 or 0 ? $"https://{host}" : $"https://{host}:{target.EndPoint.Port}");
                    }
                }

                return new Face(listener, FrozenDictionary<string, SslServerAuthenticationOptions>.Empty, null, null, redirects.ToFrozenDictionary(StringComparer.Ordinal));
            case ListenerKind.Staff when listener.Tls:
                var before = previous?._faces.GetValueOrDefault(listener.Name);
                var certificate = hosts.Keys.Select(certificates.Certificate).FirstOrDefault(found => found is { IsSelfSigned: false })
                    ?? (before?.StaffCertificate is { IsSelfSigned: true } kept && kept.IsCurrent(time.GetUtcNow().AddDays(30)) ? kept : HostCertificate.SelfSignedFor("localhost", time.GetUtcNow()));
                var options = before?.StaffCertificate?.Fingerprint == certificate.Fingerprint ? before.WithoutName : HostCertificates.CreateOptions(certificate, null, time, logger);
                return new Face(listener, FrozenDictionary<string, SslServerAuthenticationOptions>.Empty, options, certificate, FrozenDictionary<string, string>.Empty);
            default:
                var table = placed[listener.Name].ToFrozenDictionary(host => host, host => certificates.Find(host)!, StringComparer.Ordinal);
                var open = placed[listener.Name].Where(host => !Asks(hosts[host])).Order(StringComparer.Ordinal).FirstOrDefault();
                return new Face(listener, table, open is null ? null : table[open], null, FrozenDictionary<string, string>.Empty);
        }
    }

    private static void WarnOfMovedEndpoints(Dictionary<string, Listener> parsed, ListenerTable previous, FaultList faults)
    {
        foreach (var listener in parsed.Values)
        {
            var old = previous._faces.GetValueOrDefault(listener.Name)?.Listener;
            if (old is null || !old.EndPoint.Equals(listener.EndPoint) || old.Tls != listener.Tls || old.Kind != listener.Kind)
            {
                faults.Warn($"AuthGateway:Listeners:{listener.Name}", null, "New or moved listeners are opened at the next start.");
            }
        }
    }

    private static bool Asks(HostOptions host) => host.ClientCertificate is "optional" or "required";

    private sealed record Face(
        Listener Listener, FrozenDictionary<string, SslServerAuthenticationOptions> Hosts, SslServerAuthenticationOptions? WithoutName,
        HostCertificate? StaffCertificate, FrozenDictionary<string, string> Redirects);
}
