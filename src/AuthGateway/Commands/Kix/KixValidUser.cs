using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace AuthGateway.Commands.Kix;

/// <summary>
/// Access by name and address alone. It is never carried over by itself, for it opens accounts without a password: what it would be here is shown, for
/// somebody to decide.
/// </summary>
internal static class KixValidUser
{
    private static readonly string[] s_anyNumber = [@"\d+", @"\d\d?\d?", @"\d{1,3}", @"\d*", "[0-9]+", "[0-9]{1,3}", "*"];

    public static void Note(KixNode node, IReadOnlyList<string>? services, KixNotes notes)
    {
        var config = node.Node("Config");
        var networks = config.Texts("RelevantClientIPs").Select(NetworkOf).ToArray();
        var users = config.Texts("RelevantUsers").SelectMany(NamesOf).ToArray();
        node.Text("Name");
        node.NoteRest("Look whether it is still needed.");
        config.NoteRest("Look whether it is still needed.");
        if (networks.Length == 0 || users.Length == 0 || Array.Exists(networks, network => network is null) || Array.Exists(users, user => user is null))
        {
            notes.LeftOut(
                node.Path,
                "It lets people in by name and address alone, and its patterns are too wide or too intricate to be translated.",
                "If it is still wanted, write ValidUser at the service by hand: Users with patterns of names, From with networks.");
            return;
        }

        var section = new JsonArray(new JsonObject
        {
            ["Users"] = KixConverter.List(users.OfType<string>()),
            ["From"] = KixConverter.List(networks.OfType<string>()),
        });
        notes.LeftOut(
            node.Path,
            "It lets people in by name and address alone, which nobody should get without deciding it.",
            $"If it is still wanted, add to {(services is null ? "each service" : string.Join(" and ", services.Select(name => $"Services:{name}")))}: \"ValidUser\": {section.ToJsonString(s_readable)}, and the factor network to its policy.");
    }

    private static readonly JsonSerializerOptions s_readable = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The network of a pattern such as <c>^172.21.16.\d+$</c>: fixed numbers first, then any. Null for others, and for any address at all.</summary>
    internal static string? NetworkOf(string regex)
    {
        var text = regex.Trim().TrimStart('^').TrimEnd('$').Replace(".*", "*", StringComparison.Ordinal).Replace(@"\.", ".", StringComparison.Ordinal);
        var parts = text.Split('.');
        var numbers = parts.TakeWhile(part => byte.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out _)).ToArray();
        var rest = parts[numbers.Length..];

        // "10." at the end leaves an empty last part, and "10.*" a star behind the point.
        return numbers.Length is 0 or > 4 || parts.Length > 4 || !Array.TrueForAll(rest, part => part.Length == 0 || s_anyNumber.Contains(part, StringComparer.Ordinal))
            || (numbers.Length < 4 && rest.Length == 0)
            ? null
            : string.Create(CultureInfo.InvariantCulture, $"{string.Join('.', numbers.Concat(Enumerable.Repeat("0", 4 - numbers.Length)))}/{numbers.Length * 8}");
    }

    /// <summary>The alternatives of a pattern of names, each a regular expression of its own; a null among them when one cannot be taken.</summary>
    internal static IEnumerable<string?> NamesOf(string regex)
    {
        var text = regex.Trim().TrimStart('^').TrimEnd('$').Trim();
        if (text.StartsWith('(') && text.EndsWith(')') && text.IndexOf('(', 1) < 0)
        {
            text = text[1..^1];
        }

        return text.Contains('(', StringComparison.Ordinal)
            ? [null]
            : text.Split('|', StringSplitOptions.TrimEntries).Select(name => name.Length == 0 || name.Contains(".*", StringComparison.Ordinal) || name.Contains(".+", StringComparison.Ordinal) || name.Any(char.IsWhiteSpace) ? null : name);
    }
}
