using System.Formats.Asn1;
using System.Text;

namespace AuthGateway.TestKit.Directory;

/// <summary>Writes the answers of a directory.</summary>
internal static class FakeMessage
{
    public const int BindResponse = 1;
    public const int SearchDone = 5;
    public const int ModifyResponse = 7;
    public const int ExtendedResponse = 24;

    public static byte[] Result(int messageId, int response, int code, string diagnostic = "", string? referral = null, (string Oid, byte[] Value)? control = null) =>
        Message(
            messageId,
            response,
            writer =>
            {
                writer.WriteEncodedValue([0x0a, 1, (byte)code]);
                writer.WriteOctetString([]);
                writer.WriteOctetString(Encoding.UTF8.GetBytes(diagnostic));
                if (referral is not null)
                {
                    using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 3, isConstructed: true)))
                    {
                        writer.WriteOctetString(Encoding.UTF8.GetBytes(referral));
                    }
                }

                if (messageId == 0)
                {
                    writer.WriteOctetString("1.3.6.1.4.1.1466.20036"u8, new Asn1Tag(TagClass.ContextSpecific, 10));
                }
            },
            control);

    public static byte[] Entry(int messageId, string dn, IEnumerable<KeyValuePair<string, List<byte[]>>> attributes) =>
        Message(
            messageId,
            4,
            writer =>
            {
                writer.WriteOctetString(Encoding.UTF8.GetBytes(dn));
                using (writer.PushSequence())
                {
                    foreach (var (name, values) in attributes)
                    {
                        using (writer.PushSequence())
                        {
                            writer.WriteOctetString(Encoding.UTF8.GetBytes(name));
                            using (writer.PushSetOf())
                            {
                                values.ForEach(value => writer.WriteOctetString(value));
                            }
                        }
                    }
                }
            });

    public static byte[] Reference(int messageId, string uri) => Message(messageId, 19, writer => writer.WriteOctetString(Encoding.UTF8.GetBytes(uri)));

    /// <summary>The same value with every constructed length in five bytes (0x84 and four), as Active Directory writes them.</summary>
    public static byte[] WithLongLengths(ReadOnlyMemory<byte> encoded)
    {
        var reader = new AsnReader(encoded, AsnEncodingRules.BER);
        var result = new List<byte>();
        while (reader.HasData)
        {
            var tag = reader.PeekTag();
            var first = reader.PeekEncodedValue().Span[0];
            var whole = reader.PeekEncodedValue();
            byte[] content = tag.IsConstructed ? WithLongLengths(reader.PeekContentBytes()) : reader.PeekContentBytes().ToArray();
            reader.ReadEncodedValue();
            if (!tag.IsConstructed)
            {
                result.AddRange(whole.Span);
                continue;
            }

            result.AddRange([first, 0x84, (byte)(content.Length >> 24), (byte)(content.Length >> 16), (byte)(content.Length >> 8), (byte)content.Length]);
            result.AddRange(content);
        }

        return [.. result];
    }

    private static byte[] Message(int messageId, int response, Action<AsnWriter> write, (string Oid, byte[] Value)? control = null)
    {
        var writer = new AsnWriter(AsnEncodingRules.BER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(messageId);
            using (writer.PushSequence(new Asn1Tag(TagClass.Application, response, isConstructed: true)))
            {
                write(writer);
            }

            if (control is { } c)
            {
                using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 0, isConstructed: true)))
                using (writer.PushSequence())
                {
                    writer.WriteOctetString(Encoding.ASCII.GetBytes(c.Oid));
                    writer.WriteOctetString(c.Value);
                }
            }
        }

        return writer.Encode();
    }
}
