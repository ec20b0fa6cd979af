using System.ComponentModel.DataAnnotations;

namespace AuthGateway.Core.Login;

/// <summary>From credentials to identity.</summary>
public sealed class LoginOptions
{
    /// <summary>How long a verified Basic credential is believed without asking the backend again; <c>0s</c> turns the cache off.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan CacheLifetime { get; set; } = TimeSpan.FromSeconds(120);

    /// <summary>Longest time the whole chain of backends may take; then the answer is 503.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:01:00")]
    public TimeSpan ChainTimeout { get; set; } = TimeSpan.FromSeconds(8);

    /// <summary>Every failed login takes at least this long, so that time does not tell locked, unknown and wrong apart.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:05")]
    public TimeSpan FailureFloor { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// How often backends are asked again about everybody with an open session or a cached credential: who was disabled, deleted or taken out of
    /// <c>GroupDn</c> loses both within this time, and changed groups and roles count.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:10", "00:05:00")]
    public TimeSpan RefreshInterval { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// How long a session lives whose backend cannot be asked about its users without their passwords: programs, and directories reached by
    /// <c>UserDnTemplate</c>. Then its owner signs in again, which proves that the account still stands. Longer than five minutes is more comfortable, and
    /// leaves a disabled or deleted user signed in for as long.
    /// </summary>
    [Range(typeof(TimeSpan), "00:05:00", "12:00:00")]
    public TimeSpan UnconfirmedLifetime { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// How long the last answer about the owner of an app password serves while his backend is away. As long a WebSocket opened with a password goes on while
    /// a lock keeps that password from being looked at. Sessions outlast an outage of any length, but those <see cref="UnconfirmedLifetime"/> ends.
    /// </summary>
    [Range(typeof(TimeSpan), "00:05:00", "12:00:00")]
    public TimeSpan OutageLifetime { get; set; } = TimeSpan.FromHours(1);

    /// <summary>
    /// How long names, mail addresses and telephone numbers are still shown, and written into the audit, when the backend they came from cannot be asked.
    /// </summary>
    [Range(typeof(TimeSpan), "00:05:00", "7.00:00:00")]
    public TimeSpan ContactMaxAge { get; set; } = TimeSpan.FromDays(1);

    /// <summary>
    /// Networks, by name or in CIDR notation, from which a password that has expired or must be changed may be changed before signing in. Empty: from
    /// everywhere the sign-in page is open. Whoever is signed in changes it from wherever he is.
    /// </summary>
    public List<string> PasswordChangeFrom { get; set; } = [];

    /// <summary>The realm told to Basic clients; shown by some of them.</summary>
    [RegularExpression("[A-Za-z0-9 ._-]{1,64}", ErrorMessage = "1 to 64 letters from A to Z, digits, spaces, dots, underscores and hyphens")]
    public string Realm { get; set; } = "Mail";
}
