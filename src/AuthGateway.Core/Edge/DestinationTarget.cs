using System.Diagnostics.CodeAnalysis;

namespace AuthGateway.Core.Edge;

/// <summary>Why a Destination header is refused. Stable numbers.</summary>
internal enum DestinationFault
{
    None = 0,

    /// <summary>Not a canonical target: 400; <c>TargetFault</c> tells why.</summary>
    Malformed = 1,

    /// <summary>Another scheme, host or port: 403.</summary>
    OtherHost = 2,
}

/// <summary>
/// Where a DAV MOVE or COPY writes to (RFC 4918 section 10.3). The upstream obeys this header like a second request line, so it is
/// read like one, and the caller judges the result by the rules the request itself would meet there.
/// </summary>
internal static class DestinationTarget
{
    /// <param name="value">The header's value: an absolute https URI of this host, or a path.</param>
    /// <param name="ownHost">The canonical host of the request.</param>
    /// <param name="ownPort">The port of the listener.</param>
    /// <param name="target">Where it leads.</param>
    /// <param name="fault">Why it was refused.</param>
    /// <param name="targetFault">What is wrong with the target when the fault is <see cref="DestinationFault.Malformed"/>.</param>
    public static bool TryParse(
        string value,
        string ownHost,
        int ownPort,
        [NotNullWhen(true)] out CanonicalTarget? target,
        out DestinationFault fault,
        out TargetFault targetFault)
    {
        (targetFault, target) = CanonicalTarget.Parse(value, "MOVE");
        fault = target is null ? DestinationFault.Malformed : IsOwn(value, target.Authority, ownHost, ownPort) ? DestinationFault.None : DestinationFault.OtherHost;
        if (fault != DestinationFault.None)
        {
            target = null;
        }

        return target is not null;
    }

    private static bool IsOwn(string value, string? authority, string ownHost, int ownPort)
    {
        // "//host/path" is a path to us and another host to an upstream that resolves it as a reference (RFC 3986 section 4.2).
        if (authority is null)
        {
            return !value.StartsWith("//", StringComparison.Ordinal);
        }

        return value.StartsWith("https://", StringComparison.OrdinalIgnoreCase)
            && HostName.TryCanonicalize(authority, ownPort, out var host)
            && host == ownHost;
    }
}
