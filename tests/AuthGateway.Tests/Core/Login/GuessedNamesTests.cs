using System.Globalization;
using System.Net;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Lockout;
using AuthGateway.Core.Login;
using AuthGateway.TestKit;

namespace AuthGateway.Tests.Core.Login;

public sealed class GuessedNamesTests
{
    private const long Window = 15 * 60_000;

    private readonly ManualTimeProvider _clock = new();

    [Fact]
    public void Note_CountsNames_NotTries_AndEachAddressForItself()
    {
        var names = new GuessedNames(_clock);
        Note(names, "198.51.100.1", "anna").ShouldBe(1);
        Note(names, "198.51.100.1", "ANNA").ShouldBe(1);
        Note(names, "198.51.100.1", "bob").ShouldBe(2);
        Note(names, "198.51.100.2", "bob").ShouldBe(1);
    }

    [Fact]
    public void Note_AfterAWindowWithoutAny_BeginsAnew()
    {
        var names = new GuessedNames(_clock);
        Note(names, "198.51.100.1", "anna");
        _clock.Advance(TimeSpan.FromMinutes(15));
        Note(names, "198.51.100.1", "bob").ShouldBe(2);
        _clock.Advance(TimeSpan.FromMinutes(16));
        Note(names, "198.51.100.1", "carol").ShouldBe(1);
    }

    [Fact]
    public void Note_IsBounded_InNamesAndAddresses()
    {
        var names = new GuessedNames(_clock, capacity: 2);
        for (var i = 0; i < GuessedNames.MostNames + 100; i++)
        {
            Note(names, "198.51.100.1", string.Create(CultureInfo.InvariantCulture, $"user{i}")).ShouldBeLessThanOrEqualTo(GuessedNames.MostNames);
        }

        Note(names, "198.51.100.2", "anna");
        Note(names, "198.51.100.3", "anna");
        Note(names, "198.51.100.1", "anna").ShouldBe(1, "the oldest went");
    }

    [Theory]
    [InlineData(1, 20, false)]
    [InlineData(4, 4, false)]
    [InlineData(5, 20, false)]
    [InlineData(9, 20, false)]
    [InlineData(10, 20, true)]
    [InlineData(20, 20, true)]
    [InlineData(5, 5, true)]
    [InlineData(31, 5000, false)]
    [InlineData(64, 5000, true)]
    public void AreSpray(int names, int failures, bool expected) => GuessedNames.AreSpray(names, failures).ShouldBe(expected);

    private static int Note(GuessedNames names, string address, string name)
    {
        UserName.TryParse(name, out var parsed).ShouldBeTrue();
        return names.Note(LockoutKey.ForAddress(IPAddress.Parse(address)), parsed, Window);
    }
}
