namespace AuthGateway.Core.Edge;

/// <summary>What the gateway itself tells an upstream in headers.</summary>
internal static class GatewayHeaders
{
    public const string ForwardedFor = "X-Forwarded-For";
    public const string ForwardedProto = "X-Forwarded-Proto";
    public const string ForwardedHost = "X-Forwarded-Host";
    public const string SharedSecret = "X-AGW-Secret";

    /// <summary>The header SOGo believes in its trust mode: the one of its family that may carry the login name.</summary>
    public const string SogoUser = "x-webobjects-remote-user";

    private const string SogoFamily = "x-webobjects-";
    private const string OwnFamily = "X-AGW-";
    private const string ForwardedFamily = "X-Forwarded";

    /// <summary>True for a header that says something else already: with the login name in it an upstream would read two values, or the wrong one.</summary>
    public static bool IsTaken(string name) =>
        name.StartsWith(ForwardedFamily, StringComparison.OrdinalIgnoreCase)
        || name.StartsWith(OwnFamily, StringComparison.OrdinalIgnoreCase)
        || (name.StartsWith(SogoFamily, StringComparison.OrdinalIgnoreCase) && !name.Equals(SogoUser, StringComparison.OrdinalIgnoreCase));
}
