using System.Net;
using AuthGateway.Core.Networks;

namespace AuthGateway.Tests.Core.Networks;

public sealed class AddressTextTests
{
    [Theory]
    [InlineData("0.0.0.0", "0.0.0.0")]
    [InlineData("10.0.0.9", "10.0.0.9")]
    [InlineData("255.255.255.255", "255.255.255.255")]
    [InlineData("::", "::")]
    [InlineData("::1", "::1")]
    [InlineData("1::", "1::")]
    [InlineData("2001:DB8::A", "2001:db8::a")]
    [InlineData("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8")]
    [InlineData("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0")]
    [InlineData("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8")]
    [InlineData("::ffff:10.0.0.1", "::ffff:10.0.0.1")]
    [InlineData("64:ff9b::192.0.2.1", "64:ff9b::192.0.2.1")]
    [InlineData("1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:1.2.3.4")]
    public void TryParse_StrictText_IsRead(string text, string expected)
    {
        AddressText.TryParse(text, out var address).ShouldBeTrue();
        address.ShouldBe(IPAddress.Parse(expected));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" 10.0.0.1")]
    [InlineData("10.0.0.1 ")]
    [InlineData("010.0.0.1")]
    [InlineData("10.00.0.1")]
    [InlineData("0x7f.1")]
    [InlineData("0x7f.0.0.1")]
    [InlineData("127.1")]
    [InlineData("2130706433")]
    [InlineData("10.0.0")]
    [InlineData("10.0.0.1.")]
    [InlineData("10.0.0.1.2")]
    [InlineData("10.0.0.256")]
    [InlineData("10.0.0.1:443")]
    [InlineData("10.0.0.+1")]
    [InlineData("10..0.1")]
    [InlineData("١0.0.0.1")]
    [InlineData("[::1]")]
    [InlineData("[::1]:5")]
    [InlineData("fe80::1%eth0")]
    [InlineData("fe80::1%1")]
    [InlineData(":")]
    [InlineData(":::")]
    [InlineData("1:::2")]
    [InlineData("1::2::3")]
    [InlineData(":1:2:3:4:5:6:7")]
    [InlineData("1:2:3:4:5:6:7:")]
    [InlineData("1:2:3:4:5:6:7")]
    [InlineData("1:2:3:4:5:6:7:8:9")]
    [InlineData("1:2:3:4::5:6:7:8")]
    [InlineData("12345::")]
    [InlineData("g::")]
    [InlineData("::ffff:010.0.0.1")]
    [InlineData("::1.2.3")]
    [InlineData("1.2.3.4::")]
    [InlineData("1:2:3:4:5:6:7:1.2.3.4")]
    [InlineData("unknown")]
    [InlineData("_hidden")]
    [InlineData("10.0.0.0/8")]
    public void TryParse_AnythingElse_IsRefused(string text) => AddressText.TryParse(text, out _).ShouldBeFalse();

    [Theory]
    [InlineData("::ffff:10.0.0.1", "10.0.0.1")]
    [InlineData("10.0.0.1", "10.0.0.1")]
    [InlineData("fe80::1%3", "fe80::1")]
    [InlineData("2002:a00:1::", "2002:a00:1::")]
    [InlineData("64:ff9b::a00:1", "64:ff9b::a00:1")]
    [InlineData("::10.0.0.1", "::10.0.0.1")]
    public void Fold_OnlyMappedAddresses_BecomeIPv4(string address, string expected) =>
        AddressText.Fold(IPAddress.Parse(address)).ShouldBe(IPAddress.Parse(expected));

    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1/32")]
    [InlineData("::ffff:192.0.2.1", "192.0.2.1/32")]
    [InlineData("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64")]
    public void CounterKey_OfAnAddress_IsItsPrefix(string address, string expected) =>
        AddressText.CounterKey(IPAddress.Parse(address)).ShouldBe(expected);
}
