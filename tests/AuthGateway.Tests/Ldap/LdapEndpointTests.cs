using AuthGateway.Ldap;

namespace AuthGateway.Tests.Ldap;

public sealed class LdapEndpointTests
{
    [Theory]
    [InlineData("ldap://dc1.example.org", "dc1.example.org", 389, false)]
    [InlineData("ldaps://dc1.example.org", "dc1.example.org", 636, true)]
    [InlineData("LDAPS://dc1.example.org:3269/", "dc1.example.org", 3269, true)]
    [InlineData("ldap://[::1]:1389", "::1", 1389, false)]
    public void TryParse_Address_YieldsHostPortAndScheme(string text, string host, int port, bool isLdaps)
    {
        LdapEndpoint.TryParse(text, out var endpoint, out var fault).ShouldBeTrue(fault);
        (endpoint!.Host, endpoint.Port, endpoint.IsLdaps).ShouldBe((host, port, isLdaps));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("dc1.example.org")]
    [InlineData("https://dc1.example.org")]
    [InlineData("ldap://")]
    [InlineData("ldap://anna:secret@dc1.example.org")]
    [InlineData("ldap://dc1.example.org/dc=example")]
    [InlineData("ldap://dc1.example.org?uid")]
    [InlineData("ldap://dc1.example.org:0")]
    [InlineData("ldap://dc1.example.org:65536")]
    public void TryParse_AnythingElse_SaysWhatIsWrong(string? text)
    {
        LdapEndpoint.TryParse(text, out _, out var fault).ShouldBeFalse();
        fault.ShouldNotBeEmpty();
    }

    [Fact]
    public void ToString_Ipv6_KeepsBrackets()
    {
        LdapEndpoint.TryParse("ldap://[::1]", out var endpoint, out _).ShouldBeTrue();
        endpoint!.ToString().ShouldBe("ldap://[::1]:389");
    }

    [Theory]
    [InlineData("ldap://a", null, LdapTlsMode.StartTls)]
    [InlineData("ldaps://a", null, LdapTlsMode.Ldaps)]
    [InlineData("ldap://a", LdapTlsMode.None, LdapTlsMode.None)]
    public void ModeFor_Scheme_IsNeverPlainUnlessSaid(string address, LdapTlsMode? said, LdapTlsMode expected)
    {
        LdapEndpoint.TryParse(address, out var endpoint, out _).ShouldBeTrue();
        new LdapTlsOptions { Mode = said }.ModeFor(endpoint!).ShouldBe(expected);
    }

    [Theory]
    [InlineData("ldaps://a", LdapTlsMode.None)]
    [InlineData("ldaps://a", LdapTlsMode.StartTls)]
    [InlineData("ldap://a", LdapTlsMode.Ldaps)]
    public void ModeFor_Contradiction_Throws(string address, LdapTlsMode said)
    {
        LdapEndpoint.TryParse(address, out var endpoint, out _).ShouldBeTrue();
        Should.Throw<ArgumentException>(() => new LdapTlsOptions { Mode = said }.ModeFor(endpoint!));
    }
}
