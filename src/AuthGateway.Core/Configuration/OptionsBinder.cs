using System.Collections;
using System.Globalization;
using System.Text.Json;
using AuthGateway.Core.Faults;

namespace AuthGateway.Core.Configuration;

/// <summary>
/// Turns the tree into option objects and adds every fault on the way. What is wrong keeps its default, so that one fault does not make
/// others up; the result is used only when there were none. Runs at load and reload, never for a request.
/// </summary>
internal sealed class OptionsBinder(FilePaths paths, SecretFiles secretFiles, FaultList faults)
{
    /// <summary>Keys of secrets that stand in the configuration itself.</summary>
    public List<string> InlineSecrets { get; } = [];

    public T Bind<T>(ConfigurationObject node, string key)
        where T : class => (T)BindSection(OptionType.Of(typeof(T)), node, key)!;

    private object? BindSection(OptionType type, ConfigurationObject node, string key)
    {
        string[] known = [];
        if (type.Discriminator is { } discriminator)
        {
            if (Choose(type, discriminator, node, key) is not { } chosen)
            {
                return null;
            }

            type = chosen;
            known = [discriminator];
        }

        var owner = type.Create();
        foreach (var option in type.Properties)
        {
            BindOption(option, owner, node, ConfigurationTree.Join(key, option.Name));
        }

        known = [.. known, .. type.Properties.SelectMany(KeysOf)];
        foreach (var (name, _) in node.Entries)
        {
            if (!known.Contains(name, StringComparer.OrdinalIgnoreCase))
            {
                // Its value stays out of the text: a misspelt SearchPassword still holds a password.
                var list = string.Join(", ", known.Order(StringComparer.Ordinal));
                faults.Error(ConfigurationTree.Join(key, name), null, $"No option has this name. Known: {list}.{Guess.Of(name, known)}");
            }
        }

        return owner;
    }

    private static IEnumerable<string> KeysOf(OptionProperty option) =>
        option.IsSecret ? [option.Name, option.Name + OptionProperty.SecretFileSuffix] : [option.Name];

    private OptionType? Choose(OptionType type, string discriminator, ConfigurationObject node, string key)
    {
        var at = ConfigurationTree.Join(key, discriminator);
        var names = type.Alternatives.Select(alternative => alternative.Name).ToArray();
        switch (node.Find(discriminator))
        {
            case null:
                faults.Error(at, null, $"This is required and missing. Add the key \"{discriminator}\" with one of: {string.Join(", ", names)}.");
                return null;
            case ConfigurationScalar { Kind: JsonTokenType.String } given:
                var chosen = type.Alternatives.FirstOrDefault(alternative => alternative.Name == given.Text);
                if (chosen.Type is null)
                {
                    faults.Error(at, given.Text, $"Must be one of: {string.Join(", ", names)}.{Guess.Of(given.Text, names)}");
                }

                return chosen.Type;
            case var other:
                faults.Error(at, null, $"Expected text, found {other.Noun}. Write one of: {string.Join(", ", names)}.");
                return null;
        }
    }

    private void BindOption(OptionProperty option, object owner, ConfigurationObject parent, string key)
    {
        var node = parent.Find(option.Name) is ConfigurationScalar { Kind: JsonTokenType.Null } ? null : parent.Find(option.Name);
        if (option.IsSecret && ReadSecretFile(option, owner, parent, node, key))
        {
            return;
        }

        if (node is null && option.Type.Kind == OptionKind.Section)
        {
            node = new ConfigurationObject("");         // a section left out still has options that may be required
        }

        if (node is not null)
        {
            if (BindValue(option.Type, node, key, option.IsSecret) is not { } value)
            {
                return;
            }

            option.Set(owner, value);
        }

        var bound = option.Get(owner);
        if (option.IsSecret && bound is string { Length: > 0 } && node is ConfigurationScalar { FromEnvironment: false })
        {
            InlineSecrets.Add(key);
        }

        OptionConstraints.Check(option, bound, isDefault: node is null, key, faults);
        if (option.IsPath && bound is string path)
        {
            if (path.Contains('\0'))
            {
                faults.Error(key, path, "A path cannot hold a NUL character. Remove it.");
                return;
            }

            option.Set(owner, paths.Resolve(path));
        }
    }

    /// <summary>True when the sibling <c>…File</c> is given and decides, for good or ill.</summary>
    private bool ReadSecretFile(OptionProperty option, object owner, ConfigurationObject parent, ConfigurationNode? inline, string key)
    {
        var fileKey = key + OptionProperty.SecretFileSuffix;
        if (parent.Find(option.Name + OptionProperty.SecretFileSuffix) is not { } node || node is ConfigurationScalar { Text: "" } or ConfigurationScalar { Kind: JsonTokenType.Null })
        {
            return false;
        }

        if (node is not ConfigurationScalar { Kind: JsonTokenType.String } file || file.Text.Contains('\0'))
        {
            faults.Error(fileKey, null, $"Expected the path of a file, found {node.Noun}. Write it in double quotes.");
            return true;
        }

        if (inline is not null and not ConfigurationScalar { Text: "" })
        {
            faults.Error(fileKey, file.Text, $"Both {option.Name} and {option.Name}{OptionProperty.SecretFileSuffix} are given. Remove {option.Name}.");
            return true;
        }

        var (secret, fault) = secretFiles.Take(paths.Resolve(file.Text));
        if (fault is not null)
        {
            faults.Error(fileKey, file.Text, fault);
            return true;
        }

        option.Set(owner, secret);
        OptionConstraints.Check(option, secret, isDefault: false, key, faults);
        return true;
    }

