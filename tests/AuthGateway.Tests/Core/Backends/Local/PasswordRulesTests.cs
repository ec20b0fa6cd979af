using AuthGateway.Core.Backends.Local;

namespace AuthGateway.Tests.Core.Backends.Local;

public sealed class PasswordRulesTests
{
    [Theory]
    [InlineData("kelp orbit lantern", 15)]
    [InlineData("kelp orb", 8)]
    public void FindFaults_LongEnough_HasNone(string password, int minLength) => PasswordRules.FindFaults(password, "anna", minLength).ShouldBeEmpty();

    [Theory]
    [InlineData("kelp orbit", 15, "at least 15")]
    [InlineData("kelp or", 8, "at least 8")]
    [InlineData("Password123", 8, "everybody tries")]
    [InlineData("password password", 15, "everybody tries")]
    [InlineData("annaannaannaanna", 15, "login name")]
    [InlineData("zzzzzzzzzzzzzzzz", 15, "one character")]
    [InlineData("kelp orbit\nlantern", 15, "control")]
    public void FindFaults_Weak_SaysWhy(string password, int minLength, string part) =>
        PasswordRules.FindFaults(password, "anna", minLength).ShouldContain(fault => fault.Text.Contains(part, StringComparison.Ordinal));

    [Fact]
    public void FindFaults_TooLong_SaysSo() => PasswordRules.FindFaults(new string('ä', 256) + "b", "anna").ShouldHaveSingleItem().Text.ShouldContain("at most 256");
}
