using System.Text.Json;
using System.Text.Json.Nodes;
using AuthGateway.Commands.Importing;

namespace AuthGateway.Commands.Kix;

/// <summary>What came of a conversion.</summary>
/// <param name="Section">Our section, without any password.</param>
/// <param name="Passwords">Passwords of search users, by the name of the file that is to hold each.</param>
/// <param name="Notes">What could not be carried over, and what deserves a look.</param>
internal sealed record KixConversion(JsonObject Section, IReadOnlyDictionary<string, string> Passwords, IReadOnlyList<KixNote> Notes);

/// <summary>Turns KIX 18's list of authentication backends into our section.</summary>
/// <param name="agents">Our services that are KIX's agent portal.</param>
/// <param name="customers">Our services that are its self-service portal.</param>
/// <param name="secretFile">Where the password of a backend's search user is to be kept, by the backend's name.</param>
internal sealed class KixConverter(IReadOnlyList<string> agents, IReadOnlyList<string> customers, Func<string, string> secretFile)
{
    /// <summary>Name of a service nobody has: <c>check</c> refuses it until somebody says which service is meant, for to leave it out would open the backend to all.</summary>
    public const string UnknownAgents = "kix-agent";

    /// <inheritdoc cref="UnknownAgents" />
    public const string UnknownCustomers = "kix-customer";

    private const int MaxBackends = 16;
    private const int MaxName = 32;

    private readonly KixNotes _notes = new();
    private readonly JsonArray _backends = [];
    private readonly Dictionary<string, string> _passwords = new(StringComparer.Ordinal);
    private readonly HashSet<string> _names = new(StringComparer.OrdinalIgnoreCase);
    private bool _hasLocal;

    /// <exception cref="ImportRefusedException">The text is no list of backends.</exception>
    public KixConversion Convert(string text)
    {
        using var document = KixJson.Parse(text);
        var elements = document.RootElement.ValueKind switch
        {
            JsonValueKind.Array => document.RootElement.EnumerateArray().ToArray(),
            JsonValueKind.Object => [document.RootElement],
            _ => throw new ImportRefusedException("The file holds no list of backends.", "Copy the whole value of the key Authentication###000-Default into it."),
        };
        for (var i = 0; i < elements.Length; i++)
        {
            Take(new KixNode(elements[i], $"[{i}]", _notes));
        }

        if (_backends.Count > MaxBackends)
        {
            _notes.Look("", $"There are {_backends.Count} backends; a chain has at most {MaxBackends}.", "Remove some.");
        }

        return new KixConversion(new JsonObject { ["AuthGateway"] = new JsonObject { ["Backends"] = _backends } }, _passwords, _notes.All);
    }

    private void Take(KixNode node)
    {
        var module = node.Text("Module");
        if (!node.Says("Enabled"))
        {
            _notes.LeftOut(node.Path, "It is switched off there (Enabled is not 1).", "Set Enabled to 1 and convert again if it is wanted.");
            return;
        }

        switch (module[(module.LastIndexOf(':') + 1)..])
        {
            case "LDAP":
                AddDirectory(node);
                break;
            case "DB":
                AddLocal(node);
                break;
            case "ValidUser":
                KixValidUser.Note(node, ServicesOf(node.Text("UsageContext")), _notes);
                break;
            default:
                _notes.LeftOut(node.Path, $"The module \"{module}\" has no counterpart.", "Backends here are directories, local accounts, PAM and external helpers.");
                break;
        }
    }

    private void AddDirectory(KixNode node)
    {
        var backend = Begin(node, "ldap");
        var name = backend["Name"]!.GetValue<string>();
        var config = node.Node("Config");
        KixLdap.Convert(config, backend, _notes);
        if (config.Text("SearchUserPw") is { Length: > 0 } password)
        {
            var file = secretFile(name);
            backend["SearchPasswordFile"] = file;
            _passwords[file] = password;
        }

        config.NoteRest("Look whether it is still needed.");
        var sync = new KixSync(agents is [] ? [UnknownAgents] : agents, customers is [] ? [UnknownCustomers] : customers, _notes);
        foreach (var part in node.Nodes("Sync"))
        {
            sync.Take(part, backend);
        }

        sync.Finish(backend);
        node.NoteRest("Look whether it is still needed.");
        _backends.Add(backend);
    }

    private void AddLocal(KixNode node)
    {
        var config = node.Node("Config");
        var crypt = config.Text("CryptType");
        config.NoteRest("Look whether it is still needed.");
        foreach (var part in node.Nodes("Sync"))
        {
            _notes.LeftOut(part.Path, "Local accounts are synchronized with nothing.", "Give them groups: authgateway import csv, column groups.");
        }

        if (_hasLocal)
        {
            _notes.LeftOut(node.Path, "There is one store of local accounts, so only one such backend.", "The one before serves both; its UsageContext may have to be widened.");
            return;
        }

        _hasLocal = true;
        _backends.Add(Begin(node, "local"));
        node.NoteRest("Look whether it is still needed.");
        _notes.LeftOut(
            $"{node.Path}.Config.CryptType",
            $"The accounts themselves, and their hashes ({(crypt.Length == 0 ? "sha2" : crypt)}), are in KIX's database.",
            "Export login and pw of its table users as CSV with the columns login and hash, and give them to authgateway import csv; each hash is replaced at the next login.");
    }

    private JsonObject Begin(KixNode node, string type)
    {
        var name = NameFor(node.Text("Name"), type);
        if (name != node.Text("Name"))
        {
            _notes.Look(node.At("Name"), $"Names here have letters, digits and hyphens; this one is \"{name}\".", "Rename it before anybody signs in: accounts are kept under the name.");
        }

        var backend = new JsonObject { ["Type"] = type, ["Name"] = name };
        var context = node.Text("UsageContext");
        if (ServicesOf(context) is { } services)
        {
            backend["UsageContext"] = List(services);
            if (services is [UnknownAgents] or [UnknownCustomers])
            {
                var option = services is [UnknownAgents] ? "--agent-service" : "--customer-service";
                _notes.Look(node.At("UsageContext"), $"Which services are meant by {context} is not known, so a name stands there that check refuses.", $"Convert again with {option} NAME, or write the services' names there.");
            }
        }
        else if (context.Length > 0)
        {
            backend["UsageContext"] = List([context]);
            _notes.Look(node.At("UsageContext"), $"\"{context}\" is neither Agent nor Customer.", "Write the names of the services it is meant for.");
        }

        return backend;
    }

    /// <summary>Services a usage context means; null when there is none, or an unknown one.</summary>
    private IReadOnlyList<string>? ServicesOf(string context) => context switch
    {
        "Agent" => agents is [] ? [UnknownAgents] : agents,
        "Customer" => customers is [] ? [UnknownCustomers] : customers,
        _ => null,
    };

    private string NameFor(string given, string type)
    {
        var slug = new string([.. given.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-')]);
        slug = string.Join('-', slug.Split('-', StringSplitOptions.RemoveEmptyEntries));
        slug = slug.Length > MaxName ? slug[..MaxName].TrimEnd('-') : slug.Length == 0 ? type : slug;
        var name = slug;
        for (var i = 2; !_names.Add(name); i++)
        {
            var end = $"-{i}";
            name = (slug.Length + end.Length > MaxName ? slug[..(MaxName - end.Length)] : slug) + end;
        }

        return name;
    }

    internal static JsonArray List(IEnumerable<string> texts) => [.. texts.Select(text => JsonValue.Create(text))];
}
