using AuthGateway.Core.Backends;
using AuthGateway.Tests.Conventions;
using AuthGateway.Web.Pages;
using AuthGateway.Web.Refusal;

namespace AuthGateway.Tests.Web.Refusal;

public sealed class AccountStateWordsTests
{
    public static TheoryData<string> States => new(AccountStates.All);

    [Theory]
    [MemberData(nameof(States))]
    public void Words_EveryState_HasSentencesForPersonAndHelpdesk(string state)
    {
        foreach (var language in PageLanguage.All)
        {
            var text = AccountStateWords.For(state, language).ShouldNotBeNull();
            text.What.ShouldEndWith(".");
            text.Remedy.ShouldEndWith(".");
        }

        (AccountStateWords.For(state, "de") == AccountStateWords.For(state, "en")).ShouldBeFalse();
        File.ReadAllText(Path.Combine(Repository.Root, "docs", "helpdesk.md")).ShouldContain($"| `{state}` |");
    }

    [Fact]
    public void Words_UnknownState_HasNone() => AccountStateWords.For("haunted", "en").ShouldBeNull();
}
