using AuthGateway.Core.Backends.Programs;
using AuthGateway.Core.Identities;

namespace AuthGateway.Tests.Core.Backends.Programs;

public sealed class AccountNameTests
{
    [Theory]
    [InlineData("Alice", "", "alice", "alice", null)]
    [InlineData("Alice@Example.org", "", "alice@example.org", "alice@example.org", null)]
    [InlineData("Alice", "example.org", "alice", "alice@example.org", "alice@example.org")]
    [InlineData("ALICE@EXAMPLE.ORG", "Example.org", "alice", "alice@example.org", "alice@example.org")]
    public void Read_EverySpelling_IsOneAccount(string typed, string domain, string login, string address, string? mail)
    {
        UserName.TryParse(typed, out var name).ShouldBeTrue();

        AccountName.Read(name, domain).ShouldBe(new AccountName(login, address, mail));
    }

    [Theory]
    [InlineData("@example.org")]
    [InlineData("a@b@example.org")]
    [InlineData("alice@other.org")]
    [InlineData("alice@sub.example.org")]
    public void Read_NoAccountOfThisDomain_IsNull(string typed)
    {
        UserName.TryParse(typed, out var name).ShouldBeTrue();

        AccountName.Read(name, "example.org").ShouldBeNull();
    }
}
