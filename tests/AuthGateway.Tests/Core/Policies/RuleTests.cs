using System.Collections.Frozen;
using System.Net;
using AuthGateway.Core.Networks;
using AuthGateway.Core.Policies;

namespace AuthGateway.Tests.Core.Policies;

public sealed class RuleTests
{
    private static readonly Policy Open = new() { Name = "open", Anonymous = true };
    private static readonly Policy Password = new() { Name = "password", Factors = [FactorSet.Password] };
    private static readonly IPAddress Address = IPAddress.Parse("192.0.2.1");

    [Theory]
    [InlineData("/public/a", "GET", true)]
    [InlineData("/public", "HEAD", true)]
    [InlineData("/Public/a", "GET", false)]
    [InlineData("/publicx", "GET", false)]
    [InlineData("/public/a", "POST", false)]
    [InlineData("/public/a", "OPTIONS", false)]
    [InlineData("/public/a", "get", false)]
    public void Matches_ExemptingRule_IsExactAndReadOnly(string path, string method, bool matches) =>
        new Rule { Number = 1, Path = "/public", Policy = Open }.Matches(Address, path, method).ShouldBe(matches);

    [Theory]
    [InlineData("POST", true)]
    [InlineData("GET", false)]
    public void Matches_ExemptingRuleWithMethods_TakesTheseOnly(string method, bool matches) =>
        new Rule { Number = 1, Path = "/public", Policy = Open, Methods = FrozenSet.Create(StringComparer.Ordinal, "POST") }.Matches(Address, "/public", method).ShouldBe(matches);

    [Theory]
    [InlineData("GET", "HEAD", true)]
    [InlineData("HEAD", "GET", false)]
    [InlineData("POST", "HEAD", false)]
    [InlineData("GET", "head", false)]
    public void Matches_RuleForGet_CoversHead(string named, string asked, bool matches) =>
        new Rule { Number = 1, Policy = Password, Methods = FrozenSet.Create(StringComparer.Ordinal, named) }.Matches(Address, "/", asked).ShouldBe(matches);

    [Theory]
    [InlineData("/admin", "GET", true)]
    [InlineData("/ADMIN/x", "DELETE", true)]
    [InlineData("/aDmIn/", "PROPFIND", true)]
    [InlineData("/administrator", "GET", false)]
    [InlineData("/x/admin", "GET", false)]
    public void Matches_ProtectingRule_IgnoresCaseAndTakesEveryMethod(string path, string method, bool matches)
    {
        new Rule { Number = 1, Path = "/admin", Policy = Password }.Matches(Address, path, method).ShouldBe(matches);
        new Rule { Number = 1, Path = "/admin", Policy = Policy.DenyAll }.Matches(Address, path, method).ShouldBe(matches);
    }

    [Fact]
    public void Matches_OtherNetwork_DoesNot()
    {
        NetworkSet.TryParse(["10.0.0.0/8"], out var office, out _).ShouldBeTrue();
        var rule = new Rule { Number = 1, From = office, Policy = Password };
        rule.Matches(Address, "/", "GET").ShouldBeFalse();
        rule.Matches(IPAddress.Parse("10.1.1.1"), "/", "GET").ShouldBeTrue();
    }

    [Theory]
    [InlineData("/SOGo", "/SOGo", true)]
    [InlineData("/SOGo/", "/SOGo", true)]
    [InlineData("/SOGo/x", "/SOGo", true)]
    [InlineData("/SOGoX", "/SOGo", false)]
    [InlineData("/SOG", "/SOGo", false)]
    [InlineData("/anything", "/", true)]
    [InlineData("/", "/", true)]
    public void PathPrefix_EndsAtASegment(string path, string prefix, bool matches) =>
        PathPrefix.Matches(path, prefix, StringComparison.Ordinal).ShouldBe(matches);

    [Fact]
    public void Verdict_Default_MeansNothingAndNeverYes()
    {
        default(Verdict).Kind.ShouldBe(VerdictKind.None);
        default(VerdictKind).ShouldBe(VerdictKind.None);
    }

    [Fact]
    public void Reasons_RefusedLogins_ShareOneStatus() =>
        new[] { VerdictReason.WrongPassword, VerdictReason.UnknownUser, VerdictReason.EmptyPassword, VerdictReason.AccountState, VerdictReason.AccountLocked }
            .ShouldAllBe(reason => reason.Status == 401);
}
