using System.Text;
using AuthGateway.Core.Edge;
using Microsoft.Extensions.Primitives;

namespace AuthGateway.Tests.Core.Edge;

public sealed class BasicCredentialsTests
{
    [Theory]
    [InlineData("alice:pw", "alice", "pw")]
    [InlineData("alice:p:w", "alice", "p:w")]
    [InlineData("GW\\alice:pw", "GW\\alice", "pw")]
    [InlineData("ålice:pä€ß", "ålice", "pä€ß")]
    [InlineData("a\u030Alice:pw", "ålice", "pw")]
    [InlineData("alice: ", "alice", " ")]
    public void Parse_Utf8_IsRead(string plain, string user, string password)
    {
        BasicCredentials.Parse(Header(Encoding.UTF8.GetBytes(plain)), out var credentials).ShouldBe(BasicOutcome.Ok);
        credentials!.UserName.ShouldBe(user);
        Encoding.UTF8.GetString(credentials.Password.Utf8).ShouldBe(password);
    }

    [Fact]
    public void Parse_Latin1_IsReadWhenNotUtf8()
    {
        BasicCredentials.Parse(Header(Encoding.Latin1.GetBytes("müller:größe")), out var credentials).ShouldBe(BasicOutcome.Ok);
        credentials!.UserName.ShouldBe("müller");
        Encoding.UTF8.GetString(credentials.Password.Utf8).ShouldBe("größe");
    }

    [Theory]
    [InlineData("Bearer abc", BasicOutcome.OtherScheme)]
    [InlineData("Negotiate YII=", BasicOutcome.OtherScheme)]
    [InlineData("Basically YWxpY2U6cHc=", BasicOutcome.OtherScheme)]
    [InlineData("bAsIc YWxpY2U6cHc=", BasicOutcome.Ok)]
    [InlineData("", BasicOutcome.Malformed)]
    [InlineData("Basic", BasicOutcome.Malformed)]
    [InlineData("Basic ", BasicOutcome.Malformed)]
    [InlineData("Basic  YWxpY2U6cHc=", BasicOutcome.Malformed)]
    [InlineData("Basic YWxpY2U6cHc", BasicOutcome.Malformed)]
    [InlineData("Basic YWxpY2U6cHd=", BasicOutcome.Malformed)] // spare bits
    [InlineData("Basic YWxp Y2U6cHc=", BasicOutcome.Malformed)]
    [InlineData("Basic YWxpY2U6cHc= ", BasicOutcome.Malformed)]
    [InlineData("Basic YWxpY2U6cHc=, Basic Ym9iOnB3", BasicOutcome.Malformed)] // HD-06
    [InlineData("Basic YWxpY2U6c-_=", BasicOutcome.Malformed)]
    [InlineData("Basic ====", BasicOutcome.Malformed)]
    [InlineData("Basic YWxpY2U=", BasicOutcome.Malformed)] // no colon
    internal void Parse_Line_IsJudged(string line, BasicOutcome expected)
    {
        BasicCredentials.Parse(line, out var credentials).ShouldBe(expected);
        (credentials is not null).ShouldBe(expected == BasicOutcome.Ok);
    }

    [Theory]
    [InlineData(":pw")]
    [InlineData("alice:p\0w")]
    [InlineData("al\nice:pw")]
    [InlineData("alice:pw\r\n")]
    [InlineData("alice\u007F:pw")]
    [InlineData("al\u0085ice:pw")]
    [InlineData("al\u00ADice:pw")]
    [InlineData("al\u200Bice:pw")]
    [InlineData("al\u200Fice:pw")]
    [InlineData("al\u202Eice:pw")]
    [InlineData("al\u2066ice:pw")]
    [InlineData("\uFEFFalice:pw")]
    [InlineData("alice\uFFFE:pw")]
    [InlineData("alice\uFFFF:pw")]
    [InlineData("alice\uFDD0:pw")]
    public void Parse_UnprintableText_IsMalformed(string plain) =>
        BasicCredentials.Parse(Header(Encoding.UTF8.GetBytes(plain)), out _).ShouldBe(BasicOutcome.Malformed);

    [Fact]
    public void Parse_AnyCharacterInTheUserName_NeverThrows()
    {
        // Every character of the basic plane, and samples beyond.
        for (var value = 1; value <= 0x10FFFF; value += value < 0x10000 ? 1 : 251)
        {
            if (Rune.IsValid(value))
            {
                BasicCredentials.Parse(Header(Encoding.UTF8.GetBytes($"a{new Rune(value)}:pw")), out _);
            }
        }
    }

    [Theory]
    [InlineData(256, 1024, BasicOutcome.Ok)]
    [InlineData(257, 1, BasicOutcome.Malformed)]
    [InlineData(1, 1025, BasicOutcome.Malformed)]
    [InlineData(1, 20_000, BasicOutcome.Malformed)]
    [InlineData(5, 0, BasicOutcome.EmptyPassword)]
    internal void Parse_Lengths_AreBounded(int user, int password, BasicOutcome expected) =>
        BasicCredentials.Parse(Header(Encoding.ASCII.GetBytes(new string('u', user) + ':' + new string('p', password))), out _).ShouldBe(expected);

    [Fact]
    public void Parse_Lines_MustBeOne()
    {
        BasicCredentials.Parse(StringValues.Empty, out _).ShouldBe(BasicOutcome.None);
        BasicCredentials.Parse(new StringValues(["Basic YWxpY2U6cHc=", "Basic YWxpY2U6cHc="]), out _).ShouldBe(BasicOutcome.Malformed);
    }

    [Fact]
    public void Parse_Password_CannotBePrinted()
    {
        BasicCredentials.Parse("Basic YWxpY2U6cHc=", out var credentials);
        $"{credentials!.Password}".ShouldBe("(secret)");
    }

    private static string Header(byte[] plain) => "Basic " + Convert.ToBase64String(plain);
}
