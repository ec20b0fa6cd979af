using System.Text.Json;

namespace AuthGateway.Core.Configuration;

/// <summary>A place in the merged configuration that remembers where it was written.</summary>
/// <param name="Source"><c>appsettings.json:12</c>, or <c>environment NAME</c>.</param>
internal abstract record ConfigurationNode(string Source)
{
    /// <summary>What a fault calls it.</summary>
    public abstract string Noun { get; }
}

/// <summary>Text, number, true, false or null.</summary>
internal sealed record ConfigurationScalar(JsonTokenType Kind, string Text, string Source) : ConfigurationNode(Source)
{
    /// <summary>Environment variables know only text; such a value is read as whatever the option asks for.</summary>
    public bool FromEnvironment { get; init; }

    public override string Noun => Kind switch
    {
        JsonTokenType.String => "text",
        JsonTokenType.Number => "a number",
        JsonTokenType.Null => "null",
        _ => "true or false",
    };
}

/// <summary>A list, in order.</summary>
internal sealed record ConfigurationArray(string Source) : ConfigurationNode(Source)
{
    public List<ConfigurationNode> Items { get; } = [];

    public override string Noun => "a list";
}

/// <summary>Keys and values. Two keys that differ only in case are one key; the first spelling stays.</summary>
internal sealed record ConfigurationObject(string Source) : ConfigurationNode(Source)
{
    private readonly Dictionary<string, int> _positions = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<KeyValuePair<string, ConfigurationNode>> _entries = [];

    /// <summary>Entries in the order they were written.</summary>
    public IReadOnlyList<KeyValuePair<string, ConfigurationNode>> Entries => _entries;

    public override string Noun => "an object";

    public ConfigurationNode? Find(string key) => _positions.TryGetValue(key, out var position) ? _entries[position].Value : null;

    public void Set(string key, ConfigurationNode value)
    {
        if (_positions.TryGetValue(key, out var position))
        {
            _entries[position] = new(_entries[position].Key, value);
            return;
        }

        _positions[key] = _entries.Count;
        _entries.Add(new(key, value));
    }
}
