using System.ComponentModel.DataAnnotations;

namespace AuthGateway.Core.Sessions.Tokens;

/// <summary>
/// Short-lived tokens that services with <c>Identity</c> <c>session-token</c> or <c>header-and-session-token</c> hand to their upstream in place of a password,
/// and who may have them verified. Off unless a verifier is named.
/// </summary>
public sealed class SessionTokenOptions
{
    /// <summary>How long a token is good for. It ends sooner with its session, and with anything that would refuse the request it was made for.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "01:00:00")]
    public TimeSpan Lifetime { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// How long the same token is handed out, so that what an upstream remembers of it stays useful; then the next request brings a new one. At least half of
    /// <see cref="Lifetime"/>, and at least 15 seconds less.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:30", "00:59:45")]
    public TimeSpan RenewAfter { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Programs that may ask <c>/.agw/verify</c> on a staff listener, by name.</summary>
    [MaxLength(32)]
    public Dictionary<string, VerifierOptions> Verifiers { get; set; } = [];
}

/// <summary>One program that may have tokens verified: a mail server, a CGI.</summary>
public sealed class VerifierOptions
{
    /// <summary>The key it shows, 32 to 512 visible ASCII characters; better given as <c>KeyFile</c>. Make one with <c>openssl rand -hex 32</c>. Each verifier has its own.</summary>
    [Required]
    [MinLength(32)]
    [MaxLength(512)]
    [DataType(DataType.Password)]
    public string Key { get; set; } = "";

    /// <summary>Addresses it asks from, beside what the staff listener lets in: networks by name or in CIDR notation. Empty: every address the staff listener lets in.</summary>
    [MaxLength(64)]
    public List<string> From { get; set; } = [];

    /// <summary>Services whose tokens it may have verified. Empty: every service that hands out tokens.</summary>
    [MaxLength(64)]
    public List<string> Services { get; set; } = [];
}
