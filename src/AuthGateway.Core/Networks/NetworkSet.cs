using System.Net;

namespace AuthGateway.Core.Networks;

/// <summary>placeholder, replaced by the edge branch</summary>
public sealed class NetworkSet
{
    public static NetworkSet Any { get; } = new();
    public static NetworkSet None { get; } = new();
    public bool Contains(IPAddress address) => ReferenceEquals(this, Any);
    public static bool TryParse(IEnumerable<string> ranges, out NetworkSet set, out IReadOnlyList<string> faults) { set = Any; faults = []; return true; }
}
