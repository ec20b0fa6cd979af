using System.Collections;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace AuthGateway.Core.Configuration;

/// <summary>Writes the whole configuration as it is in effect, defaults and absolute paths included, secrets masked.</summary>
public static class ConfigurationPrinter
{
    /// <summary>Indented JSON, ending in a line break. A secret that is set reads <c>***</c>, one that is not stays empty.</summary>
    public static string Effective(GatewayOptions options)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            writer.WritePropertyName(ConfigurationTree.RootKey);
            Write(writer, OptionType.Of(typeof(GatewayOptions)), options);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray()) + "\n";
    }

    private static void Write(Utf8JsonWriter writer, OptionType type, object? value)
    {
        switch (value)
        {
            case null:
                writer.WriteNullValue();
                break;
            case string text:
                writer.WriteStringValue(text);
                break;
            case bool flag:
                writer.WriteBooleanValue(flag);
                break;
            case int number:
                writer.WriteNumberValue(number);
                break;
            case long number:
                writer.WriteNumberValue(number);
                break;
            case double number:
                writer.WriteNumberValue(number);
                break;
            case TimeSpan duration:
                writer.WriteStringValue(DurationText.Format(duration));
                break;
            case IDictionary entries:
                writer.WriteStartObject();
                foreach (DictionaryEntry entry in entries)
                {
                    writer.WritePropertyName((string)entry.Key);
                    Write(writer, type.Element!, entry.Value);
                }

                writer.WriteEndObject();
                break;
            case IList items:
                writer.WriteStartArray();
                foreach (var item in items)
                {
                    Write(writer, type.Element!, item);
                }

                writer.WriteEndArray();
                break;
            default:
                WriteSection(writer, type, value);
                break;
        }
    }

    private static void WriteSection(Utf8JsonWriter writer, OptionType type, object section)
    {
        writer.WriteStartObject();
        if (type.Discriminator is { } discriminator)
        {
            var (name, actual) = type.Alternatives.First(alternative => alternative.Type.Type == section.GetType());
            writer.WriteString(discriminator, name);
            type = actual;
        }

        foreach (var option in type.Properties)
        {
            writer.WritePropertyName(option.Name);
            if (option.IsSecret && option.Get(section) is string { Length: > 0 })
            {
                writer.WriteStringValue(OptionText.Mask);
            }
            else
            {
                Write(writer, option.Type, option.Get(section));
            }
        }

        writer.WriteEndObject();
    }
}
