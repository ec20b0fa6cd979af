using System.Net;
using AuthGateway.Core.Networks;

namespace AuthGateway.Tests.Core.Networks;

public sealed class NetworkSetTests
{
    [Theory]
    [InlineData("10.0.0.0/8", "10.255.255.255", true)]
    [InlineData("10.0.0.0/8", "11.0.0.0", false)]
    [InlineData("10.0.0.0/8", "::ffff:10.0.0.1", true)]
    [InlineData("10.0.0.0/8", "2002:a00:1::", false)]
    [InlineData("10.0.0.0/8", "64:ff9b::a00:1", false)]
    [InlineData("10.0.0.0/8", "::10.0.0.1", false)]
    [InlineData("192.0.2.1", "192.0.2.1", true)]
    [InlineData("192.0.2.1/32", "192.0.2.2", false)]
    [InlineData("0.0.0.0/0", "255.255.255.255", true)]
    [InlineData("0.0.0.0/0", "::1", false)]
    [InlineData("::/0", "10.0.0.1", false)]
    [InlineData("::/0", "::ffff:10.0.0.1", false)]
    [InlineData("::/0", "ffff::", true)]
    [InlineData("2001:db8::/32", "2001:db8:ffff::1", true)]
    [InlineData("2001:db8::/32", "2001:db9::", false)]
    [InlineData("fe80::/10", "fe80::1%7", true)]
    [InlineData("::ffff:10.0.0.0/104", "10.1.2.3", true)]
    public void Contains_OneNetwork_HoldsItsOwnFamilyOnly(string network, string address, bool expected) =>
        Parse(network).Contains(IPAddress.Parse(address)).ShouldBe(expected);

    [Theory]
    [InlineData("10.0.0.5/8", "10.0.0.5/8 has host bits; did you mean 10.0.0.0/8?")]
    [InlineData("2001:db8::1/32", "2001:db8::1/32 has host bits; did you mean 2001:db8::/32?")]
    [InlineData("10.0.0.0/33", "'10.0.0.0/33' has no prefix length from 0 to 32 after the slash")]
    [InlineData("10.0.0.0/08", "'10.0.0.0/08' has no prefix length from 0 to 32 after the slash")]
    [InlineData("10.0.0.0/+8", "'10.0.0.0/+8' has no prefix length from 0 to 32 after the slash")]
    [InlineData("10.0.0.0/", "'10.0.0.0/' has no prefix length from 0 to 32 after the slash")]
    [InlineData("::/129", "'::/129' has no prefix length from 0 to 128 after the slash")]
    [InlineData("010.0.0.0/8", "'010.0.0.0/8' is not an address or network; write it like 10.0.0.0/8, 192.0.2.1 or 2001:db8::/32")]
    [InlineData("", "'' is not an address or network; write it like 10.0.0.0/8, 192.0.2.1 or 2001:db8::/32")]
    public void TryParse_WrongText_NamesTheRemedy(string text, string fault)
    {
        NetworkSet.TryParse(["192.0.2.0/24", text], out var networks, out var faults).ShouldBeFalse();
        networks.ShouldBeNull();
        faults.ShouldBe([fault]);
    }

    [Fact]
    public void AnyAndNone_HoldEverythingAndNothing()
    {
        foreach (var address in (IPAddress[])[IPAddress.Any, IPAddress.Broadcast, IPAddress.IPv6Any, IPAddress.Parse("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")])
        {
            NetworkSet.Any.Contains(address).ShouldBeTrue();
            NetworkSet.None.Contains(address).ShouldBeFalse();
        }

        NetworkSet.None.IsEmpty.ShouldBeTrue();
        Parse().IsEmpty.ShouldBeTrue();
    }

    [Fact]
    public void Contains_RandomSets_AgreeWithBitComparison()
    {
        var random = new Random(20261122);
        for (var round = 0; round < 300; round++)
        {
            List<(byte[] Network, int Prefix)> model = [];
            List<string> texts = [];
            for (var i = random.Next(12); i > 0; i--)
            {
                var bytes = RandomAddress(random);
                var prefix = random.Next((bytes.Length * 8) + 1);
                for (var bit = prefix; bit < bytes.Length * 8; bit++)
                {
                    bytes[bit / 8] &= (byte)~(0x80 >> (bit % 8));
                }

                model.Add((bytes, prefix));
                texts.Add($"{new IPAddress(bytes)}/{prefix}");
            }

            var networks = Parse([.. texts]);
            for (var i = 0; i < 200; i++)
            {
                var bytes = RandomAddress(random);
                if (model.Count > 0 && random.Next(2) == 0)
                {
                    // Near an edge, where the mistakes live.
                    bytes = (byte[])model[random.Next(model.Count)].Network.Clone();
                    bytes[^1] += (byte)random.Next(-1, 2);
                }

                networks.Contains(new IPAddress(bytes)).ShouldBe(model.Exists(network => Holds(network, bytes)), $"{new IPAddress(bytes)} in {string.Join(' ', texts)}");
            }
        }
    }

    [Fact]
    public void Contains_AllocatesNothing()
    {
        var networks = Parse("10.0.0.0/8", "192.168.0.0/16", "2001:db8::/32");
        IPAddress[] addresses = [IPAddress.Parse("10.0.0.1"), IPAddress.Parse("::ffff:10.0.0.1"), IPAddress.Parse("2001:db8::1")];
        Allocations.Of(() =>
        {
            foreach (var address in addresses)
            {
                networks.Contains(address);
            }
        }).ShouldBe(0);
    }

    /// <summary>Few distinct bytes, so that networks overlap and touch.</summary>
    private static byte[] RandomAddress(Random random)
    {
        var bytes = new byte[random.Next(2) == 0 ? 4 : 16];
        for (var i = 0; i < bytes.Length; i++)
        {
            bytes[i] = random.Next(3) switch { 0 => 0, 1 => 0xFF, _ => (byte)random.Next(256) };
        }

        if (bytes.Length == 16)
        {
            bytes[0] = 0x20;
        }

        return bytes;
    }

    private static bool Holds((byte[] Network, int Prefix) network, byte[] address)
    {
        if (network.Network.Length != address.Length)
        {
            return false;
        }

        for (var bit = 0; bit < network.Prefix; bit++)
        {
            if (((network.Network[bit / 8] ^ address[bit / 8]) & (0x80 >> (bit % 8))) != 0)
            {
                return false;
            }
        }

        return true;
    }

    private static NetworkSet Parse(params string[] texts)
    {
        NetworkSet.TryParse(texts, out var networks, out var faults).ShouldBeTrue(string.Join(' ', faults));
        return networks!;
    }
}
