using System.Text;
using AuthGateway.Core.Backends.Helper;
using AuthGateway.Core.Identities;

namespace AuthGateway.Tests.Core.Backends.Helper;

/// <summary>Attack case HP-01: whatever a name or password holds, the helper is told exactly that, in one line, or nothing.</summary>
public sealed class HelperLineTests
{
    public static TheoryData<string, string?> Passwords => new()
    {
        { "secret", "secret" },
        { "$(id)`id`;|&<>*?!~#%^{}[]", "\"$(id)`id`;|&<>*?!~#%^{}[]\"" },
        { "two words", "\"two words\"" },
        { " lead", "\" lead\"" },
        { "quo\"te", "\"quo\\\"te\"" },
        { "back\\slash", "\"back\\\\slash\"" },
        { "\\\"", "\"\\\\\\\"\"" },
        { "ümläut€😀", "\"ümläut€😀\"" },
        { "x\n2 VRFY (a) root x", null },
        { "x\ry", null },
        { "x\0y", null },
        { "x\ty", null },
        { "x\u007fy", null },
        { "x\u0085y", null },
        { "x\u2028y", null },
        { "x\u2029y", null },
        { "", null },
    };

    [Theory]
    [MemberData(nameof(Passwords))]
    public void Verify_Password_IsToldVerbatimOrNotAtAll(string password, string? told)
    {
        var line = HelperLine.Verify("authgateway", "alice@example.org", Secret.FromText(password));

        (line is null ? null : Encoding.UTF8.GetString(line)).ShouldBe(told is null ? null : $"VRFY (authgateway) alice@example.org {told}");
        if (line is not null)
        {
            Words(Encoding.UTF8.GetString(line)).ShouldBe(["VRFY", "(authgateway)", "alice@example.org", password]);
        }
    }

    [Fact]
    public void Verify_EveryByte_ComesBackOrIsRefused()
    {
        for (var one = 0; one < 256; one++)
        {
            var line = HelperLine.Verify("s", "alice", Secret.FromUtf8([(byte)'a', (byte)one]));
            (line is null).ShouldBe(one is < 0x20 or >= 0x7f, $"byte {one}");
            if (line is not null)
            {
                Words(Encoding.UTF8.GetString(line))[^1].ShouldBe($"a{(char)one}");
            }
        }
    }

    [Fact]
    public void Verify_Name_IsQuotedLikeAPassword()
    {
        Encoding.UTF8.GetString(HelperLine.Verify("s", "al \"ice\\", Secret.FromText("x"))!).ShouldBe("VRFY (s) \"al \\\"ice\\\\\" x");
        HelperLine.Verify("s", "a\nb", Secret.FromText("x")).ShouldBeNull();
    }

    [Theory]
    [InlineData(1024, 'x', true)]
    [InlineData(1024, '"', true)]
    [InlineData(10_240, 'x', false)]
    public void Verify_LongPassword_FitsTheLineOrIsRefused(int length, char of, bool fits)
    {
        var line = HelperLine.Verify("s", new string('n', 256), Secret.FromText(new string(of, length)));

        (line is not null).ShouldBe(fits);
        (line?.Length ?? 0).ShouldBeLessThan(HelperLine.LongestBytes - 20);
    }

    [Theory]
    [InlineData("2 OK", 2, "Ok", "")]
    [InlineData("17 OK whatever", 17, "Ok", "whatever")]
    [InlineData("2 ERROR unknown user", 2, "Error", "unknown user")]
    [InlineData("2 FAILURE no database", 2, "Failure", "no database")]
    [InlineData("1 INTF 3", 1, "Interface", "3")]
    public void TryParse_Answer_IsRead(string line, long number, string word, string text)
    {
        HelperLine.TryParse(Encoding.UTF8.GetBytes(line), out var found, out var reply).ShouldBeTrue();

        found.ShouldBe(number);
        (reply.Word.ToString(), reply.Text).ShouldBe((word, text));
    }

    [Theory]
    [InlineData("")]
    [InlineData("OK")]
    [InlineData("2")]
    [InlineData("2 ")]
    [InlineData(" 2 OK")]
    [InlineData("2OK")]
    [InlineData("2 ok")]
    [InlineData("2 OKAY")]
    [InlineData("-2 OK")]
    [InlineData("+2 OK")]
    [InlineData("0x2 OK")]
    [InlineData("2\tOK")]
    [InlineData("99999999999999999999 OK")]
    [InlineData("Traceback (most recent call last):")]
    public void TryParse_AnythingElse_IsNoAnswer(string line) =>
        HelperLine.TryParse(Encoding.UTF8.GetBytes(line), out _, out _).ShouldBeFalse();

    /// <summary>The rule of docs/helpers.md, as a helper would read it.</summary>
    private static List<string> Words(string line)
    {
        var words = new List<string>();
        for (var i = 0; i < line.Length; i++)
        {
            var word = new StringBuilder();
            if (line[i] != '"')
            {
                for (; i < line.Length && line[i] != ' '; i++)
                {
                    word.Append(line[i]);
                }
            }
            else
            {
                for (i++; line[i] != '"'; i++)
                {
                    i += line[i] == '\\' ? 1 : 0;
                    word.Append(line[i]);
                }

                i++;
            }

            words.Add(word.ToString());
        }

        return words;
    }
}
