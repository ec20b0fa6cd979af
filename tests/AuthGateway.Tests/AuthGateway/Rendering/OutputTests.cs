using AuthGateway.Core.Audit;
using AuthGateway.Core.Faults;
using AuthGateway.Rendering;

namespace AuthGateway.Tests.Rendering;

public sealed class OutputTests
{
    private static readonly DateTimeOffset s_now = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("x\r\nallowed", @"x\r\nallowed")]
    [InlineData("a\u202Eb", @"a\u202eb")]
    [InlineData("\u001b[31m", @"\u001b[31m")]
    [InlineData("a\u2028b\u00a0c", @"a\u2028b\u00a0c")]
    [InlineData("Jörg 😀 DOM\\x", "Jörg 😀 DOM\\x")]
    public void Escape_HiddenCharacters_AreShownByNumber(string text, string shown) => VisibleText.Escape(text).ShouldBe(shown);

    // Not an attribute's argument: metadata is UTF-8, which has no lone surrogates.
    [Fact]
    public void Escape_LoneSurrogate_IsShownByNumber() => VisibleText.Escape(string.Concat("a", (char)0xD800, "b")).ShouldBe(@"a\ud800b");

    [Fact]
    public void Table_InAPipe_KeepsARowOnOneLine()
    {
        using var result = new StringWriter();
        new Output(result, TextWriter.Null).Table(["WHO", "WHAT"], [["x\r\nroot", "[red]deny[/]"], [new string('y', 300), null]]);

        var lines = result.ToString().TrimEnd().Split(Environment.NewLine);
        lines.Length.ShouldBe(3);
        lines[0].ShouldStartWith("WHO");
        lines[1].ShouldStartWith(@"x\r\nroot");
        lines[1].ShouldEndWith("[red]deny[/]");
        lines[2].ShouldEndWith(" -");
        result.ToString().ShouldNotContain("\u001b");
    }

    [Fact]
    public void Table_OnATerminal_FitsEightyColumns()
    {
        using var result = new StringWriter();
        new Output(result, TextWriter.Null, terminal: true).Table(["WHO", "WHAT"], [["alice", string.Join(' ', Enumerable.Repeat("word", 60))]]);

        result.ToString().Split(Environment.NewLine).ShouldAllBe(line => line.Length <= 80);
    }

    [Fact]
    public void Json_Record_HasTheNamesOfTheAuditLog()
    {
        using var result = new StringWriter();
        new Output(result, TextWriter.Null, json: true).Json(new AuditRecord { At = s_now, Event = "refusal", Reason = "no-rule", Verdict = "deny", TypedName = "a\u202e" });

        result.ToString().TrimEnd().ShouldBe("""{"id":0,"at":"2026-11-22T12:00:00+00:00","event":"refusal","reason":"no-rule","verdict":"deny","typedName":"a\u202E","count":1}""");
    }

    [Fact]
    public void Faults_Fault_NamesFileKeyValueAndRemedy()
    {
        using var error = new StringWriter();
        new Output(TextWriter.Null, error).Faults([new Fault(FaultSeverity.Error, "AuthGateway:X", "phone", "No policy has this name.", "appsettings.json")]);

        error.ToString().ShouldBe($"appsettings.json: AuthGateway:X = \"phone\"{Environment.NewLine}  No policy has this name.{Environment.NewLine}");
    }

    [Theory]
    [InlineData(FaultSeverity.Warning, true, "\u001b[31mwarning: AuthGateway:X\u001b[0m")]
    [InlineData(FaultSeverity.Error, true, "\u001b[1;31mAuthGateway:X\u001b[0m")]
    [InlineData(FaultSeverity.Warning, false, "warning: AuthGateway:X")]
    [InlineData(FaultSeverity.Error, false, "AuthGateway:X")]
    public void Faults_OnATerminal_AreRedAndWarningsSaySo(FaultSeverity severity, bool color, string line)
    {
        using var error = new StringWriter();
        new Output(TextWriter.Null, error, terminal: true, progressColor: color).Faults([new Fault(severity, "AuthGateway:X", null, "Mend it.", null)]);

        error.ToString().ShouldBe($"{line}{Environment.NewLine}  Mend it.{Environment.NewLine}");
    }

    [Theory]
    [InlineData(0, "just now")]
    [InlineData(41, "41 s ago")]
    [InlineData(180, "3 min ago")]
    [InlineData(-720, "in 12 min")]
    [InlineData(36000, "10 h ago")]
    [InlineData(864000, "10 d ago")]
    public void Relative_Distance_IsRounded(int secondsAgo, string text) => TimeText.Relative(s_now.AddSeconds(-secondsAgo), s_now).ShouldBe(text);

    [Theory]
    [InlineData("2h", "2026-11-22 10:00:00Z")]
    [InlineData("7d", "2026-11-15 12:00:00Z")]
    [InlineData("2026-11-22 08:00", "2026-11-22 08:00:00Z")]
    [InlineData("2026-11-22T08:00:00+02:00", "2026-11-22 06:00:00Z")]
    public void TryParseSince_Spelling_IsUnderstood(string text, string expected)
    {
        TimeText.TryParseSince(text, s_now, out var since).ShouldBeTrue();
        TimeText.Absolute(since).ShouldBe(expected);
    }

    [Theory]
    [InlineData("")]
    [InlineData("h")]
    [InlineData("-2h")]
    [InlineData("2y")]
    [InlineData("999999999d")]
    [InlineData("yesterday")]
    public void TryParseSince_Nonsense_IsRefused(string text) => TimeText.TryParseSince(text, s_now, out _).ShouldBeFalse();
}
