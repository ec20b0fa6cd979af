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

    /// <summary>The realm told to Basic clients; shown by some of them.</summary>
    [RegularExpression("[A-Za-z0-9 ._-]{1,64}")]
    public string Realm { get; set; } = "Mail";
}
