using System.Formats.Asn1;

namespace AuthGateway.Ldap;

/// <summary>A search and the entries it has brought so far (RFC 4511, 4.5).</summary>
internal sealed class LdapSearchOperation(LdapSearch search, LdapLimits limits) : LdapOperation<LdapSearchOutcome>
{
    private readonly List<LdapEntry> _entries = new(1);
    private long _bytes;
    private int _references;

    public override IReadOnlyList<LdapControl> Controls => search.Controls;

    protected override bool AnswerBegan => _entries.Count > 0;

    public override void WriteRequest(AsnWriter writer)
    {
        writer.PushSequence(LdapTag.Application(3));
        writer.WriteOctetString(LdapText.Encode(search.BaseDn));
        writer.WriteEncodedValue([LdapTag.Enumerated, 1, (byte)search.Scope]);
        writer.WriteEncodedValue([LdapTag.Enumerated, 1, 0]); // never dereference aliases
        writer.WriteInteger(search.SizeLimit);
        writer.WriteInteger((int)Math.Ceiling(search.TimeLimit.TotalSeconds));
        writer.WriteBoolean(false);
        writer.WriteEncodedValue(search.Filter.Encoded);
        writer.PushSequence();
        for (var i = 0; i < search.Attributes.Count; i++)
        {
            writer.WriteOctetString(LdapText.Encode(search.Attributes[i]));
        }

        writer.PopSequence();
        writer.PopSequence(LdapTag.Application(3));
    }

    public override bool Receive(byte tag, BerReader body, IReadOnlyList<LdapControl> controls, int messageBytes)
    {
        switch (tag)
        {
            case LdapTag.SearchEntry:
                return Overflows(messageBytes) || Add(body);
            case LdapTag.SearchReference:
                _references++;
                return false;
            case LdapTag.SearchDone:
                Complete(new LdapSearchOutcome(_entries, LdapDecoder.ReadResult(ref body, controls), _references));
                return true;
            default:
                throw new BerException($"answer 0x{tag:x2} to a search");
        }
    }

    private bool Add(BerReader body)
    {
        _entries.Add(LdapDecoder.ReadEntry(body));
        return false;
    }

    /// <summary>True when a bound of ours is broken: this search fails, the others on the connection go on.</summary>
    private bool Overflows(int messageBytes)
    {
        _bytes += messageBytes;
        var why = messageBytes > limits.MaxEntryBytes ? $"an entry of {messageBytes} bytes, more than {limits.MaxEntryBytes}"
            : _bytes > limits.MaxMessageBytes ? $"entries of more than {limits.MaxMessageBytes} bytes together"
            : _entries.Count >= search.SizeLimit ? $"more than the {search.SizeLimit} entries asked for"
            : null;
        if (why is null)
        {
            return false;
        }

        Fail(LdapFailure.ProtocolError, why, cause: null);
        return true;
    }
}
