using System.ComponentModel.DataAnnotations;

namespace AuthGateway.Core.Backends.Programs;

/// <summary>A backend that asks a program of the administrator. See docs/helpers.md.</summary>
public abstract class ProgramBackendOptions : BackendOptions
{
    /// <summary>
    /// The program, as an absolute path. It, every folder above it and every symbolic link on the way must belong to root or to the gateway's own user, and
    /// may not be writable for others (a folder with the sticky bit may). This is looked at again before every start.
    /// It is started without a shell, in a process group of its own, in <c>/</c>, with no environment but <c>PATH</c> and <c>LANG</c>.
    /// </summary>
    [Required]
    public string Program { get; set; } = "";

    /// <summary>Arguments of the program, always the same; nothing of a login is ever among them.</summary>
    [MaxLength(32)]
    public List<string> Arguments { get; set; } = [];

    /// <summary>
    /// Operating system user the program runs as; only a gateway that runs as root can become another one. Empty: the gateway's own user, or <c>nobody</c>
    /// when that is root.
    /// </summary>
    [RegularExpression("[A-Za-z0-9._-]{0,32}", ErrorMessage = "the name of a user of the system: at most 32 letters, digits, dots, underscores and hyphens")]
    public string RunAs { get; set; } = "";

    /// <summary>Longest wait for an answer; then the program and everything it has started are killed, and the login is answered 503.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:00:30")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Most checks at once; further ones wait.</summary>
    [Range(1, 64)]
    public int MaxParallel { get; set; } = 8;

    /// <summary>
    /// Mail domain of the accounts. With <c>example.org</c> the names <c>alice</c> and <c>alice@example.org</c> are one account, the program is asked about
    /// <c>alice@example.org</c> (checkpassword: <c>alice</c>), the login name is <c>alice</c> and the mail address <c>alice@example.org</c>; names of
    /// other domains are unknown here. Empty: names are taken as they are typed, each an account with a counter of its own, and the start warns of it.
    /// </summary>
    [RegularExpression("[A-Za-z0-9.-]{0,253}", ErrorMessage = "a domain of letters, digits, dots and hyphens, such as example.org")]
    public string MailDomain { get; set; } = "";

    /// <summary>Groups every user of this backend is in, for policies to ask for.</summary>
    [MaxLength(64)]
    public List<string> Groups { get; set; } = [];
}
