using AuthGateway.Core.Edge;

namespace AuthGateway.Tests.Core.Edge;

public sealed class HostNameTests
{
    [Theory]
    [InlineData("mail.gw.test", "mail.gw.test")]
    [InlineData("MAIL.gw.Test", "mail.gw.test")]
    [InlineData("mail.gw.test.", "mail.gw.test")]
    [InlineData("mail.gw.test:443", "mail.gw.test")]
    [InlineData("mail.gw.test.:8443", "mail.gw.test")]
    [InlineData("xn--bcher-kva.test", "xn--bcher-kva.test")]
    [InlineData("a", "a")]
    public void TryCanonicalize_Name_HasOneForm(string raw, string expected)
    {
        HostName.TryCanonicalize(raw, 8443, out var host).ShouldBeTrue();
        host.ShouldBe(expected);
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("mail.gw.test..")]
    [InlineData(".mail.gw.test")]
    [InlineData("mail..gw.test")]
    [InlineData("mail.gw.test:")]
    [InlineData("mail.gw.test:80")]
    [InlineData("mail.gw.test:0443")]
    [InlineData("mail.gw.test:+443")]
    [InlineData("mail.gw.test:443:443")]
    [InlineData("mail_x.gw.test")]
    [InlineData("-mail.gw.test")]
    [InlineData("mail-.gw.test")]
    [InlineData("mail.gw.test-")]
    [InlineData("mail.gw.test/")]
    [InlineData("mail.gw.test ")]
    [InlineData("mail.gw.test,evil.test")]
    [InlineData("u@mail.gw.test")]
    [InlineData("bücher.test")]
    [InlineData("ma\u0131l.gw.test")]
    [InlineData("mail\u00AD.gw.test")]
    [InlineData("[::1]")]
    [InlineData("[::1]:443")]
    [InlineData("::1")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.test")]
    public void TryCanonicalize_AnythingElse_IsRefused(string raw) => HostName.TryCanonicalize(raw, 8443, out _).ShouldBeFalse();

    [Fact]
    public void TryCanonicalize_CanonicalName_AllocatesNothing() =>
        Allocations.Of(() => HostName.TryCanonicalize("mail.gw.test", 443, out _)).ShouldBe(0);
}
