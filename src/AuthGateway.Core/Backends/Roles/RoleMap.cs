using System.Collections.Frozen;

namespace AuthGateway.Core.Backends.Roles;

/// <summary>What a user's groups and attributes come to.</summary>
/// <param name="Roles">Roles granted, compared without case.</param>
/// <param name="UsageContexts">Services opened, compared without case; null when the backend limits nobody.</param>
public sealed record RoleGrants(FrozenSet<string> Roles, FrozenSet<string>? UsageContexts);

/// <summary>
/// Groups and attributes to roles and services. A pure function of what the directory said: no order, of the configuration or of the directory's
/// answer, changes the outcome.
/// </summary>
public sealed class RoleMap
{
    private readonly Func<string, string?> _readDn;
    private readonly GroupRule[] _groups;
    private readonly GroupRule[] _contexts;
    private readonly AttributeRule[] _attributes;

    private RoleMap(RoleSyncOptions options, Func<string, string?> readDn)
    {
        _readDn = readDn;
        _groups = [.. options.Groups.Select(entry => GroupRule.Of(entry.Key, entry.Value, readDn))];
        _contexts = [.. options.UsageContext.Select(entry => GroupRule.Of(entry.Key, entry.Value, readDn))];
        _attributes =
        [
            .. from attribute in options.Attributes
               from pattern in attribute.Value
               select new AttributeRule(attribute.Key, new RolePattern(pattern.Key), Frozen(pattern.Value)),
        ];
        Attributes = [.. options.Attributes.Keys.Order(StringComparer.OrdinalIgnoreCase)];
        Roles = _groups.Select(rule => rule.Says).Concat(_attributes.Select(rule => rule.Says)).SelectMany(says => says.Keys).ToFrozenSet(StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>Grants nothing and limits nobody.</summary>
    public static RoleMap None { get; } = Build(new RoleSyncOptions(), null);

    /// <summary>Attributes of the user's entry that are looked at.</summary>
    public IReadOnlyList<string> Attributes { get; }

    /// <summary>Every role that is named.</summary>
    public FrozenSet<string> Roles { get; }

    /// <summary>Takes validated options (<see cref="RoleSyncValidator"/>).</summary>
    /// <param name="options">The options.</param>
    /// <param name="readDn">Gives each distinguished name one spelling, null for text that is none; null where groups have names only.</param>
    public static RoleMap Build(RoleSyncOptions options, Func<string, string?>? readDn) => new(options, readDn ?? (static _ => null));

    /// <summary>Judges one user.</summary>
    /// <param name="groups">Every group the user is in, directly or through others.</param>
    /// <param name="attribute">Gives the values of an attribute of the user's entry.</param>
    public RoleGrants Apply(IReadOnlyList<GroupNode> groups, Func<string, IReadOnlyList<string>> attribute)
    {
        var tree = new GroupTree(groups, _readDn);
        var verdicts = new Dictionary<string, bool>(StringComparer.OrdinalIgnoreCase);
        Judge(_groups, tree, verdicts);
        foreach (var rule in _attributes)
        {
            foreach (var (role, grants) in rule.Says)
            {
                if (rule.Fits(attribute(rule.Attribute), grants))
                {
                    Add(verdicts, role, grants);
                }
            }
        }

        return new RoleGrants(Granted(verdicts), _contexts.Length == 0 ? null : Granted(Judge(_contexts, tree, new(StringComparer.OrdinalIgnoreCase))));
    }

    private static Dictionary<string, bool> Judge(GroupRule[] rules, GroupTree tree, Dictionary<string, bool> verdicts)
    {
        var heard = new List<(IReadOnlyList<string> Places, FrozenDictionary<string, bool> Says)>();
        foreach (var rule in rules)
        {
            if (tree.PlacesOf(rule.Dn, rule.Name) is { Count: > 0 } places)
            {
                heard.Add((places, rule.Says));
            }
        }

        foreach (var (places, says) in heard)
        {
            foreach (var (role, grants) in says)
            {
                // Silenced by a listed group above that says something about the same role, whatever that is.
                if (!heard.Exists(other => other.Says.ContainsKey(role) && tree.Covers(other.Places, places)))
                {
                    Add(verdicts, role, grants);
                }
            }
        }

        return verdicts;
    }

    private static void Add(Dictionary<string, bool> verdicts, string role, bool grants) => verdicts[role] = grants && (!verdicts.TryGetValue(role, out var before) || before);

    private static FrozenSet<string> Granted(Dictionary<string, bool> verdicts) =>
        verdicts.Where(verdict => verdict.Value).Select(verdict => verdict.Key).ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    private static FrozenDictionary<string, bool> Frozen(Dictionary<string, bool> says) => says.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    private sealed record GroupRule(string Name, string? Dn, FrozenDictionary<string, bool> Says)
    {
        public static GroupRule Of(string key, Dictionary<string, bool> says, Func<string, string?> readDn) => new(key, key.Contains('=', StringComparison.Ordinal) ? readDn(key) : null, Frozen(says));
    }

    private sealed record AttributeRule(string Attribute, RolePattern Pattern, FrozenDictionary<string, bool> Says)
    {
        // Whoever may write the attribute himself must not get out of a withdrawal by its length, nor into a grant.
        public bool Fits(IReadOnlyList<string> values, bool grants) => values.Any(value => value.Length > RolePattern.LongestValue ? !grants : Pattern.Fits(value));
    }
}
