using System.ComponentModel.DataAnnotations;

namespace AuthGateway.Core.Sessions;

/// <summary>Signed-in browsers.</summary>
public sealed class SessionOptions
{
    /// <summary>A session unused for this long ends.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "1.00:00:00")]
    public TimeSpan Idle { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>A session ends this long after sign-in, however busy it is.</summary>
    [Range(typeof(TimeSpan), "00:05:00", "7.00:00:00")]
    public TimeSpan Absolute { get; set; } = TimeSpan.FromHours(12);

    /// <summary>
    /// Sessions one user may have at once on all hosts; one more ends the one unused for longest. Those with a second factor, those with the password
    /// alone and those that still owe a factor are counted apart, so that a stolen password signs nobody out.
    /// </summary>
    [Range(1, 100)]
    public int PerUser { get; set; } = 10;
}
