using System.Collections.Frozen;
using AuthGateway.Core.Faults;

namespace AuthGateway.Core.Networks;

/// <summary>Networks by the names administrators gave them.</summary>
public sealed class NetworkCatalog
{
    private readonly FrozenDictionary<string, IReadOnlyList<string>> _ranges;

    private NetworkCatalog(FrozenDictionary<string, IReadOnlyList<string>> ranges) => _ranges = ranges;

    /// <summary>No network has a name.</summary>
    public static NetworkCatalog Empty { get; } = new(FrozenDictionary<string, IReadOnlyList<string>>.Empty);

    /// <summary>Names in use.</summary>
    public IEnumerable<string> Names => _ranges.Keys;

    /// <summary>Checks every range of every network.</summary>
    public static NetworkCatalog Build(IReadOnlyDictionary<string, List<string>> networks, FaultList faults)
    {
        foreach (var (name, ranges) in networks)
        {
            var key = $"AuthGateway:Networks:{name}";
            if (ranges.Count == 0)
            {
                faults.Error(key, null, "The network has no ranges. Add at least one, such as \"10.0.0.0/8\".");
            }

            if (!NetworkSet.TryParse(ranges, out _, out var problems))
            {
                foreach (var problem in problems)
                {
                    faults.Error(key, null, problem);
                }
            }
        }

        return new NetworkCatalog(networks.ToFrozenDictionary(pair => pair.Key, pair => (IReadOnlyList<string>)pair.Value, StringComparer.OrdinalIgnoreCase));
    }

    /// <summary>The union of named networks and ranges written out. Faults are added under <paramref name="key"/>; the set is then <see cref="NetworkSet.None"/>.</summary>
    public NetworkSet Resolve(IReadOnlyList<string> namesOrRanges, string key, FaultList faults)
    {
        var ranges = new List<string>();
        var sound = true;
        for (var i = 0; i < namesOrRanges.Count; i++)
        {
            var entry = namesOrRanges[i];
            if (_ranges.TryGetValue(entry, out var named))
            {
                ranges.AddRange(named);
            }
            else if (entry.Contains('.', StringComparison.Ordinal) || entry.Contains(':', StringComparison.Ordinal))
            {
                ranges.Add(entry);
            }
            else
            {
                faults.Error($"{key}[{i}]", entry, FaultList.Unknown("network", entry, _ranges.Keys));
                sound = false;
            }
        }

        if (NetworkSet.TryParse(ranges, out var set, out var problems))
        {
            return sound ? set : NetworkSet.None;
        }

        foreach (var problem in problems)
        {
            faults.Error(key, null, problem);
        }

        return NetworkSet.None;
    }
}
