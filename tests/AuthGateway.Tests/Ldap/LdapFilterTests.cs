using System.Text;
using AuthGateway.Ldap;

namespace AuthGateway.Tests.Ldap;

/// <summary>Expected bytes are written out by hand from RFC 4511, 4.5.1.7.</summary>
public sealed class LdapFilterTests
{
    // The first ones are the examples of RFC 4515, section 4.
    [Theory]
    [InlineData("(cn=Babs Jensen)", "A3 'cn' 'Babs Jensen'")]
    [InlineData("(!(cn=Tim Howes))", "A2 { A3 'cn' 'Tim Howes' }")]
    [InlineData("(&(objectClass=Person)(|(sn=Jensen)(cn=Babs J*)))",
        "A0 { A3 'objectClass' 'Person' A1 { A3 'sn' 'Jensen' A4 { 04'cn' 30 { 80'Babs J' } } } }")]
    [InlineData("(o=univ*of*mich*)", "A4 { 04'o' 30 { 80'univ' 81'of' 81'mich' } }")]
    [InlineData("(seeAlso=)", "A3 'seeAlso' ''")]
    [InlineData("(cn:caseExactMatch:=Fred Flintstone)", "A9 { 81'caseExactMatch' 82'cn' 83'Fred Flintstone' }")]
    [InlineData("(cn:=Betty Rubble)", "A9 { 82'cn' 83'Betty Rubble' }")]
    [InlineData("(sn:dn:2.4.6.8.10:=Barney Rubble)", "A9 { 81'2.4.6.8.10' 82'sn' 83'Barney Rubble' 84#FF }")]
    [InlineData("(o:dn:=Ace Industry)", "A9 { 82'o' 83'Ace Industry' 84#FF }")]
    [InlineData("(:1.2.3:=Wilma Flintstone)", "A9 { 81'1.2.3' 83'Wilma Flintstone' }")]
    [InlineData("(:DN:2.4.6.8.10:=Dino)", "A9 { 81'2.4.6.8.10' 83'Dino' 84#FF }")]
    [InlineData("(o=Parens R Us \\28for all your parenthetical needs\\29)", "A3 'o' 'Parens R Us (for all your parenthetical needs)'")]
    [InlineData("(cn=*\\2A*)", "A4 { 04'cn' 30 { 81'*' } }")]
    [InlineData("(filename=C:\\5cMyFile)", "A3 'filename' 'C:\\MyFile'")]
    [InlineData("(bin=\\00\\00\\00\\04)", "A3 'bin' #00000004")]
    [InlineData("(sn=Lu\\c4\\8di\\c4\\87)", "A3 'sn' 'Lučić'")]
    [InlineData("(1.3.6.1.4.1.1466.0=\\04\\02\\48\\69)", "A3 '1.3.6.1.4.1.1466.0' #04024869")]
    [InlineData("(sn=Lučić 😀)", "A3 'sn' 'Lučić 😀'")]
    [InlineData("(uid=*)", "87'uid'")]
    [InlineData("(uid=**)", null)]
    [InlineData("(uid=a**b)", null)]
    [InlineData("(age>=18)", "A5 'age' '18'")]
    [InlineData("(age<=18)", "A6 'age' '18'")]
    [InlineData("(cn~=Jon)", "A8 'cn' 'Jon'")]
    [InlineData("(&)", "A0 { }")]
    [InlineData("(|)", "A1 { }")]
    [InlineData("(& (a=b)\n  (c=d) )", "A0 { A3 'a' 'b' A3 'c' 'd' }")]
    [InlineData("(userCertificate;binary=*)", "87'userCertificate;binary'")]
    [InlineData("(memberOf:1.2.840.113556.1.4.1941:=CN=Outer,DC=x)", "A9 { 81'1.2.840.113556.1.4.1941' 82'memberOf' 83'CN=Outer,DC=x' }")]
    [InlineData("", null)]
    [InlineData("cn=a", null)]
    [InlineData("(cn=a", null)]
    [InlineData("(cn=a))", null)]
    [InlineData("(cn=a)(cn=b)", null)]
    [InlineData("(cn=a(b)", null)]
    [InlineData("(cn=a\\2)", null)]
    [InlineData("(cn=a\\zz)", null)]
    [InlineData("(cn=\0)", null)]
    [InlineData("(=a)", null)]
    [InlineData("(c n=a)", null)]
    [InlineData("(cn>a)", null)]
    [InlineData("(cn)", null)]
    [InlineData("()", null)]
    [InlineData("(!)", null)]
    [InlineData("(!(a=b)(c=d))", null)]
    [InlineData("(:=a)", null)]
    [InlineData("(:dn:=a)", null)]
    [InlineData("(cn:=a*)", null)]
    [InlineData("(cn:x:y:=a)", null)]
    [InlineData("(cn:dn=a)", null)]
    public void TryParse_Vector_YieldsItsEncoding(string text, string? expected)
    {
        var parsed = LdapFilter.TryParse(text, out var filter, out var fault);
        if (expected is null)
        {
            parsed.ShouldBeFalse();
            fault.ShouldContain("position");
            return;
        }

        parsed.ShouldBeTrue(fault);
        Convert.ToHexString(filter!.Encoded).ShouldBe(Convert.ToHexString(Bytes(expected)));
    }

