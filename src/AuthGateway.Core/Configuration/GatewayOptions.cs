using System.ComponentModel.DataAnnotations;
using AuthGateway.Core.Audit;
using AuthGateway.Core.Backends;
using AuthGateway.Core.Devices;
using AuthGateway.Core.Factors;
using AuthGateway.Core.Listeners;
using AuthGateway.Core.Lockout;
using AuthGateway.Core.Login.ActFor;
using AuthGateway.Core.Login.SignOn;
using AuthGateway.Core.Login.Tickets;
using AuthGateway.Core.Login;
using AuthGateway.Core.Services;
using AuthGateway.Core.Sessions;
using AuthGateway.Core.Sessions.Tokens;
using AuthGateway.Core.Tunnels;

namespace AuthGateway.Core.Configuration;

/// <summary>The section <c>AuthGateway</c>: everything an administrator sets.</summary>
public sealed class GatewayOptions
{
    /// <summary>Addresses and ports, by name.</summary>
    [Required]
    public Dictionary<string, ListenerOptions> Listeners { get; set; } = [];

    /// <summary>Reverse proxies in front of the gateway whose <c>X-Forwarded-For</c> is believed: addresses, CIDR or network names. Empty: nobody's.</summary>
    public List<string> TrustedForwarders { get; set; } = [];

    /// <summary>Networks by name, each a list of addresses or CIDR ranges.</summary>
    public Dictionary<string, List<string>> Networks { get; set; } = [];

    /// <summary>Published host names.</summary>
    [Required]
    public Dictionary<string, HostOptions> Hosts { get; set; } = [];

    /// <summary>Servers requests are forwarded to, by name.</summary>
    [Required]
    public Dictionary<string, UpstreamOptions> Upstreams { get; set; } = [];

    /// <summary>SSH connections that are kept open, by name: the way to directories and upstreams of another network, or from there to here.</summary>
    [MaxLength(64)]
    public Dictionary<string, TunnelOptions> Tunnels { get; set; } = [];

    /// <summary>Published applications, by name.</summary>
    [Required]
    public Dictionary<string, ServiceOptions> Services { get; set; } = [];

    /// <summary>Named requirements.</summary>
    [Required]
    public Dictionary<string, PolicyOptions> Policies { get; set; } = [];

    /// <summary>Device certificates.</summary>
    public DeviceOptions Devices { get; set; } = new();

    /// <summary>Account backends, asked in this order.</summary>
    [Required]
    [MinLength(1)]
    [MaxLength(16)]
    public List<BackendOptions> Backends { get; set; } = [];

    /// <summary>From credentials to identity.</summary>
    public LoginOptions Login { get; set; } = new();

    /// <summary>Sign-in with Kerberos tickets.</summary>
    public KerberosOptions Kerberos { get; set; } = new();

    /// <summary>A header in which a forwarder names the user.</summary>
    public TrustedHeaderOptions TrustedHeader { get; set; } = new();

    /// <summary>Acting for another user.</summary>
    public ActForOptions ActFor { get; set; } = new();

    /// <summary>Signed-in browsers.</summary>
    public SessionOptions Sessions { get; set; } = new();

    /// <summary>Tokens that upstreams get in place of a password.</summary>
    public SessionTokenOptions SessionTokens { get; set; } = new();

    /// <summary>Second factors.</summary>
    public FactorOptions Factors { get; set; } = new();

    /// <summary>Counters of failed logins.</summary>
    public LockoutOptions Lockout { get; set; } = new();

    /// <summary>Limits against exhaustion.</summary>
    public LimitOptions Limits { get; set; } = new();

    /// <summary>Where state is kept.</summary>
    public StorageOptions Storage { get; set; } = new();

    /// <summary>The audit trail.</summary>
    public AuditOptions Audit { get; set; } = new();

    /// <summary>What pages say.</summary>
    public PageOptions Pages { get; set; } = new();

    /// <summary>The log.</summary>
    public LogOptions Log { get; set; } = new();
}

/// <summary>Where state is kept.</summary>
public sealed class StorageOptions
{
    /// <summary>Kind of database. Only <c>sqlite</c> in this version.</summary>
    [AllowedValues("sqlite")]
    public string Provider { get; set; } = "sqlite";

    /// <summary>Database file; relative to the state directory.</summary>
    [Required]
    public string Path { get; set; } = "authgateway.db";

    /// <summary>
    /// File with the key that second factors are encrypted with and app passwords are checked with; relative to the state directory. Made at the first start; without it, or
    /// with another one, the gateway does not start on a database that needs it. Keep a copy apart from the database's backups.
    /// </summary>
    [Required]
    public string KeyFile { get; set; } = "authgateway.key";
}

/// <summary>What pages say.</summary>
public sealed class PageOptions
{
    /// <summary>Product name shown on pages.</summary>
    [StringLength(64)]
    public string Product { get; set; } = "AuthGateway";

    /// <summary>How people reach the helpdesk: a telephone number, a mail address or a sentence. Shown on every refusal.</summary>
    [StringLength(200)]
    public string HelpdeskContact { get; set; } = "";

    /// <summary>The one colour of your own on pages, as <c>#1f5fd6</c>: buttons, links and the focus ring. Must be told apart from white (4.5:1). Empty: the built-in blue.</summary>
    [RegularExpression("|#[0-9a-fA-F]{6}", ErrorMessage = "empty, or # and six hexadecimal digits, such as #1a6b3c")]
    public string BrandColor { get; set; } = "";

    /// <summary>SVG or PNG file shown above the product name on sign-in pages, at most 64 KiB; relative to the state directory. Empty: none.</summary>
    public string LogoFile { get; set; } = "";

    /// <summary>Address of your own help for signing in, <c>https://…</c>. Empty: no link.</summary>
    [RegularExpression("|https://[!-~]{1,500}", ErrorMessage = "empty, or an address that begins with https:// and has no spaces")]
    public string HelpUrl { get; set; } = "";
}

/// <summary>The log.</summary>
public sealed class LogOptions
{
    /// <summary>Least severity written: <c>debug</c>, <c>information</c>, <c>warning</c>, <c>error</c>.</summary>
    [AllowedValues("debug", "information", "warning", "error")]
    public string Level { get; set; } = "information";

    /// <summary>File for JSON lines, one file a day, 14 kept; relative to the state directory. Empty: standard error only.</summary>
    public string File { get; set; } = "";
}
