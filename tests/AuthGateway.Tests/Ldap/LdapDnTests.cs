using AuthGateway.Ldap;

namespace AuthGateway.Tests.Ldap;

public sealed class LdapDnTests
{
    [Theory]
    [InlineData("Sales", "Sales")]
    [InlineData("James \"Jim\" Smith, III", "James \\\"Jim\\\" Smith\\, III")]
    [InlineData("#1", "\\#1")]
    [InlineData("a#1", "a#1")]
    [InlineData(" a ", "\\ a\\ ")]
    [InlineData("  a  ", "\\  a \\ ")]
    [InlineData(" ", "\\ ")]
    [InlineData("a+b;c<d>e\\", "a\\+b\\;c\\<d\\>e\\\\")]
    [InlineData("a\0b", "a\\00b")]
    [InlineData("Lučić=x", "Lučić=x")]
    [InlineData("", "")]
    public void EscapeValue_Special_IsEscaped(string value, string expected) => LdapDn.EscapeValue(value).ShouldBe(expected);

    [Theory]
    [InlineData("UID=jsmith,DC=example,DC=net", "uid=JSMITH, dc=Example , dc = net")]
    [InlineData("OU=Sales+CN=J.  Smith,DC=x", "cn=j.  smith + ou=sales,dc=x")]
    [InlineData("CN=James \\\"Jim\\\" Smith\\, III,DC=x", "cn=James \\22Jim\\22 Smith\\2C III,dc=x")]
    [InlineData("CN=Lu\\C4\\8Di\\C4\\87", "cn=LUČIĆ")]
    [InlineData("CN=Before\\0dAfter,DC=x", "cn=before\\0Dafter,dc=x")]
    [InlineData("1.3.6.1.4.1.1466.0=#04024869", "1.3.6.1.4.1.1466.0=#04024869 ")]
    [InlineData("cn=\\ a", "cn=\\20a")]
    [InlineData("cn=a;dc=x", "cn=a,dc=x")]
    [InlineData("", " ")]
    public void AreEqual_OtherSpelling_IsTrue(string left, string right) => LdapDn.AreEqual(left, right).ShouldBeTrue();

    [Theory]
    [InlineData("cn=a,dc=x", "cn=a,dc=y")]
    [InlineData("cn=a,dc=x", "cn=a")]
    [InlineData("cn=a\\,dc=x", "cn=a,dc=x")]
    [InlineData("cn=a\\+ou=b", "cn=a+ou=b")]
    [InlineData("cn=\\#41", "cn=#41")]
    [InlineData("cn=a\\ ", "cn=a")]
    [InlineData("cn=a b", "cn=ab")]
    [InlineData("cn=a", "sn=a")]
    [InlineData("cn=a,dc=x", "dc=x,cn=a")]
    public void AreEqual_OtherName_IsFalse(string left, string right) => LdapDn.AreEqual(left, right).ShouldBeFalse();

    [Theory]
    [InlineData("anna")]
    [InlineData("cn=a,")]
    [InlineData("cn=a,,dc=x")]
    [InlineData("=a")]
    [InlineData("cn=a\\")]
    [InlineData("cn=a\\zz")]
    [InlineData("cn=\\ff")]
    [InlineData("cn=a\"b")]
    [InlineData("cn=#4")]
    [InlineData("cn=#41z")]
    public void AreEqual_Malformed_EqualsNothingNotEvenItself(string dn) => LdapDn.AreEqual(dn, dn).ShouldBeFalse();

    [Theory]
    [InlineData("a,b")]
    [InlineData(" x+y=z# ")]
    [InlineData("#hash")]
    [InlineData("nul\0\"quoted\" \\ end ")]
    public void EscapeValue_InsideAName_StaysOneValue(string value)
    {
        LdapDn.TryNormalize($"cn={LdapDn.EscapeValue(value)},dc=x", out var normalized).ShouldBeTrue();
        normalized.ShouldBe($"cn={LdapDn.EscapeValue(value.ToLowerInvariant())},dc=x");
    }
}
