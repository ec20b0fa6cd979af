using AuthGateway.Core.Factors.AppPasswords;
using AuthGateway.Core.Identities;

namespace AuthGateway.Tests.Core.Factors.AppPasswords;

public sealed class AppPasswordSecretTests
{
    private const string Plain = "abcdefghijklmnopqrstuvwx27";

    [Fact]
    public void New_Secret_HasTwentySixCharactersInGroupsAndIsNeverTheSame()
    {
        var made = Enumerable.Range(0, 500).Select(_ => AppPasswordSecret.New()).ToArray();

        made.ShouldBeUnique(StringComparer.Ordinal);
        made.ShouldAllBe(shown => shown.Split('-').Select(group => group.Length).SequenceEqual(new[] { 5, 5, 5, 5, 6 }));
        // 32 letters, each of them met: 130 bits and no letter left out by mistake.
        string.Concat(made).Replace("-", "", StringComparison.Ordinal).Distinct().Count().ShouldBe(32);
    }

    [Theory]
    [InlineData(Plain, true)]
    [InlineData("abcde-fghij-klmno-pqrst-uvwx27", true)]
    [InlineData("ABCDE-FGHIJ-KLMNO-PQRST-UVWX27", true)]
    [InlineData("abcde fghij klmno pqrst uvwx27", true)]
    [InlineData(" abcde-fghij-klmno-pqrst-uvwx27 ", true)]
    [InlineData("abcdefghijklmnopqrstuvwx2", false)]
    [InlineData("abcdefghijklmnopqrstuvwx277", false)]
    [InlineData("abcdefghijklmnopqrstuvwx20", false)]
    [InlineData("abcdefghijklmnopqrstuvwx2\u00e4", false)]
    [InlineData("abcdefghijklmnopqrstuvwx2_7", false)]
    [InlineData("", false)]
    [InlineData("--------------------------", false)]
    public void TryRead_AnySpelling_IsOneSecret(string typed, bool shaped)
    {
        var plain = new byte[AppPasswordSecret.Length];
        AppPasswordSecret.TryRead(Secret.FromText(typed), plain).ShouldBe(shaped);
        (!shaped || plain.AsSpan().SequenceEqual("abcdefghijklmnopqrstuvwx27"u8)).ShouldBeTrue();
    }

    [Fact]
    public void TryRead_EndlessDashes_IsNone() =>
        AppPasswordSecret.TryRead(Secret.FromText(Plain + new string('-', 900)), new byte[AppPasswordSecret.Length]).ShouldBeFalse();

    [Theory]
    [InlineData("phone", true)]
    [InlineData("thunderbird-2", true)]
    [InlineData("a2345678901234567890123456789012", true)]
    [InlineData("a23456789012345678901234567890123", false)]
    [InlineData("Phone", false)]
    [InlineData("my phone", false)]
    [InlineData("ph\u00f6ne", false)]
    [InlineData("", false)]
    public void Tag_OtherThanLettersDigitsHyphens_IsNone(string text, bool isTag) => AppPasswordTag.Is(text).ShouldBe(isTag);
}
