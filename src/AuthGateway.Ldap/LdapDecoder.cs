using System.Text;

namespace AuthGateway.Ldap;

/// <summary>Turns the parts of an answer into objects. Throws <see cref="BerException"/> or <see cref="DecoderFallbackException"/> for nonsense.</summary>
internal static class LdapDecoder
{
    /// <summary>The parts of LDAPResult (RFC 4511, 4.1.9); what follows them (referral, credentials, response name) stays in the reader.</summary>
    public static LdapResult ReadResult(ref BerReader body, IReadOnlyList<LdapControl> controls)
    {
        var code = body.ReadInt32(LdapTag.Enumerated);
        var matchedDn = LdapText.Utf8.GetString(body.ReadOctetString());

        // Windows ends the text with NUL. It is for people, so bad bytes are replaced, not refused.
        var diagnostic = Encoding.UTF8.GetString(body.ReadOctetString()).TrimEnd('\0');
        return new LdapResult((LdapResultCode)code, matchedDn, diagnostic) { Controls = controls };
    }

    public static LdapEntry ReadEntry(BerReader body)
    {
        // Lossy decoding could make two names one: a DN that is not UTF-8 is refused.
        var dn = LdapText.Utf8.GetString(body.ReadOctetString());
        var attributes = new Dictionary<string, List<byte[]>>(StringComparer.OrdinalIgnoreCase);
        var list = body.Read(LdapTag.Sequence);
        while (list.HasData)
        {
            var attribute = list.Read(LdapTag.Sequence);
            var name = LdapText.Utf8.GetString(attribute.ReadOctetString());
            var set = attribute.Read(LdapTag.Set);
            var values = new List<byte[]>(1);
            while (set.HasData)
            {
                values.Add(set.ReadOctetString().ToArray());
            }

            if (!attributes.TryAdd(name, values))
            {
                throw new BerException($"attribute {name} twice in one entry");
            }
        }

        return new LdapEntry(dn, attributes);
    }

    public static IReadOnlyList<LdapControl> ReadControls(ref BerReader message)
    {
        if (message.PeekTag() != LdapTag.Controls)
        {
            return [];
        }

        var controls = new List<LdapControl>(1);
        var list = message.Read(LdapTag.Controls);
        while (list.HasData)
        {
            var control = list.Read(LdapTag.Sequence);
            var oid = LdapText.Utf8.GetString(control.ReadOctetString());
            var isCritical = control.PeekTag() == LdapTag.Boolean && control.ReadBoolean();
            controls.Add(new LdapControl(oid, isCritical, control.HasData ? control.ReadOctetString().ToArray() : null));
        }

        return controls;
    }
}
