using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using AuthGateway.Core.Backends.Checkpassword;
using AuthGateway.Core.Backends.Helper;
using AuthGateway.Core.Backends.Pam;

namespace AuthGateway.Core.Backends;

/// <summary>A source of user accounts. The list's order is the order of asking.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "Type")]
[JsonDerivedType(typeof(LdapBackendOptions), "ldap")]
[JsonDerivedType(typeof(LocalBackendOptions), "local")]
[JsonDerivedType(typeof(PamBackendOptions), "pam")]
[JsonDerivedType(typeof(HelperBackendOptions), "helper")]
[JsonDerivedType(typeof(CheckpasswordBackendOptions), "checkpassword")]
public abstract class BackendOptions
{
    /// <summary>Name of the backend in log, audit and identities; unique. Letters, digits and hyphen.</summary>
    [Required]
    [RegularExpression("[A-Za-z0-9-]{1,32}")]
    public string Name { get; set; } = "";

    /// <summary>What an outage of this backend does: <c>next</c> asks the next one, <c>refuse</c> answers 503 at once.</summary>
    [AllowedValues("next", "refuse")]
    public string OnUnavailable { get; set; } = "next";

    /// <summary>
    /// Further answers that ask the next backend. Only <c>rejected</c> may be named: any backend whose password fits
    /// then lets the user in, and a typo is one failure in each.
    /// </summary>
    [AllowedValues("rejected")]
    public List<string> Next { get; set; } = [];

    /// <summary>
    /// Names of the services this backend is asked for. Empty: every one. Its users get no further with a session either: a session opened for one
    /// service does not open another that the backend is not asked for.
    /// </summary>
    [MaxLength(64)]
    public List<string> UsageContext { get; set; } = [];
}

/// <summary>Accounts kept in the gateway's own store (<c>authgateway user add</c>).</summary>
public sealed class LocalBackendOptions : BackendOptions
{
}

/// <summary>An LDAP directory (OpenLDAP, Active Directory): found by search, checked by bind.</summary>
public sealed class LdapBackendOptions : BackendOptions
{
    /// <summary>Servers in order of preference, <c>ldap://host:port</c> or <c>ldaps://host:port</c>. The next one is asked when one fails.</summary>
    [Required]
    [MinLength(1)]
    [MaxLength(16)]
    public List<string> Hosts { get; set; } = [];

    /// <summary>True (default) upgrades <c>ldap://</c> connections with StartTLS before anything is sent; false sends passwords in the clear and is refused for hosts other than loopback.</summary>
    public bool StartTls { get; set; } = true;

    /// <summary>The name the server's certificate must carry, when it differs from the host asked (tunnels). Empty: the host's own name.</summary>
    public string TlsName { get; set; } = "";

    /// <summary>PEM file with the authorities that may have issued the server's certificate. Empty: the system's.</summary>
    public string CaFile { get; set; } = "";

    /// <summary>Where users are searched, as a distinguished name.</summary>
    [Required]
    public string BaseDn { get; set; } = "";

    /// <summary>Distinguished name the searches bind as. Empty: anonymous.</summary>
    public string SearchUser { get; set; } = "";

    /// <summary>Password of <see cref="SearchUser"/>; better given as <c>SearchPasswordFile</c>.</summary>
    [DataType(DataType.Password)]
    public string SearchPassword { get; set; } = "";

    /// <summary>Filter every user must also match (RFC 4515). Empty: none.</summary>
    public string AlwaysFilter { get; set; } = "";

    /// <summary>Attributes a typed name is held against, in order; the first that finds somebody counts.</summary>
    [MinLength(1)]
    [MaxLength(8)]
    public List<string> LoginAttributes { get; set; } = ["uid", "mail"];

    /// <summary>Attribute told to upstreams as the login name.</summary>
    public string UserNameAttribute { get; set; } = "uid";

    /// <summary>Attribute with the mail address.</summary>
    public string MailAttribute { get; set; } = "mail";

    /// <summary>Attribute that identifies the object for ever: <c>entryUUID</c> (OpenLDAP) or <c>objectGUID</c> (Active Directory).</summary>
    public string IdAttribute { get; set; } = "entryUUID";

    /// <summary>Attribute with the user's groups as distinguished names.</summary>
    public string GroupAttribute { get; set; } = "memberOf";

    /// <summary>Group every user of this backend must be in, as a distinguished name. Empty: none. Who is not in it is unknown here.</summary>
    public string GroupDn { get; set; } = "";

    /// <summary>Longest wait for a connection.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:00:30")]
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>Longest wait for one answer.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:00:30")]
    public TimeSpan OperationTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Most connections for binds to each host; searches share two more.</summary>
    [Range(1, 14)]
    public int MaxConnections { get; set; } = 8;
}
