using System.Formats.Asn1;

namespace AuthGateway.Ldap;

/// <summary>A simple bind (RFC 4511, 4.2).</summary>
internal sealed class LdapBindOperation(string dn, ReadOnlyMemory<byte> password, IReadOnlyList<LdapControl> controls) : LdapOperation<LdapResult>
{
    private const int Version = 3;

    public override IReadOnlyList<LdapControl> Controls => controls;

    public override void WriteRequest(AsnWriter writer)
    {
        writer.PushSequence(LdapTag.Application(0));
        writer.WriteInteger(Version);
        writer.WriteOctetString(LdapText.Encode(dn));
        writer.WriteOctetString(password.Span, LdapTag.Context(0));
        writer.PopSequence(LdapTag.Application(0));
    }

    public override bool Receive(byte tag, BerReader body, IReadOnlyList<LdapControl> controls, int messageBytes)
    {
        if (tag != LdapTag.BindResponse)
        {
            throw new BerException($"answer 0x{tag:x2} to a bind");
        }

        Complete(LdapDecoder.ReadResult(ref body, controls));
        return true;
    }
}
