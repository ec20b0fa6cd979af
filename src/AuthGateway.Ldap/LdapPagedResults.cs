using System.Formats.Asn1;

namespace AuthGateway.Ldap;

/// <summary>The control of paged results (RFC 2696).</summary>
internal static class LdapPagedResults
{
    public const string Oid = "1.2.840.113556.1.4.319";

    /// <summary>Asks for the next page. Not critical: a server without it sends everything at once.</summary>
    public static LdapControl Request(int size, ReadOnlySpan<byte> cookie)
    {
        var writer = new AsnWriter(AsnEncodingRules.BER);
        writer.PushSequence();
        writer.WriteInteger(size);
        writer.WriteOctetString(cookie);
        writer.PopSequence();
        return new LdapControl(Oid, IsCritical: false, writer.Encode());
    }

    /// <summary>Where the next page begins; empty when there is none.</summary>
    /// <exception cref="BerException">The control cannot be read.</exception>
    public static byte[] ReadCookie(LdapResult result)
    {
        foreach (var control in result.Controls)
        {
            if (control.Oid == Oid)
            {
                var body = new BerReader(control.Value).Read(LdapTag.Sequence);
                body.ReadInt32(LdapTag.Integer); // an estimate, often zero
                return body.ReadOctetString().ToArray();
            }
        }

        return [];
    }
}
