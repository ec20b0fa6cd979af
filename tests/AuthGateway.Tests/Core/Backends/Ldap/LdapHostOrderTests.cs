using System.Security.Cryptography;
using AuthGateway.Core.Backends;
using AuthGateway.TestKit.Directory;

namespace AuthGateway.Tests.Core.Backends.Ldap;

public sealed class LdapHostOrderTests : LdapBackendTestBase
{
    [Theory]
    [InlineData("failover", 6, 0)]
    [InlineData("round-robin", 3, 3)]
    public async Task Find_Order_IsAsSaid(string order, int first, int second)
    {
        await using var other = await TwinAsync();
        var options = Options(Directory.Address, other.Address);
        options.HostOrder = order;
        var backend = Build(options);

        for (var i = 0; i < 6; i++)
        {
            var alice = await Found(backend);
            (await Verify(backend, alice, AlicePassword)).ShouldBeOfType<BackendAnswer.Accepted>();
        }

        (Directory.Searches, other.Searches).ShouldBe((first, second));
        (Directory.BindsAs(AliceDn), other.BindsAs(AliceDn)).ShouldBe((first, second));
    }

    [Fact]
    public async Task Find_RoundRobinWithOneGone_GoesOnWithTheOther()
    {
        await using var other = await TwinAsync();
        var options = Options(Directory.Address, other.Address);
        options.HostOrder = "round-robin";
        var backend = Build(options);
        await Directory.DisposeAsync();

        for (var i = 0; i < 8; i++)
        {
            await Found(backend);
        }

        other.Searches.ShouldBe(8);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Find_Pin_IsAskedForOnlyWhereItFits(bool fits)
    {
        var directory = Start(Certificate, isLdaps: true);
        directory.Entries.Add(Alice());
        var options = Options(directory.Address);
        var pin = string.Join(':', Certificate.GetCertHash(HashAlgorithmName.SHA256).Select(b => b.ToString("x2", System.Globalization.CultureInfo.InvariantCulture)));
        options.PinnedCertificates = [new string('0', 64), fits ? pin : pin.Replace(pin[..2], pin[0] == '0' ? "1f" : "0f", StringComparison.Ordinal)];

        (await Find(Build(options), "alice") is BackendLookup.Found).ShouldBe(fits);

        (directory.Binds > 0).ShouldBe(fits);
    }

    private Task<HostileDirectory> TwinAsync()
    {
        WithAlice();
        var other = new HostileDirectory();
        other.Entries.AddRange(Directory.Entries);
        return Task.FromResult(other);
    }
}
