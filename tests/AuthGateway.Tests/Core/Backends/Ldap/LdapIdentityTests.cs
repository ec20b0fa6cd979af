using AuthGateway.Core.Backends;
using AuthGateway.TestKit.Directory;

namespace AuthGateway.Tests.Core.Backends.Ldap;

/// <summary>Every spelling of a person is one identity; nobody else's is.</summary>
public sealed class LdapIdentityTests : LdapBackendTestBase
{
    [Theory]
    [InlineData("anna")]
    [InlineData(@"CORP\anna")]
    [InlineData("anna@corp.test")]
    [InlineData("a.ames@corp.test")]
    [InlineData("Anna.Ames@example.test")]
    public async Task Find_EverySpelling_IsOneIdentity(string typed)
    {
        var backend = Build(Corp());

        (await Found(backend, typed)).Identity.Key.ShouldBe("ad:00000000-0000-0000-0000-000000000007");
    }

    [Theory]
    [InlineData(@"OTHER\anna")]
    [InlineData("anna@other.test")]
    [InlineData(@"CORP\a.ames@corp.test@corp.test")]
    public async Task Find_SomebodyElsesDomain_IsNobody(string typed) => (await Find(Build(Corp()), typed)).ShouldBeOfType<BackendLookup.UnknownUser>();

    [Fact]
    public async Task Find_ForeignDomain_AsksNothing()
    {
        await Find(Build(Corp()), @"OTHER\anna");

        Directory.Searches.ShouldBe(0);
    }

    [Fact]
    public async Task Find_BareName_IsOneSearch()
    {
        await Found(Build(Corp()), "anna");

        Directory.Searches.ShouldBe(1);
    }

    private LdapBackendOptions Corp()
    {
        var id = new byte[16];
        id[15] = 7;
        WithAlice(new FakeEntry("cn=anna,dc=bed,dc=test", "anna-pw").With("sAMAccountName", "anna").With("userPrincipalName", "a.ames@corp.test")
            .With("mail", "anna.ames@example.test").With("objectGUID", id));
        var options = Options(Directory.Address);
        options.IdAttribute = "objectGUID";
        options.UserNameAttribute = "sAMAccountName";
        options.LoginAttributes = ["sAMAccountName", "userPrincipalName", "mail"];
        options.Domains = ["CORP", "corp.test"];
        return options;
    }
}
