using System.Formats.Asn1;
using System.Text;

namespace AuthGateway.TestKit.Directory;

/// <summary>Applies a BER filter to an entry, text without case. Written apart from the client's encoder, so that one proves the other.</summary>
internal static class FakeFilter
{
    public static bool Matches(ReadOnlyMemory<byte> filter, FakeEntry entry)
    {
        var reader = new AsnReader(filter, AsnEncodingRules.BER);
        return Matches(reader, entry);
    }

    private static bool Matches(AsnReader reader, FakeEntry entry)
    {
        var tag = reader.PeekTag();
        switch (tag.TagValue)
        {
            case 0 or 1:
                return Set(reader.ReadSetOf(skipSortOrderValidation: true, tag), entry, all: tag.TagValue == 0);
            case 2:
                return !Matches(reader.ReadSequence(tag), entry);
            case 4:
                return Substrings(reader.ReadSequence(tag), entry);
            case 7:
                return Values(entry, Text(reader.ReadOctetString(tag))).Count > 0;
            case 9:
                return Extensible(reader.ReadSequence(tag), entry);
            default:
                var pair = reader.ReadSequence(tag);
                var values = Values(entry, Text(pair.ReadOctetString()));
                var wanted = Text(pair.ReadOctetString());
                return values.Any(value => Compare(Text(value), wanted, tag.TagValue));
        }
    }

    private static bool Compare(string value, string wanted, int kind)
    {
        var order = string.Compare(value, wanted, StringComparison.OrdinalIgnoreCase);
        return kind switch { 5 => order >= 0, 6 => order <= 0, _ => order == 0 };
    }

    private static bool Set(AsnReader parts, FakeEntry entry, bool all)
    {
        while (parts.HasData)
        {
            var part = parts.ReadEncodedValue();
            if (Matches(part, entry) != all)
            {
                return !all;
            }
        }

        return all;
    }

    private static bool Substrings(AsnReader pair, FakeEntry entry)
    {
        var values = Values(entry, Text(pair.ReadOctetString()));
        var parts = new List<(int Kind, string Text)>();
        var sequence = pair.ReadSequence();
        while (sequence.HasData)
        {
            var tag = sequence.PeekTag();
            parts.Add((tag.TagValue, Text(sequence.ReadOctetString(tag))));
        }

        return values.Any(value => Substrings(Text(value), parts));
    }

    private static bool Substrings(string value, List<(int Kind, string Text)> parts)
    {
        var at = 0;
        foreach (var (kind, text) in parts)
        {
            var found = kind == 2 ? Math.Max(at, value.Length - text.Length) : at;
            found = found > value.Length ? -1 : value.IndexOf(text, found, StringComparison.OrdinalIgnoreCase);
            if (found < 0 || (kind == 0 && found != 0))
            {
                return false;
            }

            at = found + text.Length;
        }

        return true;
    }

    // Any matching rule counts as equality: enough for memberOf:1.2.840.113556.1.4.1941:= over a flat tree.
    private static bool Extensible(AsnReader parts, FakeEntry entry)
    {
        var (attribute, wanted) = ("", "");
        while (parts.HasData)
        {
            var tag = parts.PeekTag();
            if (tag.TagValue == 4)
            {
                parts.ReadBoolean(tag);
                continue;
            }

            var text = Text(parts.ReadOctetString(tag));
            (attribute, wanted) = tag.TagValue switch { 2 => (text, wanted), 3 => (attribute, text), _ => (attribute, wanted) };
        }

        return Values(entry, attribute).Any(value => Compare(Text(value), wanted, 3));
    }

    private static List<byte[]> Values(FakeEntry entry, string attribute) => entry.Attributes.TryGetValue(attribute, out var values) ? values : [];

    private static string Text(byte[] bytes) => Encoding.UTF8.GetString(bytes);
}
