using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using AuthGateway.Core.Faults;
using AuthGateway.Core.Services;
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
    public static ForwardingTable Build(IReadOnlyList<Service> services, IReadOnlyDictionary<string, UpstreamOptions> upstreams, FaultList faults)
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
                clusters.Add(Cluster(service, upstream));
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

    private static ClusterConfig Cluster(Service service, UpstreamOptions upstream)
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