    private object? BindValue(OptionType type, ConfigurationNode node, string key, bool isSecret) => (type.Kind, node) switch
    {
        (OptionKind.Section, ConfigurationObject section) => BindSection(type, section, key),
        (OptionKind.List, ConfigurationArray array) => BindList(type, array, key),
        (OptionKind.Dictionary, ConfigurationObject entries) => BindDictionary(type, entries, key),
        (OptionKind.Section or OptionKind.List or OptionKind.Dictionary, _) or (_, not ConfigurationScalar) => Refuse(type, node, key, isSecret),
        _ => BindScalar(type, (ConfigurationScalar)node, key, isSecret),
    };

    private IList? BindList(OptionType type, ConfigurationArray array, string key)
    {
        var list = (IList)type.Create();
        for (var i = 0; i < array.Items.Count; i++)
        {
            if (BindValue(type.Element!, array.Items[i], ConfigurationTree.Item(key, i), isSecret: false) is { } item)
            {
                list.Add(item);
            }
        }

        // A list with a wrong entry is not set at all: the entries behind it would answer to wrong numbers, and an empty one is not also missing.
        return list.Count == array.Items.Count ? list : null;
    }

    private IDictionary? BindDictionary(OptionType type, ConfigurationObject entries, string key)
    {
        var dictionary = (IDictionary)type.Create();
        foreach (var (name, node) in entries.Entries)
        {
            if (name.Length == 0)
            {
                faults.Error(ConfigurationTree.Join(key, name), null, "A name must not be empty. Give it one.");
            }
            else if (BindValue(type.Element!, node, ConfigurationTree.Join(key, name), isSecret: false) is { } item)
            {
                dictionary[name] = item;
            }
        }

        return dictionary.Count > 0 || entries.Entries.Count == 0 ? dictionary : null;
    }

    private object? BindScalar(OptionType type, ConfigurationScalar node, string key, bool isSecret)
    {
        var isText = node.Kind == JsonTokenType.String;
        var isNumber = node.Kind == JsonTokenType.Number || node.FromEnvironment;
        switch (type.Kind)
        {
            case OptionKind.Text when isText:
                return node.Text;

            case OptionKind.Boolean when node.Kind is JsonTokenType.True or JsonTokenType.False || node.FromEnvironment:
                return bool.TryParse(node.Text, out var flag) ? flag : Refuse(type, node, key, isSecret);

            case OptionKind.Integer when isNumber:
                if (!long.TryParse(node.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
                {
                    return Refuse(type, node, key, isSecret);
                }

                if (type.Type == typeof(long))
                {
                    return number;
                }

                if (number is >= int.MinValue and <= int.MaxValue)
                {
                    return (int)number;
                }

                faults.Error(key, node.Text, $"Must be between {int.MinValue} and {int.MaxValue}.");
                return null;

            case OptionKind.Decimal when isNumber:
                return double.TryParse(node.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var real) && double.IsFinite(real)
                    ? real
                    : Refuse(type, node, key, isSecret);

            case OptionKind.Duration when isText && DurationText.TryParse(node.Text, out var duration):
                return duration;

            case OptionKind.Duration when long.TryParse(node.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var bare):
                faults.Error(key, node.Text, $"A duration needs a unit. Write \"{bare}s\" for seconds, or ms, m, h, d.");
                return null;

            default:
                return Refuse(type, node, key, isSecret);
        }
    }

    private object? Refuse(OptionType type, ConfigurationNode node, string key, bool isSecret)
    {
        var expected = type.Kind switch
        {
            OptionKind.Text => "Expected text",
            OptionKind.Boolean => "Expected true or false",
            OptionKind.Integer => "Expected a whole number",
            OptionKind.Decimal => "Expected a number",
            OptionKind.Duration => "Expected a duration",
            OptionKind.List => "Expected a list",
            OptionKind.Dictionary => "Expected an object with a name for each entry",
            _ => "Expected an object",
        };
        var scalar = node as ConfigurationScalar;
        var remedy = (type.Kind, scalar) switch
        {
            (OptionKind.Text, { Kind: not JsonTokenType.Null }) => "Put it in double quotes.",
            (OptionKind.Text, _) => "Write it in double quotes.",
            (OptionKind.Boolean or OptionKind.Integer or OptionKind.Decimal, { Kind: JsonTokenType.String, FromEnvironment: false }) => "Write it without quotes.",
            (OptionKind.Boolean, _) => "Write true or false.",
            (OptionKind.Integer, _) => "Write digits only.",
            (OptionKind.Decimal, _) => "Write digits, with a point for fractions.",
            (OptionKind.Duration, _) => "Write \"250ms\", \"30s\", \"5m\", \"1h\", \"2d\" or \"00:05:00\".",
            (OptionKind.List, { FromEnvironment: true }) => $"Set one variable for each entry: {EnvironmentName(key)}__0, {EnvironmentName(key)}__1, ….",
            (OptionKind.List, { Kind: not JsonTokenType.Null }) => "Put it in [ ].",
            (OptionKind.List, _) => "Write [ ] around its entries.",
            (OptionKind.Dictionary, _) => "Write { \"name\": … }.",
            _ => "Write { \"key\": … }.",
        };

        // A value in the wrong place may be a secret's, so only plain values of options that hold none are shown.
        var shown = isSecret ? OptionText.Mask : type.Kind is OptionKind.Section or OptionKind.Dictionary ? null : scalar?.Text;
        faults.Error(key, scalar is null ? null : shown, $"{expected}, found {node.Noun}. {remedy}");
        return null;
    }

    private static string EnvironmentName(string key) => key.Replace("[", "__", StringComparison.Ordinal).Replace("]", "", StringComparison.Ordinal).Replace(":", "__", StringComparison.Ordinal);
}
