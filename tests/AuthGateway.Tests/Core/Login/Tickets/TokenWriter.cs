using System.Formats.Asn1;

namespace AuthGateway.Tests.Core.Login.Tickets;

/// <summary>Writes negotiation tokens, sound and not.</summary>
internal static class TokenWriter
{
    public const string Kerberos = "1.2.840.113554.1.2.2";
    public const string KerberosOfWindows = "1.2.840.48018.1.2.2";
    public const string Ntlm = "1.3.6.1.4.1.311.2.2.10";

    private static readonly Asn1Tag Framing = new(TagClass.Application, 0, isConstructed: true);

    /// <summary>An AP-REQ as far as anybody looks before the library does.</summary>
    public static byte[] Request(byte serial = 1, byte kind = 1)
    {
        byte[] content = [0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 0x01, 0x02, 0x02, kind, 0x00, serial];
        return [0x60, (byte)content.Length, .. content];
    }

    /// <summary>NegTokenInit (RFC 4178, 4.2.1).</summary>
    public static byte[] Offer(string[] mechanisms, byte[]? token)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence(Framing))
        {
            writer.WriteObjectIdentifier("1.3.6.1.5.5.2");
            using (writer.PushSequence(Context(0)))
            using (writer.PushSequence())
            {
                using (writer.PushSequence(Context(0)))
                using (writer.PushSequence())
                {
                    foreach (var mechanism in mechanisms)
                    {
                        writer.WriteObjectIdentifier(mechanism);
                    }
                }

                if (token is not null)
                {
                    using (writer.PushSequence(Context(2)))
                    {
                        writer.WriteOctetString(token);
                    }
                }
            }
        }

        return writer.Encode();
    }

    private static Asn1Tag Context(int number) => new(TagClass.ContextSpecific, number, isConstructed: true);
}
