using AuthGateway.Core.Factors.Enrolment;

namespace AuthGateway.Tests.Core.Factors.Enrolment;

public sealed class EnrolmentCodeTests
{
    [Fact]
    public void New_Code_IsFourGroupsAndItsHash()
    {
        var (shown, hash) = EnrolmentCode.New();

        shown.Split('-').Select(group => group.Length).ShouldBe([5, 5, 5, 5]);
        EnrolmentCode.TryHash(shown, out var read).ShouldBeTrue();
        read.ShouldBe(hash);
        (EnrolmentCode.New().Shown == shown).ShouldBeFalse();
    }

    [Theory]
    [InlineData("abcde-fgh0j-kmn1p-qrst1")]
    [InlineData(" ABCDE FGHOJ KMNIP QRSTL ")]
    [InlineData("abcdefghojkmnlpqrsti")]
    public void TryHash_HowPeopleType_IsOneCode(string typed)
    {
        EnrolmentCode.TryHash("ABCDEFGH0JKMN1PQRST1", out var expected).ShouldBeTrue();
        EnrolmentCode.TryHash(typed, out var hash).ShouldBeTrue();
        hash.ShouldBe(expected);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("ABCDE-FGH0J-KMN1P-QRST")]
    [InlineData("ABCDE-FGH0J-KMN1P-QRST11")]
    [InlineData("ABCDE-FGH0J-KMN1P-QRSTU")]
    [InlineData("ABCDE-FGH0J-KMN1P-QRST\0")]
    public void TryHash_AnythingElse_IsNoCode(string? typed)
    {
        EnrolmentCode.TryHash(typed, out var hash).ShouldBeFalse();
        hash.ShouldBeNull();
    }
}
