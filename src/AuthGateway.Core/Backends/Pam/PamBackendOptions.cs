using System.ComponentModel.DataAnnotations;

namespace AuthGateway.Core.Backends.Pam;

/// <summary>
/// Users of the operating system, checked by PAM: first <c>authenticate</c>, then <c>account</c>, in a process of its own. Local modules that read
/// <c>/etc/shadow</c> need root or the group <c>shadow</c>; sssd, winbind and LDAP need nothing. See docs/helpers.md.
/// </summary>
public sealed class PamBackendOptions : BackendOptions
{
    /// <summary>The PAM service: a file of this name must be in <c>/etc/pam.d</c>, for PAM would otherwise use the one called <c>other</c>.</summary>
    [RegularExpression("[a-z0-9][a-z0-9._-]{0,63}", ErrorMessage = "the name of a file in /etc/pam.d: small letters, digits, dots, underscores and hyphens, at most 64")]
    public string ServiceName { get; set; } = "authgateway";

    /// <summary>Folder with the service's file and those it includes, as an absolute path. Empty: the system's, <c>/etc/pam.d</c>.</summary>
    public string ConfigDirectory { get; set; } = "";

    /// <summary>
    /// How the system's user name is made of the typed name, which stands where the <c>*</c> is: <c>*</c> (the name as typed), <c>*-mail</c>, <c>ACME\*</c>.
    /// With a domain behind <c>%</c>, as in <c>*%example.org</c>, only names of that domain are known here, and their part before the <c>@</c> is used.
    /// </summary>
    [RegularExpression(@"[^\x00-\x1f:*%]*\*[^\x00-\x1f:*%]*(%[A-Za-z0-9.-]{1,253})?", ErrorMessage = "a text with one * in it and no colon, and perhaps % and a domain behind it, such as *%example.org")]
    public string NameTemplate { get; set; } = "*";

    /// <summary>Least user number; users below it (root, daemons) do not exist here. Below 1000 <c>check</c> warns.</summary>
    [Range(1, int.MaxValue)]
    public int MinUid { get; set; } = 1000;

    /// <summary>
    /// Operating system user the checks run as; only a gateway that runs as root can become another one. Empty: the gateway's own user, or <c>nobody</c>
    /// when that is root.
    /// </summary>
    [RegularExpression("[A-Za-z0-9._-]{0,32}", ErrorMessage = "the name of a user of the system: at most 32 letters, digits, dots, underscores and hyphens")]
    public string RunAs { get; set; } = "";

    /// <summary>Longest wait for an answer; then the process that checks is killed, and the login is answered 503.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:00:30")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Most checks at once, each in a process of about 40 MB that is kept for the next one for a minute; further ones wait.</summary>
    [Range(1, 32)]
    public int MaxParallel { get; set; } = 8;

    /// <summary>Mail domain of the users: the mail address is the login name at this domain. Empty: they have none.</summary>
    [RegularExpression("[A-Za-z0-9.-]{0,253}", ErrorMessage = "a domain of letters, digits, dots and hyphens, such as example.org")]
    public string MailDomain { get; set; } = "";

    /// <summary>Groups every user of this backend is in, besides those of the operating system.</summary>
    [MaxLength(64)]
    public List<string> Groups { get; set; } = [];
}
