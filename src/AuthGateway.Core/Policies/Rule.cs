using System.Collections.Frozen;
using AuthGateway.Core.Networks;

namespace AuthGateway.Core.Policies;

/// <summary>
/// One line of a service's ordered list: a match on what is known before login, and the policy it picks. The first
/// match wins.
/// </summary>
public sealed class Rule
{
    /// <summary>Position in the service's list, counted from 1 as people do.</summary>
    public required int Number { get; init; }

    /// <summary>Networks that match.</summary>
    public NetworkSet From { get; init; } = NetworkSet.Any;

    /// <summary>Path prefix that matches, at a segment's edge; null matches every path of the service.</summary>
    public string? Path { get; init; }

    /// <summary>Methods that match, GET for HEAD as well; empty matches every method the service takes.</summary>
    public FrozenSet<string> Methods { get; init; } = FrozenSet<string>.Empty;

    /// <summary>The policy picked.</summary>
    public required Policy Policy { get; init; }

    /// <summary>
    /// Protecting rules match without regard to case, so that no spelling walks past them; a rule that exempts from
    /// login matches its path exactly and, unless it names methods, only GET and HEAD.
    /// </summary>
    public bool Matches(System.Net.IPAddress address, string path, string method)
    {
        if (!From.Contains(address))
        {
            return false;
        }

        if (Path is not null && !PathPrefix.Matches(path, Path, Policy.Anonymous ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        if (Methods.Count > 0)
        {
            // HEAD tells nearly all GET does, so what is said of GET holds for it.
            return Methods.Contains(method) || (method is "HEAD" && Methods.Contains("GET"));
        }

        return !Policy.Anonymous || method is "GET" or "HEAD";
    }
}
