using AuthGateway.Core.Backends;
using AuthGateway.Core.Lockout;
using AuthGateway.Core.Login;
using AuthGateway.Core.Login.SignOn;
using AuthGateway.Core.Policies;
using AuthGateway.TestKit.Directory;
using AuthGateway.TestKit.Stores;
using AuthGateway.Tests.Core.Backends;
using Microsoft.Extensions.Logging.Abstractions;

namespace AuthGateway.Tests.Core.Login.Tickets;

/// <summary>John is <c>jsmith</c> to the KDC; Jane, who came later, got <c>jsmith</c> as her mail.</summary>
public sealed class TicketOwnerTests : LdapBackendTestBase
{
    [Theory]
    [InlineData("jsmith", "sAMAccountName userPrincipalName mail", "jsmith")]
    [InlineData("JSMITH", "mail sAMAccountName", "jsmith")]
    [InlineData("jsmith@corp.example.org", "sAMAccountName", "jsmith")]
    [InlineData("jsmith@corp.example.org", "sAMAccountName userPrincipalName", "jsmith")]
    [InlineData("jsmith@corp.example.org", "sAMAccountName userPrincipalName mail", "identity-mismatch")]
    [InlineData("jsmith@corp.example.org", "mail sAMAccountName", "identity-mismatch")]
    [InlineData("john.smith@corp.example.org", "userPrincipalName", "identity-mismatch")] // no ticket is made out to it
    [InlineData("anna@corp.example.org", "sAMAccountName", "anna@corp.example.org")] // a directory whose login names carry the domain
    public async Task Resolve_Ticket_IsTheUserWhoseLoginItNames(string name, string attributes, string outcome) =>
        (await ResolveAsync(name, attributes, FactorSet.Kerberos)).ShouldBe(outcome);

    [Fact]
    public async Task Resolve_NameOfAForwarder_MayBeAnyNameOfTheUser() =>
        (await ResolveAsync("jsmith@corp.example.org", "mail", FactorSet.Header)).ShouldBe("jsmith2");

    private async Task<string> ResolveAsync(string name, string attributes, FactorSet way)
    {
        Directory.Entries.AddRange(
        [
            Person("john", "jsmith", "john.smith@corp.example.org", "john.smith@corp.example.org"),
            Person("jane", "jsmith2", "jane.smith@corp.example.org", "jsmith@corp.example.org"),
            Person("anna", "anna@corp.example.org", "anna@corp.example.org", "anna@corp.example.org"),
        ]);
        var options = Options(Directory.Address);
        (options.LoginAttributes, options.UserNameAttribute, options.Domains) = ([.. attributes.Split(' ')], "sAMAccountName", ["corp.example.org"]);
        var login = new LoginFlow(new LockoutGuard(new InMemoryLockoutStore(), Clock, NullLogger<LockoutGuard>.Instance), Clock, NullLogger<LoginFlow>.Instance);
        var chain = new BackendChain([new ChainLink(Build(options))]);

        var result = await new SignOnFlow(login, Clock, NullLogger<SignOnFlow>.Instance)
            .ResolveAsync(new SignOnRequest(chain, 1, new LoginOptions(), BackendChainTests.Name(name), "web", way), CancellationToken.None).AsTask().WaitAsync(Patience);

        if (result is LoginResult.Refused refused)
        {
            refused.Detail.ShouldNotBeNull().ShouldContain(name);
            login.Resolved.Count.ShouldBe(0);
            return refused.Reason.Code;
        }

        return result.ShouldBeOfType<LoginResult.Proven>().Identity.Login;
    }

    private static FakeEntry Person(string name, string account, string principal, string mail) => new FakeEntry($"cn={name},ou=people,dc=bed,dc=test", "secret")
        .With("sAMAccountName", account).With("userPrincipalName", principal).With("mail", mail).With("entryUUID", name);
}
