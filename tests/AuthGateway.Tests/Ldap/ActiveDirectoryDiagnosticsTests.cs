using AuthGateway.Ldap;

namespace AuthGateway.Tests.Ldap;

public sealed class ActiveDirectoryDiagnosticsTests
{
    [Theory]
    [InlineData("80090308: LdapErr: DSID-0C0903A9, comment: AcceptSecurityContext error, data 52e, v1db1", ActiveDirectoryDiagnostics.BadPassword)]
    [InlineData("80090308: LdapErr: DSID-0C0903A9, comment: AcceptSecurityContext error, data 775, v1db1\0", ActiveDirectoryDiagnostics.AccountLocked)]
    [InlineData("data 773", ActiveDirectoryDiagnostics.MustChangePassword)]
    [InlineData("bad data x, data 533, v", ActiveDirectoryDiagnostics.AccountDisabled)]
    [InlineData("data 0", 0)]
    public void TryReadSubCode_Refusal_ReadsTheNumber(string diagnostic, int expected)
    {
        ActiveDirectoryDiagnostics.TryReadSubCode(diagnostic, out var subCode).ShouldBeTrue();
        subCode.ShouldBe(expected);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("invalid credentials")]
    [InlineData("data ")]
    [InlineData("data xyz")]
    [InlineData("metadata 52e")]
    [InlineData("data 52eg")]
    [InlineData("data 123456789")]
    public void TryReadSubCode_OtherText_IsFalse(string? diagnostic)
    {
        ActiveDirectoryDiagnostics.TryReadSubCode(diagnostic, out var subCode).ShouldBeFalse();
        subCode.ShouldBe(0);
    }
}
