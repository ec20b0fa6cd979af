using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace AuthGateway.Core.Configuration;

/// <summary>The JSON schema (draft 2020-12) of <c>appsettings.json</c>, so that an editor completes and checks while somebody types.</summary>
public static class ConfigurationSchema
{
    private static readonly JsonSerializerOptions Written = new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The schema as text, ending in a line break.</summary>
    public static string Generate() => new Generator(XmlDocumentation.Load()).Generate().ToJsonString(Written) + "\n";

    private sealed class Generator(XmlDocumentation documentation)
    {
        private readonly SortedDictionary<string, JsonNode> _definitions = new(StringComparer.Ordinal);

        public JsonObject Generate()
        {
            var root = OptionType.Of(typeof(GatewayOptions));
            var schema = new JsonObject
            {
                ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
                ["title"] = "AuthGateway configuration",
                ["type"] = "object",
                ["properties"] = new JsonObject
                {
                    ["$schema"] = new JsonObject { ["type"] = "string" },
                    [ConfigurationTree.RootKey] = Of(root),
                },
                ["additionalProperties"] = false,
            };
            schema["$defs"] = new JsonObject(_definitions.Select(definition => KeyValuePair.Create(definition.Key, (JsonNode?)definition.Value)));
            return schema;
        }

        private JsonObject Of(OptionType type) => type.Kind switch
        {
            OptionKind.Text => new() { ["type"] = "string" },
            OptionKind.Boolean => new() { ["type"] = "boolean" },
            OptionKind.Integer => new() { ["type"] = "integer" },
            OptionKind.Decimal => new() { ["type"] = "number" },
            OptionKind.Duration => new() { ["type"] = "string", ["pattern"] = DurationText.Pattern },
            OptionKind.List => new() { ["type"] = "array", ["items"] = Of(type.Element!) },
            OptionKind.Dictionary => new() { ["type"] = "object", ["additionalProperties"] = Of(type.Element!), ["propertyNames"] = new JsonObject { ["minLength"] = 1 } },
            _ => new() { ["$ref"] = $"#/$defs/{Define(type)}" },
        };

        private string Define(OptionType type)
        {
            var name = type.Type.Name;
            if (_definitions.ContainsKey(name))
            {
                return name;
            }

            _definitions[name] = new JsonObject();      // a type that holds itself finds its own name
            _definitions[name] = type.Discriminator is null
                ? Section(type, null)
                : new JsonObject
                {
                    ["description"] = documentation.Plain(type.Type),
                    ["oneOf"] = new JsonArray([.. type.Alternatives.Select(alternative => Section(alternative.Type, (type.Discriminator, alternative.Name)))]),
                };
            return name;
        }

        private JsonObject Section(OptionType type, (string Key, string Value)? discriminator)
        {
            var properties = new JsonObject();
            var required = new JsonArray();
            var exclusive = new JsonArray();
            if (discriminator is var (key, value))
            {
                properties[key] = new JsonObject { ["const"] = value, ["description"] = documentation.Plain(type.Type) };
                required.Add(key);
            }

            var defaults = type.Create();
            foreach (var option in type.Properties)
            {
                properties[option.Name] = Property(option, defaults);
                if (option.IsSecret)
                {
                    properties[option.Name + OptionProperty.SecretFileSuffix] = new JsonObject
                    {
                        ["description"] = $"File that holds {option.Name}, readable by its owner only; relative to the state directory.",
                        ["type"] = "string",
                    };
                    exclusive.Add(new JsonObject { ["required"] = new JsonArray(option.Name, option.Name + OptionProperty.SecretFileSuffix) });
                }

                // A file of appsettings.d holds some sections and not others, so what the whole configuration needs is left to `check`.
                if (option.IsRequired && type.Type != typeof(GatewayOptions) && IsEmpty(option.Get(defaults)))
                {
                    required.Add(option.Name);
                }
            }

            var section = new JsonObject { ["description"] = documentation.Plain(type.Type), ["type"] = "object", ["properties"] = properties };
            if (required.Count > 0)
            {
                section["required"] = required;
            }

            if (exclusive.Count > 0)
            {
                section["not"] = new JsonObject { ["anyOf"] = exclusive };
            }

            section["additionalProperties"] = false;
            return section;
        }

        private JsonObject Property(OptionProperty option, object defaults)
        {
            var schema = new JsonObject { ["description"] = documentation.Plain(option.Property) };
            foreach (var (key, value) in Of(option.Type))
            {
                schema[key] = value?.DeepClone();
            }

            if (option.IsNullable)
            {
                schema["type"] = new JsonArray(schema["type"]!.DeepClone(), "null");
            }

            var target = option.Type.Kind == OptionKind.List ? schema["items"]!.AsObject() : schema;
            if (option.Choices is { } choices)
            {
                target["enum"] = new JsonArray([.. choices.Select(choice => (JsonNode)choice)]);
            }

            if (option.Pattern is { } pattern)
            {
                schema["pattern"] = $"^(?:{pattern})$";
            }

            if (option.Range is var (least, most))
            {
                if (option.Type.Kind == OptionKind.Duration)
                {
                    schema["description"] = $"{schema["description"]} From {OptionText.Of(least)} to {OptionText.Of(most)}.";
                }
                else
                {
                    schema["minimum"] = JsonSerializer.SerializeToNode((object)least);
                    schema["maximum"] = JsonSerializer.SerializeToNode((object)most);
                }
            }

            var (min, max) = option.Type.Kind switch
            {
                OptionKind.List => ("minItems", "maxItems"),
                OptionKind.Dictionary => ("minProperties", "maxProperties"),
                _ => ("minLength", "maxLength"),
            };
            var fewest = option.MinLength == 0 && option.IsRequired ? 1 : option.MinLength;
            if (fewest > 0)
            {
                schema[min] = fewest;
            }

            if (option.MaxLength < int.MaxValue)
            {
                schema[max] = option.MaxLength;
            }

            if (!option.IsSecret && option.Type.Kind != OptionKind.Section && option.Get(defaults) is { } preset && !IsEmpty(preset))
            {
                schema["default"] = preset is TimeSpan duration ? OptionText.Of(duration) : JsonSerializer.SerializeToNode(preset);
            }

            return schema;
        }

        private static bool IsEmpty(object? value) => value is null or "" or System.Collections.ICollection { Count: 0 };
    }
}
