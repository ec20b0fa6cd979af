using AuthGateway.Core.Backends;
using AuthGateway.Core.Backends.Ldap;
using AuthGateway.Ldap;

namespace AuthGateway.Tests.Core.Backends.Ldap;

public sealed class LdapLogonRestrictionTests
{
    [Theory]
    [InlineData("2026-11-22T00:00:00Z", 0, 0)] // a Sunday
    [InlineData("2026-11-22T07:59:59Z", 0, 7)]
    [InlineData("2026-11-22T08:00:00Z", 1, 0)]
    [InlineData("2026-11-23T00:30:00+01:00", 2, 7)] // still Sunday in UTC
    [InlineData("2026-11-28T23:59:59Z", 20, 7)]
    public void Of_OneHourOfTheWeek_IsItsBit(string time, int at, int bit)
    {
        var now = DateTimeOffset.Parse(time, System.Globalization.CultureInfo.InvariantCulture);
        var (only, but) = (new byte[21], new byte[21]);
        Array.Fill(but, (byte)0xff);
        only[at] = (byte)(1 << bit);
        but[at] ^= (byte)(1 << bit);

        LdapLogonRestriction.Of(Entry("logonHours", only), now).ShouldBeNull();
        LdapLogonRestriction.Of(Entry("logonHours", but), now).ShouldBe(AccountStates.LogonHours);
        LdapLogonRestriction.Of(Entry("other", but), now).ShouldBeNull();
    }

    private static LdapEntry Entry(string attribute, byte[] value) => new("cn=anna", new Dictionary<string, List<byte[]>>(StringComparer.OrdinalIgnoreCase) { [attribute] = [value] });
}
