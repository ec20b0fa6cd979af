using AuthGateway.Core.Backends.Pam;
using AuthGateway.Core.Identities;

namespace AuthGateway.Tests.Core.Backends.Pam;

public sealed class PamNameTemplateTests
{
    [Theory]
    [InlineData("*", "alice", "alice")]
    [InlineData("*", "Alice", "Alice|alice")]
    [InlineData("*", "alice@example.org", "alice@example.org")]
    [InlineData("*-mail", "alice", "alice-mail")]
    [InlineData("ACME\\*", "alice", "ACME\\alice")]
    [InlineData("*%example.org", "alice@example.org", "alice")]
    [InlineData("*%example.org", "Alice@EXAMPLE.org", "Alice|alice")]
    [InlineData("m-*%example.org", "alice@example.org", "m-alice")]
    [InlineData("*%example.org", "alice", "")]
    [InlineData("*%example.org", "alice@other.org", "")]
    [InlineData("*%example.org", "@example.org", "")]
    [InlineData("*%example.org", "a@b@example.org", "")]
    public void Apply_TypedName_BecomesNamesOfTheSystem(string template, string typed, string names)
    {
        UserName.TryParse(typed, out var name).ShouldBeTrue();

        string.Join('|', new PamNameTemplate(template).Apply(name)).ShouldBe(names);
    }
}
