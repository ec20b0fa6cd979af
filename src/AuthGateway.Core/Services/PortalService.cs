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

    /// <summary>The service on a host.</summary>
    public static Service For(string host) => new()
    {
        Name = Name,
        Preset = Name,
        Kind = ServiceKind.Portal,
        Hosts = [host],
        Paths = [ServiceTableBuilder.ReservedPrefix],
        ClosedPaths = [],
        Methods = s_methods,
        Rules = [new Rule { Number = 1, Methods = s_methods, Policy = s_policy }],
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
