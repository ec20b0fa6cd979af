using System.Collections.Frozen;
using AuthGateway.Core.Policies;

namespace AuthGateway.Core.Services;

/// <summary>The gateway's own pages as a service: judged in the same corridor as every other, on each host where people sign in by form.</summary>
internal static class PortalService
{
    /// <summary>Name in audit, metrics and <c>explain</c>.</summary>
    public const string Name = "portal";

    private static readonly FrozenSet<string> s_methods = FrozenSet.ToFrozenSet(["GET", "HEAD", "POST"], StringComparer.Ordinal);

    // Who is not signed in must reach the page that signs him in; what a page shows or does is decided by the session it finds.
    private static readonly Policy s_policy = new() { Name = Name, Anonymous = true };

    // Where every rule asks for a device, strangers without one do not reach the form either, nor anybody's counter.
    private static readonly Policy s_devicePolicy = new() { Name = Name, Anonymous = true, RequiresDevice = true };

    /// <summary>The service on a host. It is open to the networks that some rule of the host's web services lets in, and to no others.</summary>
    /// <param name="host">Canonical host.</param>
    /// <param name="services">Services of the host.</param>
    public static Service For(string host, IEnumerable<Service> services) => new()
    {
        Name = Name,
        Preset = Name,
        Kind = ServiceKind.Portal,
        Hosts = [host],
        Paths = [ServiceTableBuilder.ReservedPrefix],
        ClosedPaths = [],
        Methods = s_methods,
        Rules =
        [
            .. services
                .Where(service => (service.Logins & LoginWays.Form) != 0)
                .SelectMany(service => service.Rules)
                .Where(rule => rule.Policy is { Anonymous: false, Denies: false })
                .OrderBy(rule => rule.Policy.RequiresDevice)
                .Select((rule, index) => new Rule
                {
                    Number = index + 1,
                    From = rule.From.Intersect(rule.Policy.Networks),
                    Methods = s_methods,
                    Policy = rule.Policy.RequiresDevice ? s_devicePolicy : s_policy,
                }),
        ],
        Upstream = "",
        Identity = IdentityForwarding.None,
        IdentityHeader = "",
        Logins = LoginWays.None,
        NeedsContentLength = false,
        ActivityTimeout = TimeSpan.FromSeconds(100),
        MaxBodyBytes = 64 * 1024,
        ReuseConnections = false,
        IsSogo = false,
        AllowsUnusualPaths = false,
    };
}
