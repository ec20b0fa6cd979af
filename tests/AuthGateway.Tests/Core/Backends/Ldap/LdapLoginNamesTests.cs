using AuthGateway.Core.Backends;
using AuthGateway.Core.Backends.Ldap;

namespace AuthGateway.Tests.Core.Backends.Ldap;

public sealed class LdapLoginNamesTests
{
    [Theory]
    [InlineData("anna", "uid=anna|mail=anna")]
    [InlineData("anna@bed.test", "uid=anna@bed.test|mail=anna@bed.test")]
    [InlineData(@"BED\anna", @"uid=BED\anna|mail=BED\anna")]
    public void Of_NoDomains_IsTheNameAsItStands(string typed, string expected) => Tries(new(), typed).ShouldBe(expected);

    [Theory]
    [InlineData("anna", "uid=anna|mail=anna")]
    [InlineData(@"BED\anna", "uid=anna|mail=anna")]
    [InlineData(@"bed\anna", "uid=anna|mail=anna")]
    [InlineData(@"bed.test\anna", "uid=anna|mail=anna")]
    [InlineData("anna@BED.test", "uid=anna@BED.test|mail=anna@BED.test|uid=anna|mail=anna")]
    [InlineData("anna@other.test", "uid=anna@other.test|mail=anna@other.test")]
    [InlineData(@"OTHER\anna", "")]
    [InlineData(@"\anna", "")]
    [InlineData(@"BED\", "")]
    [InlineData(@"BED\OTHER\anna", "")]
    [InlineData("@bed.test", "uid=@bed.test|mail=@bed.test")]
    [InlineData(@"BED\anna@bed.test", "uid=anna@bed.test|mail=anna@bed.test")]
    public void Of_Domains_AreTakenOff(string typed, string expected) => Tries(new() { Domains = ["BED", "bed.test"] }, typed).ShouldBe(expected);

    [Theory]
    [InlineData("anna", "mail=anna|uid=anna")]
    [InlineData(@"BED\anna", "uid=anna|mail=anna")]
    public void Of_AlternativeAttribute_GoesFirstAndOnlyOnce(string typed, string expected) =>
        Tries(new() { Domains = ["BED"], AlternativeLoginAttribute = "mail" }, typed).ShouldBe(expected);

    [Theory]
    [InlineData("m.power", "uid=m.power@corp.test")]
    [InlineData("m.power@corp.test", "uid=m.power@corp.test")]
    [InlineData("m.power@CORP.test", "uid=m.power@CORP.test")]
    [InlineData("m.power@other.test", "uid=m.power@other.test@corp.test")]
    [InlineData(@"CORP\m.power", "uid=m.power@corp.test")]
    public void Of_Suffix_IsPutBehindOnce(string typed, string expected) =>
        Tries(new() { Domains = ["CORP"], UserSuffix = "@corp.test", LoginAttributes = ["uid"] }, typed).ShouldBe(expected);

    private static string Tries(LdapBackendOptions options, string typed) =>
        string.Join('|', new LdapLoginNames(options).Of(BackendChainTests.Name(typed)).Select(pair => $"{pair.Attribute}={pair.Value}"));
}
