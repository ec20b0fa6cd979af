using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace AuthGateway.Web.Portal.Forms;

/// <summary>A JSON object of text values as a form: under the same limits, and as strict.</summary>
internal static class JsonFields
{
    /// <summary>The fields, or null with the status that says what is wrong.</summary>
    public static (Form? Form, int Status) Parse(ReadOnlySpan<byte> body)
    {
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        try
        {
            var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = 1 });
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return (null, StatusCodes.Status400BadRequest);
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (fields.Count == FormReader.MaxFields || reader.ValueSpan.Length > FormReader.MaxFieldBytes)
                {
                    return (null, StatusCodes.Status413PayloadTooLarge);
                }

                var name = reader.GetString()!;
                if (!reader.Read() || reader.TokenType != JsonTokenType.String)
                {
                    return (null, StatusCodes.Status400BadRequest);
                }

                if (reader.ValueSpan.Length > FormReader.MaxFieldBytes)
                {
                    return (null, StatusCodes.Status413PayloadTooLarge);
                }

                if (!fields.TryAdd(name, reader.GetString()!))
                {
                    return (null, StatusCodes.Status400BadRequest);
                }
            }

            return reader.TokenType == JsonTokenType.EndObject && !reader.Read() ? (new Form(fields), StatusCodes.Status200OK) : (null, StatusCodes.Status400BadRequest);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Broken JSON, or text that is no UTF-8.
            return (null, StatusCodes.Status400BadRequest);
        }
    }
}
