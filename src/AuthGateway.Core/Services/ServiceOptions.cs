using System.ComponentModel.DataAnnotations;

namespace AuthGateway.Core.Services;

/// <summary>A host name the gateway answers to.</summary>
public sealed class HostOptions
{
    /// <summary>PEM file with the certificate chain, leaf first. Empty: a self-signed certificate, allowed in demo mode only.</summary>
    public string CertificateFile { get; set; } = "";

    /// <summary>PEM file with the private key; must not be readable by others.</summary>
    public string KeyFile { get; set; } = "";

    /// <summary>
    /// Whether the TLS handshake asks for a device certificate: <c>none</c>, <c>optional</c>, <c>required</c>. It is asked for in the
    /// first handshake only, so the setting belongs to the host and not to a path. A missing one is refused in HTTP, with a reason.
    /// </summary>
    [AllowedValues("none", "optional", "required")]
    public string ClientCertificate { get; set; } = "none";

    /// <summary>Listeners the host is served on. Empty: every https listener that has no <c>AllowFrom</c>.</summary>
    public List<string> Listeners { get; set; } = [];
}

/// <summary>A server requests are forwarded to.</summary>
public sealed class UpstreamOptions
{
    /// <summary>Addresses, <c>http://host:port</c> or <c>https://host:port</c>; more than one are used in turn.</summary>
    [Required]
    [MinLength(1)]
    [MaxLength(32)]
    public List<string> Destinations { get; set; } = [];

    /// <summary>
    /// Name of the tunnel the destinations are reached through, each by a private socket; their names are looked up, and their ports opened, at its far end. A tunnel belongs to
    /// whoever names it: no other upstream or backend may. Empty: they are reached directly.
    /// </summary>
    [MaxLength(32)]
    public string Tunnel { get; set; } = "";

    /// <summary>PEM file with the authorities that may have issued the upstream's certificate. Empty: the system's.</summary>
    public string CaFile { get; set; } = "";

    /// <summary>Keeps a client on one destination: <c>none</c> or <c>cookie</c>.</summary>
    [AllowedValues("none", "cookie")]
    public string Affinity { get; set; } = "none";

    /// <summary>True when the upstream is set to believe an identity header (SOGo's trust mode). Then no request reaches it without the gateway's own header.</summary>
    public bool TrustsIdentityHeader { get; set; }

    /// <summary>False makes a new connection for each request. SOGo closes connections without saying so; its presets set this to false.</summary>
    public bool? ReuseConnections { get; set; }
}

/// <summary>One published application.</summary>
public sealed class ServiceOptions
{
    /// <summary>What kind of product it is: <c>sogo-web</c>, <c>sogo-activesync</c>, <c>sogo-dav</c>, <c>generic-web</c>, <c>generic-activesync</c>. Knows paths, methods, timeouts, limits and closed paths.</summary>
    [Required]
    public string Preset { get; set; } = "";

    /// <summary>Hosts it is published on; each must stand in <c>Hosts</c>.</summary>
    [Required]
    [MinLength(1)]
    public List<string> Hosts { get; set; } = [];

    /// <summary>
    /// How people sign in: <c>form</c> (the gateway's page), <c>basic</c> (name and password with every request), or <c>both</c>: browsers get the page, and
    /// programs may send Basic. Empty: the preset's; web presets have <c>both</c>, ActiveSync and DAV <c>basic</c>, for their clients know nothing else.
    /// </summary>
    [AllowedValues("", "form", "basic", "both")]
    public string Login { get; set; } = "";

    /// <summary>The upstream requests are forwarded to.</summary>
    [Required]
    public string Upstream { get; set; } = "";

    /// <summary>Path prefixes, replacing the preset's. Empty: the preset's.</summary>
    public List<string> Paths { get; set; } = [];

    /// <summary>Path prefixes that are refused to everybody, beside the preset's.</summary>
    public List<string> ClosedPaths { get; set; } = [];

    /// <summary>Methods taken, replacing the preset's. Empty: the preset's.</summary>
    public List<string> Methods { get; set; } = [];

    /// <summary>Ordered rules; the first match picks the policy. No match: refused.</summary>
    [Required]
    [MinLength(1)]
    [MaxLength(200)]
    public List<RuleOptions> Rules { get; set; } = [];

