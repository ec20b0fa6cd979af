using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using AuthGateway.Core.Faults;
using AuthGateway.Core.Services;
using AuthGateway.Core.Tunnels;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.LoadBalancing;

namespace AuthGateway.Core.Forwarding;

/// <summary>The proxy's routes and clusters, one of each per service, built from the service table.</summary>
public sealed class ForwardingTable
{
    /// <summary>Route that every admitted request enters by; the service decides the real one. No service can have this name.</summary>
    internal const string EntranceRoute = "/entrance";

    /// <summary>Metadata key with the version of a private CA, so that a new file makes a new client.</summary>
    internal const string CaVersion = "CaVersion";

    /// <summary>Metadata key with the file of a private CA.</summary>
    internal const string CaFile = "CaFile";

    /// <summary>Metadata key that is there when every request gets a connection of its own.</summary>
    internal const string OneRequest = "OneRequest";

    /// <summary>Metadata key with the folder of tunnels' sockets.</summary>
    internal const string TunnelFolder = "TunnelFolder";

    /// <summary>Metadata key with the tunnel every destination is reached through.</summary>
    internal const string Tunnel = "Tunnel";

    private ForwardingTable(IReadOnlyList<RouteConfig> routes, IReadOnlyList<ClusterConfig> clusters)
    {
        Routes = routes;
        Clusters = clusters;
    }

    internal IReadOnlyList<RouteConfig> Routes { get; }

    internal IReadOnlyList<ClusterConfig> Clusters { get; }

    /// <summary>An empty table, for the time before the first load.</summary>
    public static ForwardingTable Empty { get; } = new([Entrance("/none")], [new ClusterConfig { ClusterId = "/none" }]);

    /// <summary>Builds routes and clusters and checks every destination.</summary>
    /// <param name="services">Published services.</param>
    /// <param name="upstreams">What they are forwarded to.</param>
    /// <param name="faults">Where faults are added.</param>
    /// <param name="places">Where tunnels have their local ends; null where there are none.</param>
    public static ForwardingTable Build(IReadOnlyList<Service> services, IReadOnlyDictionary<string, UpstreamOptions> upstreams, FaultList faults, TunnelPlaces? places = null)
    {
        foreach (var (name, upstream) in upstreams)
        {
            CheckUpstream($"AuthGateway:Upstreams:{name}", upstream, faults);
        }

        var routes = new List<RouteConfig>();
        var clusters = new List<ClusterConfig>();
        foreach (var service in services)
        {
            if (upstreams.TryGetValue(service.Upstream, out var upstream))
            {
                routes.Add(new RouteConfig { RouteId = service.Name, ClusterId = service.Name, Match = Never(service.Name) });
                clusters.Add(Cluster(service, upstream, places));
            }
        }

        if (clusters.Count == 0)
        {
            return Empty;
        }

        routes.Add(Entrance(clusters[0].ClusterId));
        return new ForwardingTable(routes, clusters);
    }

    /// <summary>
    /// This table with what only the other one has, so that requests still judged by the other find their upstream. The proxy takes
    /// names without regard to case, and refuses a table with the same name twice.
    /// </summary>
    internal ForwardingTable WithLeftovers(ForwardingTable other) => new(
        [.. Routes.UnionBy(other.Routes, route => route.RouteId, StringComparer.OrdinalIgnoreCase)],
        [.. Clusters.UnionBy(other.Clusters, cluster => cluster.ClusterId, StringComparer.OrdinalIgnoreCase)]);

    private static RouteConfig Entrance(string cluster) => new()
    {
        RouteId = EntranceRoute,
        ClusterId = cluster,
        Match = new RouteMatch { Path = "/{**path}" },
        Order = 0,
    };

    // Services are found by our own table; these routes exist for their transforms and are never matched by the router.
    private static RouteMatch Never(string name) => new() { Path = $"/.agw/never/{Uri.EscapeDataString(name)}" };

