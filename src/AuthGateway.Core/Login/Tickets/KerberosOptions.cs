using System.ComponentModel.DataAnnotations;

namespace AuthGateway.Core.Login.Tickets;

/// <summary>Sign-in with the Kerberos ticket of a computer that is logged in to a domain (SPNEGO). Off unless both keys are set.</summary>
public sealed class KerberosOptions
{
    /// <summary>Realms whose users are let in, by name as the KDC writes it, such as <c>EXAMPLE.COM</c>. A ticket of any other realm is refused.</summary>
    [MaxLength(32)]
    public Dictionary<string, KerberosRealmOptions> Realms { get; set; } = [];

    /// <summary>
    /// Networks from which tickets are asked for and taken, by name or in CIDR notation. Elsewhere nobody is asked: browsers of other people's domains would
    /// open a window for a password that is none of ours. Empty: nowhere.
    /// </summary>
    [MaxLength(64)]
    public List<string> From { get; set; } = [];
}

/// <summary>One realm.</summary>
public sealed class KerberosRealmOptions
{
    /// <summary>
    /// Keytab with the keys of <c>HTTP/host@REALM</c> for the published hosts; readable by its owner only. The keytabs of all realms are merged into one file
    /// in the state directory, again at every reload. Empty for a realm that comes in by trust: its users' tickets are made for a host of another realm here.
    /// </summary>
    public string KeytabFile { get; set; } = "";

    /// <summary>Name of the backend that has the realm's users. Empty: the chain in its order.</summary>
    public string Backend { get; set; } = "";

    /// <summary>The login name a principal becomes: <c>{user}</c>, or <c>{user}@{domain}</c> where the directory's names carry the domain.</summary>
    [AllowedValues("{user}", "{user}@{domain}")]
    public string Name { get; set; } = "{user}";

    /// <summary>What stands for <c>{domain}</c>. Empty: the realm in lower case.</summary>
    [RegularExpression("|[A-Za-z0-9][A-Za-z0-9.-]{0,252}", ErrorMessage = "empty, or a host name of letters, digits, dots and hyphens")]
    public string Domain { get; set; } = "";
}
