using System.Text;

namespace AuthGateway.Ldap;

/// <summary>A found entry. Attribute names are compared without case; values keep the server's order.</summary>
public sealed class LdapEntry
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private readonly Dictionary<string, List<byte[]>> _attributes;

    internal LdapEntry(string dn, Dictionary<string, List<byte[]>> attributes)
    {
        Dn = dn;
        _attributes = attributes;
    }

    /// <summary>The distinguished name as the server wrote it.</summary>
    public string Dn { get; }

    /// <summary>Names of the attributes present.</summary>
    public IReadOnlyCollection<string> AttributeNames => _attributes.Keys;

    /// <summary>The first value as text; null when there is none or it is not UTF-8.</summary>
    public string? GetString(string attribute) => GetBytes(attribute) is { } bytes ? Text(bytes) : null;

    /// <summary>All values that are UTF-8 text; empty when there are none.</summary>
    public IReadOnlyList<string> GetStrings(string attribute)
    {
        if (!_attributes.TryGetValue(attribute, out var values))
        {
            return [];
        }

        var texts = new List<string>(values.Count);
        foreach (var value in values)
        {
            if (Text(value) is { } text)
            {
                texts.Add(text);
            }
        }

        return texts;
    }

    /// <summary>The first value as it is; null when there is none.</summary>
    public byte[]? GetBytes(string attribute) =>
        _attributes.TryGetValue(attribute, out var values) && values.Count > 0 ? values[0] : null;

    /// <summary>All values as they are; empty when there are none.</summary>
    public IReadOnlyList<byte[]> GetAllBytes(string attribute) => _attributes.TryGetValue(attribute, out var values) ? values : [];

    private static string? Text(byte[] value)
    {
        try
        {
            return Strict.GetString(value);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }
}
