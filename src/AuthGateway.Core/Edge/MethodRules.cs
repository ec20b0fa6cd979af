namespace AuthGateway.Core.Edge;

/// <summary>Methods no service can allow.</summary>
internal static class MethodRules
{
    /// <summary>
    /// TRACE and TRACK echo cookies and credentials back to scripts; CONNECT would make us a tunnel. The one CONNECT let
    /// through is HTTP/2's extended one for WebSocket (RFC 8441), which Kestrel reports with a <c>:protocol</c>.
    /// Letter case does not matter: Kestrel takes any token and upstreams differ.
    /// </summary>
    public static bool IsNeverAllowed(string method, string? extendedConnectProtocol = null) => method.Length switch
    {
        5 => method.Equals("TRACE", StringComparison.OrdinalIgnoreCase) || method.Equals("TRACK", StringComparison.OrdinalIgnoreCase),
        7 => method.Equals("CONNECT", StringComparison.OrdinalIgnoreCase)
            && !(method == "CONNECT" && string.Equals(extendedConnectProtocol, "websocket", StringComparison.OrdinalIgnoreCase)),
        _ => false,
    };
}