    private static ClusterConfig Cluster(Service service, UpstreamOptions upstream, TunnelPlaces? places)
    {
        var destinations = new Dictionary<string, DestinationConfig>(StringComparer.Ordinal);
        for (var i = 0; i < upstream.Destinations.Count; i++)
        {
            destinations[i.ToString(CultureInfo.InvariantCulture)] = new DestinationConfig { Address = upstream.Destinations[i].TrimEnd('/') + "/" };
        }

        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        if (upstream.CaFile.Length > 0)
        {
            metadata[CaFile] = upstream.CaFile;
            metadata[CaVersion] = File.Exists(upstream.CaFile) ? File.GetLastWriteTimeUtc(upstream.CaFile).Ticks.ToString(CultureInfo.InvariantCulture) : "0";
        }

        if (upstream.Tunnel.Length > 0)
        {
            metadata[Tunnel] = upstream.Tunnel;
            metadata[TunnelFolder] = places?.Folder ?? ""; // without a folder nothing is reached, least of all directly
        }

        if (!service.ReuseConnections)
        {
            metadata[OneRequest] = "true";
        }

        return new ClusterConfig
        {
            ClusterId = service.Name,
            Destinations = destinations,
            LoadBalancingPolicy = LoadBalancingPolicies.PowerOfTwoChoices,
            // HashCookie, the default, would need a package that is pruned (docs/decisions/0003).
            SessionAffinity = upstream.Affinity is "cookie"
                ? new SessionAffinityConfig
                {
                    Enabled = true,
                    Policy = "ArrCookie",
                    FailurePolicy = "Redistribute",
                    AffinityKeyName = Edge.GatewayCookies.Route,
                    Cookie = new SessionAffinityCookieConfig
                    {
                        HttpOnly = true,
                        SecurePolicy = Microsoft.AspNetCore.Http.CookieSecurePolicy.Always,
                        SameSite = Microsoft.AspNetCore.Http.SameSiteMode.Lax,
                        Path = "/",
                    },
                }
                : null,
            HealthCheck = destinations.Count > 1
                ? new HealthCheckConfig { Passive = new PassiveHealthCheckConfig { Enabled = true, Policy = "TransportFailureRate", ReactivationPeriod = TimeSpan.FromSeconds(10) } }
                : null,
            HttpClient = new HttpClientConfig
            {
                // Bytes above ASCII pass unchanged both ways instead of being a 502.
                RequestHeaderEncoding = "iso-8859-1",
                ResponseHeaderEncoding = "iso-8859-1",
                EnableMultipleHttp2Connections = false,
            },
            HttpRequest = new ForwarderRequestConfig
            {
                Version = System.Net.HttpVersion.Version11,
                VersionPolicy = HttpVersionPolicy.RequestVersionExact,
                ActivityTimeout = service.ActivityTimeout,
                AllowResponseBuffering = false,
            },
            Metadata = metadata,
        };
    }

    /// <summary>What an upstream reaches through a tunnel: hosts and ports of its destinations. Those that cannot be read are faults of their own.</summary>
    public static IReadOnlyList<(string Host, int Port)> TunnelTargets(UpstreamOptions upstream) =>
        [.. upstream.Destinations.Select(text => Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Port > 0 ? uri : null).OfType<Uri>().Select(uri => (uri.IdnHost, uri.Port))];

    private static void CheckUpstream(string key, UpstreamOptions upstream, FaultList faults)
    {
        for (var i = 0; i < upstream.Destinations.Count; i++)
        {
            var text = upstream.Destinations[i];
            if (!Uri.TryCreate(text, UriKind.Absolute, out var uri)
                || (uri.Scheme != Uri.UriSchemeHttp && uri.Scheme != Uri.UriSchemeHttps)
                || uri.PathAndQuery != "/"
                || uri.UserInfo.Length > 0
                || uri.Fragment.Length > 0)
            {
                faults.Error($"{key}:Destinations[{i}]", text, "A destination is \"http://host:port\" or \"https://host:port\", without path or user.");
            }
        }

        if (upstream.CaFile.Length > 0)
        {
            try
            {
                var roots = new X509Certificate2Collection();
                roots.ImportFromPemFile(upstream.CaFile);
                if (roots.Count == 0)
                {
                    faults.Error($"{key}:CaFile", upstream.CaFile, "The file holds no certificate. Give a PEM file with the authority that issued the upstream's certificate.");
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or System.Security.Cryptography.CryptographicException)
            {
                faults.Error($"{key}:CaFile", upstream.CaFile, $"The file cannot be read as PEM certificates: {e.Message}");
            }
        }
    }
}
