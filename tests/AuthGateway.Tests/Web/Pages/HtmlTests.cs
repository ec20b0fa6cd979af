using AuthGateway.Web.Pages;

namespace AuthGateway.Tests.Web.Pages;

public sealed class HtmlTests
{
    [Fact]
    public void Template_Text_IsEncodedAndMarkupIsNot()
    {
        var inner = Html.Of($"<b>{"<i>&\"'"}</b>");

        Html.Of($"<p title=\"{"\" onload=\""}\">{inner}{42}{(string?)null}</p>").ToString()
            .ShouldBe("<p title=\"&quot; onload=&quot;\"><b>&lt;i&gt;&amp;&quot;&#x27;</b>42</p>");
    }

    [Theory]
    [InlineData("\u202E")]
    [InlineData("\u2066")]
    [InlineData("\u200B")]
    [InlineData("\uFEFF")]
    [InlineData("\0")]
    public void Template_InvisibleCharacters_AreShownByNumber(string text) => Html.Of($"{text}").ToString().ShouldBe($"\\u{(int)text[0]:x4}");

    [Fact]
    public void Template_Umlauts_StayAsTheyAre() => Html.Of($"{"Prüfen „ß“"}").ToString().ShouldBe("Prüfen „ß“");

    [Fact]
    public void Default_IsNothing() => Html.Of($"a{default(Html)}b").ToString().ShouldBe("ab");
}
