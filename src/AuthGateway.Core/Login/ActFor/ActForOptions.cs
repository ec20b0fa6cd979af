using System.ComponentModel.DataAnnotations;

namespace AuthGateway.Core.Login.ActFor;

/// <summary>
/// Acting for another user: a holder of the right signs in as himself and gets the other's mailbox, by the name <c>other*himself</c> over Basic or by the
/// gateway's page <c>/.agw/act-for</c>. Off without <see cref="Grants"/>.
/// </summary>
public sealed class ActForOptions
{
    /// <summary>Who may act for whom. Empty: nobody for anybody; the name is refused like any unreadable one, and there is no page.</summary>
    [MaxLength(32)]
    public List<ActForGrantOptions> Grants { get; set; } = [];

    /// <summary>
    /// Roles from the lowest to the highest. Nobody acts for a user whose highest role here is equal to or above his own highest one; a user with none of
    /// them stands below all. Whatever stands here, nobody acts for another holder of the right, nor for himself. Empty: no ranks.
    /// </summary>
    [MaxLength(32)]
    public List<string> Ranks { get; set; } = [];

    /// <summary>How long somebody acts by page before the session ends, however busy it is.</summary>
    [Range(typeof(TimeSpan), "00:05:00", "08:00:00")]
    public TimeSpan Lifetime { get; set; } = TimeSpan.FromMinutes(60);
}

/// <summary>One right to act for others. All of it must fit: who, for whom, on which service, from where.</summary>
public sealed class ActForGrantOptions
{
    /// <summary>Roles, as <c>RoleSync</c> of a backend grants them, of which one gives the right.</summary>
    [MaxLength(32)]
    public List<string> Roles { get; set; } = [];

    /// <summary>Groups of which membership gives the right: names or distinguished names.</summary>
    [MaxLength(32)]
    public List<string> Groups { get; set; } = [];

    /// <summary>
    /// Domains of the users acted for: the part behind the <c>@</c> of the mail address their backend tells or, without one, of their login name. Subdomains
    /// are named one by one. <c>*</c> is every user, those without a domain included.
    /// </summary>
    [Required]
    [MinLength(1)]
    [MaxLength(64)]
    public List<string> Domains { get; set; } = [];

    /// <summary>
    /// Services it holds for. Their upstream must be told the user by header, since there is no password of his; ActiveSync cannot be named, for a phone is
    /// bound to its owner.
    /// </summary>
    [Required]
    [MinLength(1)]
    [MaxLength(64)]
    public List<string> Services { get; set; } = [];

    /// <summary>Networks, by name or in CIDR notation, from which it holds. Empty: from everywhere the service is open.</summary>
    [MaxLength(64)]
    public List<string> Networks { get; set; } = [];
}
