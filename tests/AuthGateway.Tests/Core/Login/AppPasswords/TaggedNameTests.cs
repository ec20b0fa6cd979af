using AuthGateway.Core.Identities;
using AuthGateway.Core.Login.AppPasswords;

namespace AuthGateway.Tests.Core.Login.AppPasswords;

public sealed class TaggedNameTests
{
    [Theory]
    [InlineData("anna", "anna", null)]
    [InlineData("anna$phone", "anna", "phone")]
    [InlineData("Anna$Phone", "Anna", "phone")]
    [InlineData("anna$phone@example.com", "anna@example.com", "phone")]
    [InlineData("EXAMPLE\\anna$phone", "EXAMPLE\\anna", "phone")]
    [InlineData("a$b$phone", "a$b", "phone")]
    [InlineData("PC01$", "PC01$", null)]
    [InlineData("$phone", "$phone", null)]
    [InlineData("anna$my phone", "anna$my phone", null)]
    [InlineData("anna@ex$phone", "anna@ex", "phone")]
    [InlineData("anna$@example.com", "anna$@example.com", null)]
    public void Of_Name_IsTakenApart(string typed, string name, string? tag)
    {
        UserName.TryParse(typed, out var parsed).ShouldBeTrue();
        var tagged = TaggedName.Of(parsed!);
        (tagged.Name.Text, tagged.Tag).ShouldBe((name, tag));
    }

    [Theory]
    [InlineData("SAMSUNG123", "hex:73616d73756e67313233")]
    [InlineData("0123456789ABCDEF0123456789ABCDEF", "hex:0123456789abcdef0123456789abcdef")]
    [InlineData("hex:73616d", "hex:73616d")]
    [InlineData("hex:", null)]
    [InlineData("hex:XY", null)]
    [InlineData("a b", null)]
    [InlineData("", null)]
    public void DeviceId_AsTyped_IsReadAsPhonesSendIt(string typed, string? canonical) =>
        (AppPasswordDevice.TryRead(typed, out var read) ? read : null).ShouldBe(canonical);
}