    [Fact]
    public void TryParse_NestingBeyondTheLimit_IsAFaultNotAnOverflow()
    {
        Nested(LdapFilter.MaxDepth - 1).ShouldBeTrue();
        Nested(LdapFilter.MaxDepth).ShouldBeFalse();
        Nested(20_000).ShouldBeFalse();

        static bool Nested(int depth) =>
            LdapFilter.TryParse(string.Concat(Enumerable.Repeat("(!", depth)) + "(a=b)" + new string(')', depth), out _, out _);
    }

    [Fact]
    public void TryParse_HalfASurrogatePair_IsAFault() => LdapFilter.TryParse("(cn=\ud800)", out _, out _).ShouldBeFalse();

    [Fact]
    public void TryParse_TooLong_IsAFault() =>
        LdapFilter.TryParse($"(a={new string('b', LdapFilter.MaxLength)})", out _, out _).ShouldBeFalse();

    [Theory]
    [InlineData("anna", "anna")]
    [InlineData("*)(uid=*", "\\2a\\29\\28uid=\\2a")]
    [InlineData("a\\b\0", "a\\5cb\\00")]
    [InlineData("Lučić", "Lu\\c4\\8di\\c4\\87")]
    [InlineData("", "")]
    public void Escape_SpecialAndForeignCharacters_BecomeHex(string value, string expected) => LdapFilter.Escape(value).ShouldBe(expected);

    [Theory]
    [InlineData("*")]
    [InlineData("a)(|(x=*")]
    [InlineData("back\\slash \0 Žofie 😀")]
    public void Equal_AnyValue_IsWhatTheEscapedTextSays(string value)
    {
        LdapFilter.TryParse($"(&(objectClass=person)(uid={LdapFilter.Escape(value)}))", out var parsed, out var fault).ShouldBeTrue(fault);
        var built = LdapFilter.And(LdapFilter.Equal("objectClass", "person"), LdapFilter.Equal("uid", value));
        built.Encoded.SequenceEqual(parsed!.Encoded).ShouldBeTrue();
    }

    [Fact]
    public void Or_WithPresent_IsWhatTheTextSays()
    {
        LdapFilter.TryParse("(|(mail=*)(uid=a))", out var parsed, out _).ShouldBeTrue();
        LdapFilter.Or(LdapFilter.Present("mail"), LdapFilter.Equal("uid", "a")).Encoded.SequenceEqual(parsed!.Encoded).ShouldBeTrue();
    }

    [Theory]
    [InlineData("")]
    [InlineData("uid)(x")]
    [InlineData("uid=")]
    [InlineData("1..2")]
    [InlineData("a;")]
    public void Equal_NotAName_Throws(string attribute) => Should.Throw<ArgumentException>(() => LdapFilter.Equal(attribute, "x"));

    // A3 'a' 'b' is short for A3 { 04'a' 04'b' }; #.. is hex, braces compute the length.
    private static byte[] Bytes(string notation)
    {
        var at = 0;
        return Values();

        byte[] Values()
        {
            var all = new List<byte>();
            while (Skip() && notation[at] != '}')
            {
                all.AddRange(Value());
            }

            at++;
            return [.. all];
        }

        byte[] Value()
        {
            var tag = Convert.FromHexString(notation.AsSpan(at, 2))[0];
            at += 2;
            if (notation[at] != ' ')
            {
                return Tlv(tag, Content());
            }

            Skip();
            if (notation[at] == '{')
            {
                at++;
                return Tlv(tag, Values());
            }

            var first = Tlv(4, Content());
            Skip();
            return Tlv(tag, [.. first, .. Tlv(4, Content())]);
        }

        byte[] Content()
        {
            if (notation[at] == '#')
            {
                var start = ++at;
                while (at < notation.Length && notation[at] != ' ')
                {
                    at++;
                }

                return Convert.FromHexString(notation.AsSpan(start, at - start));
            }

            var end = notation.IndexOf('\'', at + 1);
            var text = Encoding.UTF8.GetBytes(notation[(at + 1)..end]);
            at = end + 1;
            return text;
        }

        bool Skip()
        {
            while (at < notation.Length && notation[at] == ' ')
            {
                at++;
            }

            return at < notation.Length;
        }

        static byte[] Tlv(byte tag, byte[] content) => [tag, (byte)content.Length, .. content];
    }
}
