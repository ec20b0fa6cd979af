using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using AuthGateway.Core.Backends.Checkpassword;
using AuthGateway.Core.Backends.Helper;
using AuthGateway.Core.Backends.Pam;
using AuthGateway.Core.Backends.Roles;

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
    [RegularExpression("[A-Za-z0-9-]{1,32}", ErrorMessage = "1 to 32 letters from A to Z, digits and hyphens, such as ad-2")]
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

/// <summary>Accounts kept in the gateway's own store (<c>authgateway user add</c>, <c>authgateway import</c>).</summary>
public sealed class LocalBackendOptions : BackendOptions
{
    /// <summary>
    /// Least characters of a new password, 8 to 64; those set before stay good. Below 15 only when no policy lets anybody in by the password alone:
    /// every policy in use that asks for one must also ask for <c>totp</c>, <c>device</c> or another factor.
    /// </summary>
    [Range(8, 64)]
    public int MinPasswordLength { get; set; } = 15;

    /// <summary>
    /// File with passwords nobody may choose, besides the short built-in list; relative to the state directory. Plain words, one a line, sorted by
    /// <c>LC_ALL=C sort -u</c>; or SHA-1 hashes in hexadecimal, ordered by hash, as public lists of breached passwords have them. It is searched where it
    /// lies, whatever its size. Empty: the built-in list only.
    /// </summary>
    public string CommonPasswordsFile { get; set; } = "";

    /// <summary>Roles and services by the names of groups. Local accounts have no distinguished names and no attributes.</summary>
    public RoleSyncOptions RoleSync { get; set; } = new();
}

/// <summary>An LDAP directory (OpenLDAP, Active Directory): found by search, checked by bind.</summary>
public sealed class LdapBackendOptions : BackendOptions
{
    /// <summary>Servers in order of preference, <c>ldap://host:port</c> or <c>ldaps://host:port</c>. The next one is asked when one fails.</summary>
    [Required]
    [MinLength(1)]
    [MaxLength(16)]
    public List<string> Hosts { get; set; } = [];

    /// <summary>
    /// Name of the tunnel the servers are reached through, each by a private socket; their names are looked up, and their ports opened, at its far end. TLS is checked against
    /// the names in <see cref="Hosts"/> as ever. A tunnel belongs to whoever names it: no other backend or upstream may. Empty: they are reached directly.
    /// </summary>
    [MaxLength(32)]
    public string Tunnel { get; set; } = "";

    /// <summary>Which server is asked first: <c>failover</c> (default) the first of the list that is well, <c>round-robin</c> each in its turn.</summary>
    [AllowedValues("failover", "round-robin")]
    public string HostOrder { get; set; } = "failover";

    /// <summary>
    /// What the directory is, for what differs between them: account states, password change, nested groups. <c>auto</c> (default): Active Directory when
    /// <see cref="IdAttribute"/> is <c>objectGUID</c>, else OpenLDAP.
    /// </summary>
    [AllowedValues("auto", "active-directory", "openldap")]
    public string Kind { get; set; } = "auto";

    /// <summary>True (default) upgrades <c>ldap://</c> connections with StartTLS before anything is sent; false sends passwords in the clear and is refused for hosts other than loopback.</summary>
    public bool StartTls { get; set; } = true;

    /// <summary>The name the server's certificate must carry, when it differs from the host asked (tunnels). Empty: the host's own name.</summary>
    public string TlsName { get; set; } = "";

    /// <summary>PEM file with the authorities that may have issued the server's certificate. Empty: the system's.</summary>
    public string CaFile { get; set; } = "";

    /// <summary>
    /// SHA-256 fingerprints of the server's certificates, in hexadecimal, colons and case as you like. A server that shows another one is not asked. Without
    /// <see cref="CaFile"/> a fingerprint stands in the place of name and authority; with it, both must fit. Empty: none.
    /// </summary>
    [MaxLength(16)]
    public List<string> PinnedCertificates { get; set; } = [];

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

    /// <summary>Attribute a typed name is held against before <see cref="LoginAttributes"/>, such as <c>mail</c>. Empty: none.</summary>
    public string AlternativeLoginAttribute { get; set; } = "";

    /// <summary>Put behind every typed name that does not end in it yet, such as <c>@example.org</c>, before it is looked for. Empty: nothing.</summary>
    [MaxLength(128)]
    public string UserSuffix { get; set; } = "";

