using System.Formats.Asn1;

namespace AuthGateway.Ldap;

/// <summary>The tags of RFC 4511, as written (<see cref="Asn1Tag"/>) and as read (one byte; LDAP has no tag above 30).</summary>
internal static class LdapTag
{
    public const byte Integer = 0x02;
    public const byte Boolean = 0x01;
    public const byte OctetString = 0x04;
    public const byte Enumerated = 0x0a;
    public const byte Sequence = 0x30;
    public const byte Set = 0x31;

    public const byte BindResponse = 0x61;
    public const byte ModifyResponse = 0x67;
    public const byte SearchEntry = 0x64;
    public const byte SearchDone = 0x65;
    public const byte SearchReference = 0x73;
    public const byte ExtendedResponse = 0x78;
    public const byte Controls = 0xa0;

    public static Asn1Tag Application(int number, bool constructed = true) => new(TagClass.Application, number, constructed);

    public static Asn1Tag Context(int number, bool constructed = false) => new(TagClass.ContextSpecific, number, constructed);
}
