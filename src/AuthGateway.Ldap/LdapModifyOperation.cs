using System.Formats.Asn1;

namespace AuthGateway.Ldap;

/// <summary>Changes of one entry, all or none (RFC 4511, 4.6).</summary>
internal sealed class LdapModifyOperation(string dn, IReadOnlyList<LdapChange> changes, IReadOnlyList<LdapControl> controls) : LdapOperation<LdapResult>
{
    public override IReadOnlyList<LdapControl> Controls => controls;

    public override void WriteRequest(AsnWriter writer)
    {
        writer.PushSequence(LdapTag.Application(6));
        writer.WriteOctetString(LdapText.Encode(dn));
        writer.PushSequence();
        for (var i = 0; i < changes.Count; i++)
        {
            writer.PushSequence();
            writer.WriteEncodedValue([LdapTag.Enumerated, 1, (byte)changes[i].Kind]);
            writer.PushSequence();
            writer.WriteOctetString(LdapText.Encode(changes[i].Attribute));
            writer.PushSetOf();
            for (var j = 0; j < changes[i].Values.Count; j++)
            {
                writer.WriteOctetString(changes[i].Values[j].Span);
            }

            writer.PopSetOf();
            writer.PopSequence();
            writer.PopSequence();
        }

        writer.PopSequence();
        writer.PopSequence(LdapTag.Application(6));
    }

    public override bool Receive(byte tag, BerReader body, IReadOnlyList<LdapControl> controls, int messageBytes)
    {
        if (tag != LdapTag.ModifyResponse)
        {
            throw new BerException($"answer 0x{tag:x2} to a modification");
        }

        Complete(LdapDecoder.ReadResult(ref body, controls));
        return true;
    }
}
