using AuthGateway.Core.Audit;

namespace AuthGateway.Tests.Core.Audit;

public sealed class AuditTextTests
{
    [Theory]
    [InlineData("anna", "anna")]
    [InlineData("Ännä 😀", "Ännä 😀")]
    [InlineData("x\r\n2026-11-22 LOGIN ok dave", @"x\u000D\u000A2026-11-22 LOGIN ok dave")]
    [InlineData("a\u202Eb\u200Bc\u2028d\u001b[31m", @"a\u202Eb\u200Bc\u2028d\u001B[31m")]
    [InlineData(@"a\u000D", @"a\\u000D")]
    [InlineData("tag\U000E0041", @"tag\uDB40\uDC41")]
    public void Escape_HiddenCharacters_AreSpelledOut(string text, string expected) => AuditText.Escape(text).ShouldBe(expected);

    [Fact]
    public void Escape_LoneSurrogate_IsSpelledOut() => AuditText.Escape("a" + (char)0xD800).ShouldBe(@"a\uD800");

    [Fact]
    public void Escape_NothingToEscape_IsTheSameText()
    {
        var text = "Outlook/16.0 (anna)";
        AuditText.Escape(text).ShouldBeSameAs(text);
    }

    [Fact]
    public void Escape_LongText_IsCut() => AuditText.Escape(new string('a', 1000)).Length.ShouldBe(256);
}
