namespace AuthGateway.Core.Backends.Roles;

/// <summary>The groups of one user with what stands above them: by membership of groups in groups, and by place in the directory.</summary>
internal sealed class GroupTree
{
    private readonly Dictionary<string, List<string>> _parents = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<string>> _above = new(StringComparer.Ordinal);
    private readonly List<(string Name, string Place)> _own = [];

    /// <summary>Reads the groups.</summary>
    /// <param name="groups">Every group the user is in.</param>
    /// <param name="readDn">One spelling for each distinguished name, in which only a comma without backslash parts; null for what is none.</param>
    public GroupTree(IReadOnlyList<GroupNode> groups, Func<string, string?> readDn)
    {
        foreach (var group in groups)
        {
            // A group without a distinguished name has a place of its own, which is below nothing.
            var place = group.Dn is { } dn && readDn(dn) is { } read ? read : "\0" + group.Name.ToUpperInvariant();
            _own.Add((group.Name, place));
            if (group.ParentDns.Count > 0)
            {
                if (!_parents.TryGetValue(place, out var parents))
                {
                    _parents[place] = parents = [];
                }

                parents.AddRange(group.ParentDns.Select(readDn).OfType<string>());
            }
        }
    }

    /// <summary>Places a rule about a group takes hold at; none when the user is not in it.</summary>
    /// <param name="dn">The distinguished name as read, or null for a rule by name.</param>
    /// <param name="name">The name.</param>
    public IReadOnlyList<string> PlacesOf(string? dn, string name)
    {
        if (dn is null)
        {
            return [.. _own.Where(group => group.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(group => group.Place).Distinct(StringComparer.Ordinal)];
        }

        return _own.Exists(group => group.Place == dn || Above(group.Place).Contains(dn)) ? [dn] : [];
    }

    /// <summary>
    /// True when all of the lower rule's places are below the upper's. Groups that contain each other in a circle are on one level, so that the
    /// circle does not silence all of them.
    /// </summary>
    public bool Covers(IReadOnlyList<string> upper, IReadOnlyList<string> lower) => lower.All(low => upper.Any(high => IsBelow(low, high)));

    private bool IsBelow(string low, string high) => low != high && Above(low).Contains(high) && !Above(high).Contains(low);

    private HashSet<string> Above(string place)
    {
        if (_above.TryGetValue(place, out var known))
        {
            return known;
        }

        var above = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<string>([place]);
        while (open.TryPop(out var next))
        {
            if (_parents.TryGetValue(next, out var parents))
            {
                foreach (var parent in parents.Where(above.Add))
                {
                    open.Push(parent);
                }
            }

            if (Container(next) is { } container && above.Add(container))
            {
                open.Push(container);
            }
        }

        return _above[place] = above;
    }

    /// <summary>The name without its first part; null at the top.</summary>
    private static string? Container(string dn)
    {
        for (var i = 0; i < dn.Length; i++)
        {
            if (dn[i] == '\\')
            {
                i++;
            }
            else if (dn[i] == ',')
            {
                return dn[(i + 1)..];
            }
        }

        return null;
    }
}
