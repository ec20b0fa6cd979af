using System.Collections.Frozen;
using AuthGateway.Core.Backends;

namespace AuthGateway.Web.Refusal;

/// <summary>
/// What a person is told whose password is right and whose account may not sign in all the same. Never shown to who has not proven the password: the words
/// tell that a name exists. What the helpdesk does about each word stands in docs/helpdesk.md.
/// </summary>
public static class AccountStateWords
{
    private static readonly FrozenDictionary<string, Words> s_words = new Dictionary<string, Words>(StringComparer.Ordinal)
    {
        [AccountStates.Disabled] = new(
            new("Your account is disabled.", "Your password is right. Ask your helpdesk to enable the account."),
            new("Ihr Konto ist deaktiviert.", "Ihr Kennwort ist richtig. Bitten Sie Ihren Helpdesk, das Konto zu aktivieren.")),
        [AccountStates.Expired] = new(
            new("Your account has expired.", "Your password is right. Ask your helpdesk to extend the account."),
            new("Ihr Konto ist abgelaufen.", "Ihr Kennwort ist richtig. Bitten Sie Ihren Helpdesk, das Konto zu verlängern.")),
        [AccountStates.MustChange] = new(
            new("You must choose a new password before you can sign in.", "The one you typed is right, but it is a temporary one."),
            new("Sie müssen ein neues Kennwort wählen, bevor Sie sich anmelden können.", "Das eingegebene ist richtig, gilt aber nur vorläufig.")),
        [AccountStates.PasswordExpired] = new(
            new("Your password has expired.", "The one you typed is right, but too old. Choose a new one."),
            new("Ihr Kennwort ist abgelaufen.", "Das eingegebene ist richtig, aber zu alt. Wählen Sie ein neues.")),
        [AccountStates.Locked] = new(
            new("Your account is locked.", "Ask your helpdesk to unlock it."),
            new("Ihr Konto ist gesperrt.", "Bitten Sie Ihren Helpdesk, es zu entsperren.")),
        [AccountStates.LogonHours] = new(
            new("Your account may not be used at this time of day.", "Your password is right. Try again within your hours, or ask your helpdesk."),
            new("Ihr Konto darf zu dieser Zeit nicht benutzt werden.", "Ihr Kennwort ist richtig. Versuchen Sie es innerhalb Ihrer Zeiten, oder fragen Sie Ihren Helpdesk.")),
        [AccountStates.Workstation] = new(
            new("Your account may only be used from certain computers.", "Your password is right. Ask your helpdesk if you need to sign in here."),
            new("Ihr Konto darf nur von bestimmten Rechnern aus benutzt werden.", "Ihr Kennwort ist richtig. Fragen Sie Ihren Helpdesk, wenn Sie sich hier anmelden müssen.")),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The sentence for the person himself; null for a word nobody has written one for.</summary>
    public static RefusalText? For(string state, string language) =>
        s_words.TryGetValue(state, out var words) ? language == "de" ? words.De : words.En : null;

    private sealed record Words(RefusalText En, RefusalText De);
}
