using System.Globalization;
using System.Text.Json;

namespace AuthGateway.Commands.Kix;

/// <summary>An object of KIX's JSON that remembers which of its keys were asked for, so that none is passed over in silence.</summary>
internal sealed class KixNode
{
    private readonly Dictionary<string, JsonElement> _values = new(StringComparer.Ordinal);
    private readonly HashSet<string> _asked = new(StringComparer.Ordinal);
    private readonly KixNotes _notes;

    public KixNode(JsonElement element, string path, KixNotes notes)
    {
        (Path, _notes) = (path, notes);
        if (element.ValueKind != JsonValueKind.Object)
        {
            if (element.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null))
            {
                notes.LeftOut(path, "This is no object { … }.", "Write it as KIX's manual shows it.");
            }

            return;
        }

        foreach (var property in element.EnumerateObject())
        {
            if (!_values.TryAdd(property.Name, property.Value))
            {
                _values[property.Name] = property.Value;
                notes.Look($"{path}.{property.Name}", "The key stands here twice; the last one counts, as in KIX.", "Remove the other.");
            }
        }
    }

    public string Path { get; }

    /// <summary>Keys and values, all of them then asked for.</summary>
    public IEnumerable<(string Key, string Path, JsonElement Value)> Entries => _values.Select(pair =>
    {
        _asked.Add(pair.Key);
        return (pair.Key, At(pair.Key), pair.Value);
    });

    public string At(string key) => $"{Path}.{key}";

    /// <summary>A text, or a number as text; empty when it is missing or something else, which is noted.</summary>
    public string Text(string key)
    {
        _asked.Add(key);
        if (!_values.TryGetValue(key, out var value) || value.ValueKind == JsonValueKind.Null)
        {
            return "";
        }

        if (TextOf(value) is { } text)
        {
            return text;
        }

        _notes.LeftOut(At(key), "This is neither text nor a number.", "Write it as KIX's manual shows it.");
        return "";
    }

    /// <summary>One text, or a list of them.</summary>
    public IReadOnlyList<string> Texts(string key)
    {
        _asked.Add(key);
        return _values.TryGetValue(key, out var value) && value.ValueKind == JsonValueKind.Array
            ? [.. value.EnumerateArray().Select(TextOf).OfType<string>()]
            : Text(key) is { Length: > 0 } text ? [text] : [];
    }

    /// <summary>What is written by key; an object without keys when it is missing.</summary>
    public KixNode Node(string key)
    {
        _asked.Add(key);
        return new KixNode(_values.GetValueOrDefault(key), At(key), _notes);
    }

    /// <summary>The entries of a list, each with its path; one object counts as a list of one.</summary>
    public IEnumerable<KixNode> Nodes(string key)
    {
        _asked.Add(key);
        return _values.GetValueOrDefault(key) is { ValueKind: JsonValueKind.Array } list
            ? list.EnumerateArray().Select((element, i) => new KixNode(element, $"{At(key)}[{i}]", _notes))
            : _values.ContainsKey(key) ? [Node(key)] : [];
    }

    /// <summary>Notes every key nobody asked for.</summary>
    public void NoteRest(string remedy)
    {
        foreach (var key in _values.Keys.Where(key => !_asked.Contains(key)))
        {
            _notes.LeftOut(At(key), "There is nothing like it here.", remedy);
        }
    }

    /// <summary>1, "1" and true are yes; 0, "0", false and nothing are no.</summary>
    public static bool IsYes(JsonElement value) => TextOf(value) is not (null or "" or "0");

    /// <summary>Whether a key says yes.</summary>
    public bool Says(string key)
    {
        _asked.Add(key);
        return _values.TryGetValue(key, out var value) && IsYes(value);
    }

    public static string? TextOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number => value.TryGetInt64(out var number) ? number.ToString(CultureInfo.InvariantCulture) : value.GetRawText(),
        JsonValueKind.True => "1",
        JsonValueKind.False => "0",
        _ => null,
    };
}
