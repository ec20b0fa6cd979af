using System.ComponentModel.DataAnnotations;

namespace AuthGateway.Core.Listeners;

/// <summary>An address and port the gateway accepts connections on.</summary>
public sealed class ListenerOptions
{
    /// <summary><c>https://address:port</c>, or <c>http://address:port</c> for a listener that only redirects browsers. The address is an IP address; <c>0.0.0.0</c> and <c>[::]</c> mean all.</summary>
    [Required]
    public string Url { get; set; } = "";

    /// <summary>Networks that may connect, by name or in CIDR notation; others are dropped before TLS. Empty: everybody.</summary>
    public List<string> AllowFrom { get; set; } = [];

    /// <summary>What is served: <c>public</c> (the published hosts) or <c>staff</c> (health, status, and session tokens verified for other programs).</summary>
    [AllowedValues("public", "staff")]
    public string Kind { get; set; } = "public";
}

/// <summary>Limits against exhaustion.</summary>
public sealed class LimitOptions
{
    /// <summary>Most open connections in all.</summary>
    [Range(10, 1_000_000)]
    public int Connections { get; set; } = 20_000;

    /// <summary>Most open connections of one client address.</summary>
    [Range(1, 1_000_000)]
    public int ConnectionsPerAddress { get; set; } = 200;

    /// <summary>Most upgraded connections (WebSockets).</summary>
    [Range(0, 1_000_000)]
    public int UpgradedConnections { get; set; } = 5_000;

    /// <summary>Most bytes on disk of all bodies together that are being collected because SOGo needs their length. Beyond it such requests are refused with 503.</summary>
    [Range(16_777_216L, 1_099_511_627_776L)]
    public long CollectedBodyBytes { get; set; } = 1_073_741_824;
}
