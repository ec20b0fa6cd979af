using System.Collections;
using System.Text;

namespace AuthGateway.Core.Configuration;

/// <summary>The reference of every option, a heading each, in Markdown.</summary>
public static class ConfigurationReference
{
    private const string Preface = """
        # Configuration

        <!-- Written by `authgateway schema --markdown`; change the option types instead. -->

        One file, `appsettings.json`, holds the section `AuthGateway`. Files `appsettings.d/*.json` beside it follow in the order of their names, then the
        environment. Objects merge key by key; values and lists replace what came before. Comments and trailing commas are allowed; unknown keys and keys
        given twice are faults. `authgateway check` tells every fault at once, with file and line.

        - **Keys** ignore case. In the environment two underscores part them, and a number names an entry of a list:
          `AuthGateway__Lockout__Account__Limit=5`, `AuthGateway__Backends__0__BaseDn=dc=example,dc=com`.
        - **Durations** are `"250ms"`, `"30s"`, `"5m"`, `"1h"`, `"2d"`, or `"00:05:00"` and `"1.00:00:00"`. A bare number is a fault.
        - **Files**: a relative path starts at the state directory.
        - **Secrets** may stand in a file of their own: for `SearchPassword` that is `SearchPasswordFile`. Only its owner may have access (`chmod 600`), it
          must not be a symbolic link, holds at most 64 KiB, and its last line break does not count. A configuration file with a secret in it is held to the same.
        - `null` is as good as leaving the key out.

        `<name>` stands for a name you choose, `[]` for an entry of a list.

        """;

    /// <summary>The reference as text, ending in a line break.</summary>
    public static string Generate()
    {
        var text = new StringBuilder(Preface.ReplaceLineEndings("\n"));
        var documentation = XmlDocumentation.Load();
        foreach (var option in OptionType.Of(typeof(GatewayOptions)).Properties)
        {
            Write(option, new GatewayOptions(), "", 2);
        }

        return text.ToString();

        void WriteSection(OptionType type, string key)
        {
            if (type.Discriminator is { } discriminator)
            {
                WriteAlternatives(type, discriminator, key);
                return;
            }

            WriteOptions(type.Properties, type, key);
        }

        void WriteAlternatives(OptionType type, string discriminator, string key)
        {
            var alternatives = type.Alternatives.ToArray();
            Heading(3, $"{key}:{discriminator}");
            text.Append("Which kind it is. Required.\n\n");
            foreach (var (name, alternative) in alternatives)
            {
                text.Append($"- `{name}`: {documentation.Markdown(alternative.Type)}\n");
            }

            WriteOptions(alternatives[0].Type.Properties.Where(option => option.Property.DeclaringType == type.Type), alternatives[0].Type, key);
            foreach (var (name, alternative) in alternatives)
            {
                WriteOptions(alternative.Properties.Where(option => option.Property.DeclaringType != type.Type), alternative, key, $" (`{discriminator}` is `{name}`)");
            }
        }

        void WriteOptions(IEnumerable<OptionProperty> options, OptionType owner, string key, string note = "")
        {
            var defaults = owner.Create();
            foreach (var option in options)
            {
                Write(option, defaults, key, 3, note);
            }
        }

        void Write(OptionProperty option, object defaults, string parent, int level, string note = "")
        {
            var key = ConfigurationTree.Join(parent, option.Name);
            Heading(level, key, note);
            var description = documentation.Markdown(option.Property);
            text.Append(description).Append(description.Length > 0 ? "\n\n" : "");
            foreach (var fact in Facts(option, option.Get(defaults)))
            {
                text.Append("- ").Append(fact).Append('\n');
            }

            var (inner, innerKey) = Inside(option.Type, key);
            if (inner.Kind == OptionKind.Section)
            {
                WriteSection(inner, innerKey);
            }
        }

        void Heading(int level, string key, string note = "") => text.Append($"\n{new string('#', level)} `{key}`{note}\n\n");
    }

    private static (OptionType Type, string Key) Inside(OptionType type, string key) => type.Kind switch
    {
        OptionKind.List => Inside(type.Element!, $"{key}[]"),
        OptionKind.Dictionary => Inside(type.Element!, $"{key}:<name>"),
        _ => (type, key),
    };

    private static IEnumerable<string> Facts(OptionProperty option, object? preset)
    {
        yield return $"Type: {Name(option.Type)}{(option.IsSecret ? ", secret" : option.IsPath ? ", a path" : "")}";
        var isEmpty = preset is null or "" or ICollection { Count: 0 };
        if (option.IsRequired && isEmpty)
        {
            yield return "Required";
        }
        else if (option.Type.Kind is not (OptionKind.Section or OptionKind.Dictionary))
        {
            yield return $"Default: {Default(preset, isEmpty)}";
        }

        if (option.Range is var (least, most))
        {
            yield return $"Bounds: `{OptionText.Of(least)}` to `{OptionText.Of(most)}`";
        }

        if (option.Choices is { } choices)
        {
            yield return $"Choices: {string.Join(", ", choices.Select(choice => choice.Length == 0 ? "empty" : $"`{choice}`"))}";
        }

        if (option.Pattern is { } pattern)
        {
            yield return $"Form: `{pattern}`";
        }

        if (option.MinLength > 0 || option.MaxLength < int.MaxValue)
        {
            var noun = option.Type.Kind == OptionKind.Text ? "characters" : "entries";
            yield return option.MaxLength == int.MaxValue ? $"Length: {option.MinLength} or more {noun}" : $"Length: {option.MinLength} to {option.MaxLength} {noun}";
        }

        if (option.IsSecret)
        {
            yield return $"From a file: `{option.Name}{OptionProperty.SecretFileSuffix}`";
        }
    }

    private static string Default(object? preset, bool isEmpty) => preset switch
    {
        null => "none",
        _ when isEmpty => "empty",
        IEnumerable<string> texts => string.Join(", ", texts.Select(text => $"`{text}`")),
        _ => $"`{OptionText.Of(preset)}`",
    };

    private static string Name(OptionType type) => type.Kind switch
    {
        OptionKind.Text => "text",
        OptionKind.Boolean => "true or false",
        OptionKind.Integer => "whole number",
        OptionKind.Decimal => "number",
        OptionKind.Duration => "duration",
        OptionKind.List => $"list of {Plural(type.Element!)}",
        OptionKind.Dictionary => $"names, each with {Article(type.Element!)}{Name(type.Element!)}",
        _ => "section",
    };

    private static string Article(OptionType type) => type.Kind is OptionKind.Boolean or OptionKind.Dictionary ? "" : "a ";

    private static string Plural(OptionType type) => type.Kind switch
    {
        OptionKind.Text => "texts",
        OptionKind.Section => "sections",
        _ => Name(type),
    };
}
