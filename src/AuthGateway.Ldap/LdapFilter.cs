using System.Diagnostics.CodeAnalysis;
using System.Formats.Asn1;
using System.Text;

namespace AuthGateway.Ldap;

/// <summary>
/// A search filter in its wire form (RFC 4511, 4.5.1.7). Build it from parts, where no value can break out of its place,
/// or read it from the text form of RFC 4515.
/// </summary>
public sealed class LdapFilter
{
    /// <summary>How deep and, or and not may nest in a text.</summary>
    public const int MaxDepth = 32;

    /// <summary>Characters of a filter text at most.</summary>
    public const int MaxLength = 64 * 1024;

    private readonly byte[] _encoded;

    private LdapFilter(AsnWriter writer) => _encoded = writer.Encode();

    /// <summary>The BER encoding.</summary>
    public ReadOnlySpan<byte> Encoded => _encoded;

    /// <summary>Reads a filter, for instance <c>(&amp;(objectClass=person)(uid=anna))</c>. White space is allowed between filters, nowhere else.</summary>
    /// <param name="text">The text of RFC 4515.</param>
    /// <param name="filter">The filter, when true is returned.</param>
    /// <param name="fault">What is wrong and where (counted from 0); empty when nothing is.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out LdapFilter? filter, out string fault)
    {
        ArgumentNullException.ThrowIfNull(text);
        filter = null;
        if (text.Length > MaxLength)
        {
            fault = $"filter is longer than {MaxLength} characters";
            return false;
        }

        var writer = new AsnWriter(AsnEncodingRules.BER);
        var parser = new LdapFilterParser(text, writer);
        if (!parser.TryParse(out fault))
        {
            return false;
        }

        filter = new LdapFilter(writer);
        return true;
    }

    /// <summary>Makes a value safe inside a filter text: <c>* ( ) \ NUL</c> and every byte from 0x80 become <c>\hh</c>.</summary>
    /// <exception cref="ArgumentException">The value holds half a surrogate pair.</exception>
    public static string Escape(string value)
    {
        var bytes = LdapText.Encode(value);
        var text = new StringBuilder(bytes.Length + 16);
        foreach (var b in bytes)
        {
            if (b is 0 or (byte)'*' or (byte)'(' or (byte)')' or (byte)'\\' or >= 0x80)
            {
                text.Append('\\').Append(LdapText.HexDigits[b >> 4]).Append(LdapText.HexDigits[b & 0xf]);
            }
            else
            {
                text.Append((char)b);
            }
        }

        return text.ToString();
    }

    /// <summary><c>(attribute=value)</c>; the value is taken literally, a star is a star.</summary>
    /// <exception cref="ArgumentException">The attribute is not a name, or the value holds half a surrogate pair.</exception>
    public static LdapFilter Equal(string attribute, string value) => Equal(attribute, LdapText.Encode(value));

    /// <summary><c>(attribute=value)</c> for binary values such as objectGUID.</summary>
    /// <exception cref="ArgumentException">The attribute is not a name.</exception>
    public static LdapFilter Equal(string attribute, ReadOnlySpan<byte> value)
    {
        var name = Name(attribute);
        var writer = new AsnWriter(AsnEncodingRules.BER);
        writer.PushSequence(LdapTag.Context(3, constructed: true));
        writer.WriteOctetString(name);
        writer.WriteOctetString(value);
        writer.PopSequence(LdapTag.Context(3, constructed: true));
        return new LdapFilter(writer);
    }

    /// <summary><c>(attribute:rule:=value)</c>, an extensible match, such as Active Directory's "in chain" (1.2.840.113556.1.4.1941).</summary>
    /// <exception cref="ArgumentException">Attribute or rule is not a name, or the value holds half a surrogate pair.</exception>
    public static LdapFilter Matches(string attribute, string rule, string value)
    {
        var (ruleName, name, bytes) = (Name(rule), Name(attribute), LdapText.Encode(value));
        var tag = LdapTag.Context(9, constructed: true);
        var writer = new AsnWriter(AsnEncodingRules.BER);
        writer.PushSequence(tag);
        writer.WriteOctetString(ruleName, LdapTag.Context(1));
        writer.WriteOctetString(name, LdapTag.Context(2));
        writer.WriteOctetString(bytes, LdapTag.Context(3));
        writer.PopSequence(tag);
        return new LdapFilter(writer);
    }

    /// <summary><c>(attribute=*)</c>.</summary>
    /// <exception cref="ArgumentException">The attribute is not a name.</exception>
    public static LdapFilter Present(string attribute)
    {
        var writer = new AsnWriter(AsnEncodingRules.BER);
        writer.WriteOctetString(Name(attribute), LdapTag.Context(7));
        return new LdapFilter(writer);
    }

    /// <summary>All must match; without parts it is always true (RFC 4526).</summary>
    public static LdapFilter And(params ReadOnlySpan<LdapFilter> parts) => Set(0, parts);

    /// <summary>One must match; without parts it is always false (RFC 4526).</summary>
    public static LdapFilter Or(params ReadOnlySpan<LdapFilter> parts) => Set(1, parts);

    private static LdapFilter Set(int kind, ReadOnlySpan<LdapFilter> parts)
    {
        var tag = LdapTag.Context(kind, constructed: true);
        var writer = new AsnWriter(AsnEncodingRules.BER);
        writer.PushSetOf(tag);
        foreach (var part in parts)
        {
            writer.WriteEncodedValue(part._encoded);
        }

        writer.PopSetOf(tag);
        return new LdapFilter(writer);
    }

    private static byte[] Name(string attribute) => LdapText.IsAttributeDescription(attribute)
        ? Encoding.ASCII.GetBytes(attribute)
        : throw new ArgumentException($"'{attribute}' is not an attribute name", nameof(attribute));
}