    /// <summary>
    /// The directory's own domains: NetBIOS names (<c>CORP</c>) and user principal name suffixes (<c>corp.example.org</c>). <c>CORP\anna</c> is looked for as
    /// <c>anna</c>, and <c>anna@corp.example.org</c> too when nobody has it as it stands. <c>OTHER\anna</c> is nobody here.
    /// </summary>
    [MaxLength(32)]
    public List<string> Domains { get; set; } = [];

    /// <summary>
    /// Distinguished name of every user with <c>{0}</c> in the place of the typed name, such as <c>uid={0},ou=people,dc=example,dc=org</c>: users bind under it
    /// without being searched for, and read their own entry. For directories without a search account. Empty: users are searched.
    /// </summary>
    public string UserDnTemplate { get; set; } = "";

    /// <summary>Attribute told to upstreams as the login name.</summary>
    public string UserNameAttribute { get; set; } = "uid";

    /// <summary>Attribute with the mail address.</summary>
    public string MailAttribute { get; set; } = "mail";

    /// <summary>Attribute with the name for people. Empty, or missing in the entry: <c>cn</c>.</summary>
    public string DisplayNameAttribute { get; set; } = "displayName";

    /// <summary>Attribute with the telephone number, for the helpdesk. Empty: none is read.</summary>
    public string PhoneAttribute { get; set; } = "telephoneNumber";

    /// <summary>Roles and services by groups and attributes.</summary>
    public RoleSyncOptions RoleSync { get; set; } = new();

    /// <summary>Attribute that identifies the object for ever: <c>entryUUID</c> (OpenLDAP) or <c>objectGUID</c> (Active Directory).</summary>
    public string IdAttribute { get; set; } = "entryUUID";

    /// <summary>
    /// Where membership is written: <c>memberof</c> (default) in the user's entry, as distinguished names of groups; <c>member</c> in the groups' entries, as
    /// distinguished names of users; <c>memberuid</c> in the groups' entries, as login names (<see cref="UserNameAttribute"/>); <c>none</c> reads no groups.
    /// The second and third cost one search more at each login.
    /// </summary>
    [AllowedValues("memberof", "member", "memberuid", "none")]
    public string GroupMembership { get; set; } = "memberof";

    /// <summary>Attribute that holds the membership. Empty (default): <c>memberOf</c>, <c>member</c> or <c>memberUid</c>, as <see cref="GroupMembership"/> says.</summary>
    public string GroupAttribute { get; set; } = "";

    /// <summary>Group every user of this backend must be in, as a distinguished name. Empty: none. Who is not in it is unknown here.</summary>
    public string GroupDn { get; set; } = "";

    /// <summary>Where groups are searched, as a distinguished name. Empty: <see cref="BaseDn"/>.</summary>
    public string GroupBaseDn { get; set; } = "";

    /// <summary>Filter every group searched for must also match (RFC 4515), such as <c>(objectClass=posixGroup)</c>. Empty: none.</summary>
    public string GroupFilter { get; set; } = "";

    /// <summary>
    /// True also counts the groups a user is in through other groups. Active Directory is asked once ("in chain"); elsewhere each group found is asked for the
    /// groups it is in, <see cref="NestedGroupDepth"/> levels up. Default false.
    /// </summary>
    public bool NestedGroups { get; set; }

    /// <summary>
    /// How many levels of groups are climbed where the directory cannot do it itself. Who is in groups further up cannot sign in, as with
    /// <see cref="MaxGroups"/>. 1 to 32, default 8.
    /// </summary>
    [Range(1, 32)]
    public int NestedGroupDepth { get; set; } = 8;

    /// <summary>True also counts the primary group of Active Directory (mostly Domain Users), which <c>memberOf</c> leaves out. Costs one search. Default false.</summary>
    public bool PrimaryGroup { get; set; }

    /// <summary>Most groups of one user. Who is in more cannot sign in, for a right withdrawn by a group that was not read would stay. 1 to 10000, default 1000.</summary>
    [Range(1, 10_000)]
    public int MaxGroups { get; set; } = 1000;

    /// <summary>Entries of one page when groups are searched (RFC 2696). 0 asks for all at once. 0 to 1000, default 500.</summary>
    [Range(0, 1000)]
    public int PageSize { get; set; } = 500;

    /// <summary>When the directory itself locks an account after wrong passwords: what the gateway forwards of them stays below that.</summary>
    public DirectoryLockoutOptions DirectoryLockout { get; set; } = new();

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
