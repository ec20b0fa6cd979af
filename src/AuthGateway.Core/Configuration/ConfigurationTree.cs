namespace AuthGateway.Core.Configuration;

/// <summary>The merged section <c>AuthGateway</c>, and for every key the place it was written at.</summary>
internal sealed class ConfigurationTree
{
    /// <summary>The one section that is ours, and the start of every key.</summary>
    public const string RootKey = "AuthGateway";

    private readonly Dictionary<string, string> _sources = new(StringComparer.OrdinalIgnoreCase);

    public ConfigurationTree(ConfigurationObject root)
    {
        Root = root;
        Index(RootKey, root);
    }

    public ConfigurationObject Root { get; }

    public static string Join(string key, string child) => key.Length == 0 ? child : $"{key}:{child}";

    public static string Item(string key, int index) => $"{key}[{index}]";

    /// <summary>Objects merge key by key; anything else is replaced whole, lists too.</summary>
    public static ConfigurationObject Merge(ConfigurationObject below, ConfigurationObject above)
    {
        var merged = new ConfigurationObject(below.Source);
        foreach (var (key, value) in below.Entries)
        {
            merged.Set(key, value);
        }

        foreach (var (key, value) in above.Entries)
        {
            merged.Set(key, merged.Find(key) is ConfigurationObject old && value is ConfigurationObject added ? Merge(old, added) : value);
        }

        return merged;
    }

    /// <summary>
    /// Where a key was written. A key that stands nowhere (left out, or named by a builder for something it composed) gets the place of
    /// the nearest key around it. Prefixes are looked up, not parsed: names may hold colons and brackets themselves.
    /// </summary>
    public string? SourceOf(string key)
    {
        for (var length = key.Length; length > 0; length = key.LastIndexOfAny([':', '['], length - 1))
        {
            if (_sources.TryGetValue(key[..length], out var source))
            {
                return source;
            }
        }

        return null;
    }

    private void Index(string key, ConfigurationNode node)
    {
        _sources.TryAdd(key, node.Source);
        if (node is ConfigurationObject parent)
        {
            foreach (var (child, value) in parent.Entries)
            {
                Index(Join(key, child), value);
            }
        }
        else if (node is ConfigurationArray array)
        {
            for (var i = 0; i < array.Items.Count; i++)
            {
                Index(Item(key, i), array.Items[i]);
            }
        }
    }
}
