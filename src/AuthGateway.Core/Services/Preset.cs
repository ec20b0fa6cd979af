using System.Collections.Frozen;
using AuthGateway.Core.Edge;

namespace AuthGateway.Core.Services;

/// <summary>What is known of a product before anybody configures it.</summary>
internal sealed record Preset
{
    private static readonly string[] WebMethods = ["GET", "HEAD", "POST", "OPTIONS"];

    private static readonly string[] DavMethods =
    [
        "GET", "HEAD", "POST", "OPTIONS", "PUT", "DELETE", "PROPFIND", "PROPPATCH", "MKCOL", "MKCALENDAR", "COPY", "MOVE", "LOCK", "UNLOCK",
        "REPORT", "ACL", "SEARCH",
    ];

    // A Ping may rest 3,540 s; phones allow 5 s on top, so the answer must be the upstream's and never our time-out.
    private static readonly TimeSpan ActiveSyncTimeout = TimeSpan.FromSeconds(3_700);

    private const long MiB = 1024 * 1024;

    /// <summary>Every preset by name.</summary>
    public static FrozenDictionary<string, Preset> All { get; } = new[]
    {
        new Preset
        {
            Name = "generic-web",
            Kind = ServiceKind.Web,
            Paths = ["/"],
            Methods = WebMethods,
            Identity = IdentityForwarding.Header,
            IdentityHeader = "X-Remote-User",
        },
        new Preset
        {
            Name = "generic-activesync",
            Kind = ServiceKind.ActiveSync,
            Paths = ["/Microsoft-Server-ActiveSync"],
            Methods = ["OPTIONS", "POST"],
            Identity = IdentityForwarding.Basic,
            IdentityHeader = "X-Remote-User",
            ActivityTimeout = ActiveSyncTimeout,
            MaxBodyBytes = 110 * MiB,
        },
        new Preset
        {
            // The web path contains the paths of DAV and ActiveSync; they are closed here so that a web policy never opens them.
            Name = "sogo-web",
            Kind = ServiceKind.Web,
            Paths = ["/SOGo", "/SOGo.woa"],
            ClosedPaths =
            [
                "/SOGo/Microsoft-Server-ActiveSync", "/SOGo/dav", "/SOGo/SOGoAPI", "/SOGo/casProxy", "/SOGo/saml2-metadata", "/SOGo/saml2-signon",
                "/SOGo/saml2-signon-post", "/SOGo/saml2-logout", "/SOGo/saml2-logout-post",
            ],
            Redirects = [("/", "/SOGo/")],
            Methods = WebMethods,
            Identity = IdentityForwarding.HeaderAndBasic,
            IdentityHeader = GatewayHeaders.SogoUser,
            NeedsContentLength = true,
            ReuseConnections = false,
            IsSogo = true,
        },
        new Preset
        {
            Name = "sogo-activesync",
            Kind = ServiceKind.ActiveSync,
            Paths = ["/Microsoft-Server-ActiveSync"],
            Methods = ["OPTIONS", "POST"],
            Rewrite = ("/Microsoft-Server-ActiveSync", "/SOGo/Microsoft-Server-ActiveSync"),
            Identity = IdentityForwarding.Basic,
            IdentityHeader = GatewayHeaders.SogoUser,
            NeedsContentLength = true,
            ReuseConnections = false,
            IsSogo = true,
            ActivityTimeout = ActiveSyncTimeout,
            MaxBodyBytes = 110 * MiB,
        },
        new Preset
        {
            Name = "sogo-dav",
            Kind = ServiceKind.Dav,
            Paths = ["/SOGo/dav"],
            ClosedPaths = ["/SOGo/dav/public"],
            Redirects = [("/.well-known/caldav", "/SOGo/dav/"), ("/.well-known/carddav", "/SOGo/dav/")],
            Methods = DavMethods,
            Identity = IdentityForwarding.Basic,
            IdentityHeader = GatewayHeaders.SogoUser,
            NeedsContentLength = true,
            ReuseConnections = false,
            IsSogo = true,
            AllowsUnusualPaths = true,
            MaxBodyBytes = 110 * MiB,
        },
    }.ToFrozenDictionary(preset => preset.Name, StringComparer.Ordinal);

    public required string Name { get; init; }

    public required ServiceKind Kind { get; init; }

    public required string[] Paths { get; init; }

    public string[] ClosedPaths { get; init; } = [];

    /// <summary>Exact paths the gateway answers itself with a redirect, without login: (from, to).</summary>
    public (string From, string To)[] Redirects { get; init; } = [];

    public required string[] Methods { get; init; }

    public LoginWays Logins => Kind == ServiceKind.Web ? LoginWays.Form | LoginWays.Basic : LoginWays.Basic;

    public required IdentityForwarding Identity { get; init; }

    public required string IdentityHeader { get; init; }

    public (string From, string To)? Rewrite { get; init; }

    public bool NeedsContentLength { get; init; }

    public bool ReuseConnections { get; init; } = true;

    public bool IsSogo { get; init; }

    public bool AllowsUnusualPaths { get; init; }

    public TimeSpan ActivityTimeout { get; init; } = TimeSpan.FromSeconds(100);

    public long MaxBodyBytes { get; init; } = 128 * MiB;
}
