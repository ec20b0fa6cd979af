using System.Formats.Asn1;

namespace AuthGateway.Core.Login.Tickets;

/// <summary>What a client sent behind <c>Negotiate</c>.</summary>
internal enum NegotiateTokenKind
{
    /// <summary>Nothing that begins a negotiation.</summary>
    Malformed = 0,

    /// <summary>A Kerberos ticket, alone or as the first choice of a negotiation.</summary>
    Kerberos = 1,

    /// <summary>NTLM, which proves a password to whoever relays it: never taken.</summary>
    Ntlm = 2,

    /// <summary>Another mechanism.</summary>
    Other = 3,
}

/// <summary>
/// Looks at a token (RFC 2743, 3.1 and RFC 4178) before any library does: what is not a ticket never reaches it, whatever mechanisms are installed
/// on the machine.
/// </summary>
internal static class NegotiateToken
{
    private const string Spnego = "1.3.6.1.5.5.2";
    private const string Kerberos = "1.2.840.113554.1.2.2";
    private const string KerberosOfWindows = "1.2.840.48018.1.2.2";
    private const string NtlmSsp = "1.3.6.1.4.1.311.2.2.10";

    private static readonly Asn1Tag Framing = new(TagClass.Application, 0, isConstructed: true);

    private static ReadOnlySpan<byte> NtlmMark => "NTLMSSP\0"u8;

    public static NegotiateTokenKind Classify(ReadOnlyMemory<byte> token)
    {
        if (token.Span.StartsWith(NtlmMark))
        {
            return NegotiateTokenKind.Ntlm;
        }

        try
        {
            var outer = new AsnReader(token, AsnEncodingRules.BER);
            var content = outer.ReadSequence(Framing);
            outer.ThrowIfNotEmpty();
            return content.ReadObjectIdentifier() switch
            {
                Kerberos or KerberosOfWindows => NegotiateTokenKind.Kerberos,
                NtlmSsp => NegotiateTokenKind.Ntlm,
                Spnego => ClassifyOffer(content),
                _ => NegotiateTokenKind.Other,
            };
        }
        catch (AsnContentException)
        {
            return IsBareTicket(token.Span) ? NegotiateTokenKind.Kerberos : NegotiateTokenKind.Malformed;
        }
    }

    /// <summary>The token inside belongs to the first mechanism of the list (RFC 4178, 4.2.1); the others are what the client would also speak.</summary>
    private static NegotiateTokenKind ClassifyOffer(AsnReader content)
    {
        var offer = content.ReadSequence(Context(0)).ReadSequence();
        var mechanisms = offer.ReadSequence(Context(0)).ReadSequence();
        var first = mechanisms.ReadObjectIdentifier();
        if (offer.HasData && offer.PeekTag().HasSameClassAndValue(Context(1)))
        {
            offer.ReadEncodedValue();
        }

        if (first == NtlmSsp)
        {
            return NegotiateTokenKind.Ntlm;
        }

        if (first is not (Kerberos or KerberosOfWindows))
        {
            return NegotiateTokenKind.Other;
        }

        if (!offer.HasData || !offer.PeekTag().HasSameClassAndValue(Context(2)))
        {
            return NegotiateTokenKind.Malformed; // a list without a ticket would need a second round, and there is none
        }

        var inner = offer.ReadSequence(Context(2)).ReadOctetString();
        return inner.AsSpan().StartsWith(NtlmMark) ? NegotiateTokenKind.Ntlm
            : IsBareTicket(inner) ? NegotiateTokenKind.Kerberos
            : NegotiateTokenKind.Malformed;
    }

    /// <summary>
    /// [APPLICATION 0], the mechanism, and the two bytes that say AP-REQ (RFC 4121, 4.1). What follows the mechanism is not ASN.1, so it is looked for by hand.
    /// </summary>
    private static bool IsBareTicket(ReadOnlySpan<byte> token)
    {
        ReadOnlySpan<byte> mechanism = [0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 0x01, 0x02, 0x02];
        ReadOnlySpan<byte> request = [0x01, 0x00];
        if (token.Length < 2 || token[0] != 0x60)
        {
            return false;
        }

        var lengthBytes = token[1] < 0x80 ? 0 : token[1] & 0x7f;
        var rest = lengthBytes <= 4 && token.Length > 2 + lengthBytes ? token[(2 + lengthBytes)..] : default;
        return rest.StartsWith(mechanism) && rest[mechanism.Length..].StartsWith(request);
    }

    private static Asn1Tag Context(int number) => new(TagClass.ContextSpecific, number, isConstructed: true);
}