    /// <summary>
    /// How the upstream learns who the user is: <c>none</c>, <c>header</c>, <c>basic</c>, <c>header-and-basic</c>; or <c>session-token</c> and
    /// <c>header-and-session-token</c>: as the last two, with a short-lived token in place of the password, whatever the user has proven himself by (see
    /// <c>SessionTokens</c>). Empty: the preset's.
    /// </summary>
    [AllowedValues("", "none", "header", "basic", "header-and-basic", "session-token", "header-and-session-token")]
    public string Identity { get; set; } = "";

    /// <summary>Header that carries the login name when <see cref="Identity"/> says header. Empty: the preset's.</summary>
    public string IdentityHeader { get; set; } = "";

    /// <summary>A secret sent in <c>X-AGW-Secret</c> so that the upstream can tell the gateway from others; better given as <c>SharedSecretFile</c>. Empty: none is sent.</summary>
    [DataType(DataType.Password)]
    public string SharedSecret { get; set; } = "";

    /// <summary>
    /// Names that are taken without a password from some networks, on the gateway's page only: whoever sits there may be any of them. It needs a rule whose
    /// policy names the factor <c>network</c>, and <c>check</c> warns of it. Empty: none.
    /// </summary>
    [MaxLength(32)]
    public List<ValidUserOptions> ValidUser { get; set; } = [];

    /// <summary>Longest silence of the upstream while a request is open. Empty: the preset's (ActiveSync 3,700 s, others 100 s).</summary>
    [Range(typeof(TimeSpan), "00:00:01", "02:00:00")]
    public TimeSpan? ActivityTimeout { get; set; }

    /// <summary>Largest request body in bytes. Empty: the preset's (128 MiB).</summary>
    [Range(0L, 4_294_967_296L)]
    public long? MaxBodyBytes { get; set; }
}

/// <summary>Login names that are taken without a password, and from where.</summary>
public sealed class ValidUserOptions
{
    /// <summary>Login names, each a regular expression that must match the whole name, without case: <c>kiosk</c>, <c>login\d+</c>. At most 128 characters; no look-around, no back-references.</summary>
    [Required]
    [MinLength(1)]
    [MaxLength(64)]
    public List<string> Users { get; set; } = [];

    /// <summary>Networks, by name or in CIDR notation.</summary>
    [Required]
    [MinLength(1)]
    [MaxLength(64)]
    public List<string> From { get; set; } = [];
}

/// <summary>One line of a service's rules. What is left out matches everything.</summary>
public sealed class RuleOptions
{
    /// <summary>Networks by name or in CIDR notation.</summary>
    public List<string> From { get; set; } = [];

    /// <summary>Path prefix.</summary>
    public string Path { get; set; } = "";

    /// <summary>Methods. GET means HEAD too.</summary>
    public List<string> Methods { get; set; } = [];

    /// <summary>Name of the policy, or <c>deny</c>.</summary>
    [Required]
    public string Policy { get; set; } = "";
}

/// <summary>A named set of requirements.</summary>
public sealed class PolicyOptions
{
    /// <summary>True lets requests pass without knowing who asks. Must be said explicitly, and excludes every other requirement but <c>Networks</c>.</summary>
    public bool Anonymous { get; set; }

    /// <summary>Factors asked for; each entry must be met, and an entry may name alternatives: <c>"password"</c>, <c>"device"</c>, <c>"totp"</c> (a code of an authenticator app, or a recovery code), <c>"totp|device"</c>; in place of a password
    /// <c>"kerberos"</c> (a ticket, see <c>Kerberos</c>), <c>"header"</c> (see <c>TrustedHeader</c>) and <c>"network"</c> (see <c>ValidUser</c>), as in <c>"password|kerberos"</c>. <c>"app-password"</c> is a password
    /// made by <c>authgateway app-password add</c> for one client and sent by Basic; alone it shuts out the account's own password, <c>"app-password|password"</c> takes either, and <c>"password"</c> never takes an app password.</summary>
    public List<string> Factors { get; set; } = [];

    /// <summary><c>registered</c> asks for the certificate of a registered device even when it is no factor.</summary>
    [AllowedValues("", "registered")]
    public string Device { get; set; } = "";

    /// <summary>Groups of which the user must be in one: names or distinguished names.</summary>
    public List<string> Groups { get; set; } = [];

    /// <summary>Roles of which the user must hold one, as <c>RoleSync</c> of a backend grants them. Beside <see cref="Groups"/> both must be met.</summary>
    public List<string> Roles { get; set; } = [];

    /// <summary>Networks the client must be in, by name or in CIDR notation.</summary>
    public List<string> Networks { get; set; } = [];
}
