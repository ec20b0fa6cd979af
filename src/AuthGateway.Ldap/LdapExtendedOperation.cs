using System.Formats.Asn1;
using System.Text;

namespace AuthGateway.Ldap;

/// <summary>An operation known by its number (RFC 4511, 4.12). What the answer carries beside its result is not read.</summary>
internal sealed class LdapExtendedOperation(string oid, ReadOnlyMemory<byte> value, IReadOnlyList<LdapControl> controls) : LdapOperation<LdapResult>
{
    public override IReadOnlyList<LdapControl> Controls => controls;

    public override void WriteRequest(AsnWriter writer)
    {
        writer.PushSequence(LdapTag.Application(23));
        writer.WriteOctetString(Encoding.ASCII.GetBytes(oid), LdapTag.Context(0));
        writer.WriteOctetString(value.Span, LdapTag.Context(1));
        writer.PopSequence(LdapTag.Application(23));
    }

    public override bool Receive(byte tag, BerReader body, IReadOnlyList<LdapControl> controls, int messageBytes)
    {
        if (tag != LdapTag.ExtendedResponse)
        {
            throw new BerException($"answer 0x{tag:x2} to an extended operation");
        }

        Complete(LdapDecoder.ReadResult(ref body, controls));
        return true;
    }
}
