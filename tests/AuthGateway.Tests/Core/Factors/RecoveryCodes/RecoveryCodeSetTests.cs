using AuthGateway.Core.Factors.RecoveryCodes;

namespace AuthGateway.Tests.Core.Factors.RecoveryCodes;

public sealed class RecoveryCodeSetTests
{
    // One set for the class: making one costs a second of one core, and that is the point of it.
    private static readonly (IReadOnlyList<string> Shown, IReadOnlyList<RecoveryCodeHash> Kept) Set = RecoveryCodeSet.New();

    [Fact]
    public void New_Set_HasTenCodesWithIndexesOfTheirOwn()
    {
        Set.Shown.Count.ShouldBe(10);
        Set.Kept.Select(code => code.Index).Distinct(StringComparer.Ordinal).Count().ShouldBe(10);
        Set.Shown.ShouldAllBe(code => code.Length == 11 && code[5] == '-');
        for (var i = 0; i < 10; i++)
        {
            Set.Shown[i].ShouldStartWith(Set.Kept[i].Index);
            Set.Kept[i].Hash.ShouldNotContain(Set.Shown[i].Replace("-", "", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Fits_ItsOwnHash_AndNoOther()
    {
        RecoveryCodeSet.TryNormalize(Set.Shown[0], out var code, out var index).ShouldBeTrue();

        index.ShouldBe(Set.Kept[0].Index);
        RecoveryCodeSet.Fits(code, Set.Kept[0]).ShouldBeTrue();
        RecoveryCodeSet.Fits(code, Set.Kept[1]).ShouldBeFalse();
        RecoveryCodeSet.Fits(code, null).ShouldBeFalse();
    }

    [Fact]
    public void TryNormalize_HowPeopleType_IsOneCode()
    {
        RecoveryCodeSet.TryNormalize("ab0de-fgh1k", out var plain, out _).ShouldBeTrue();
        foreach (var typed in (string[])["AB0DE-FGH1K", "ab0defgh1k", " a b o d e - f g h i k ", "ABODEFGHLK"])
        {
            RecoveryCodeSet.TryNormalize(typed, out var code, out var index).ShouldBeTrue(typed);
            (code, index).ShouldBe((plain, "AB"));
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("ab0de-fgh1")]
    [InlineData("ab0de-fgh1kk")]
    [InlineData("ab0de-fgh1u")]
    [InlineData("ab0de_fgh1k")]
    [InlineData("äb0de-fgh1k")]
    [InlineData("123456")]
    [InlineData("ab0de                                                         fgh1k")]
    public void TryNormalize_AnythingElse_IsNoCode(string? typed) => RecoveryCodeSet.TryNormalize(typed, out _, out _).ShouldBeFalse();

    [Theory]
    [InlineData("")]
    [InlineData("2$1$AAAAAAAAAAAAAAAAAAAAAA==$x")]
    [InlineData("1$0$AAAAAAAAAAAAAAAAAAAAAA==$x")]
    [InlineData("1$999999999$AAAAAAAAAAAAAAAAAAAAAA==$x")]
    [InlineData("1$1$not base64$x")]
    [InlineData("1$1$AAAA$x")]
    [InlineData("1$1$AAAAAAAAAAAAAAAAAAAAAA==$")]
    public void Fits_HashThatCannotBeRead_IsFalse(string hash) => RecoveryCodeSet.Fits("AB0DEFGH1K", new RecoveryCodeHash("AB", hash)).ShouldBeFalse();
}
