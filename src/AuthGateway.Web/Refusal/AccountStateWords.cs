using System.Collections.Frozen;
using AuthGateway.Core.Backends;

namespace AuthGateway.Web.Refusal;

/// <summary>
/// What a person is told whose password is right and whose account may not sign in all the same, and what the helpdesk is told about the same word. Never
/// shown to who has not proven the password: the words tell that a name exists.
/// </summary>
public static class AccountStateWords
{
    private static readonly FrozenDictionary<string, Words> s_words = new Dictionary<string, Words>(StringComparer.Ordinal)
    {
        [AccountStates.Disabled] = new(
            new("Your account is disabled.", "Your password is right. Ask your helpdesk to enable the account."),
            new("Ihr Konto ist deaktiviert.", "Ihr Kennwort ist richtig. Bitten Sie Ihren Helpdesk, das Konto zu aktivieren."),
            "The account is switched off. Enable it in the directory, if that is right.",
            "Das Konto ist ausgeschaltet. Im Verzeichnis aktivieren, wenn das richtig ist."),
        [AccountStates.Expired] = new(
            new("Your account has expired.", "Your password is right. Ask your helpdesk to extend the account."),
            new("Ihr Konto ist abgelaufen.", "Ihr Kennwort ist richtig. Bitten Sie Ihren Helpdesk, das Konto zu verlängern."),
            "The account's end date has passed. Set a later one in the directory, if that is right.",
            "Das Ablaufdatum des Kontos ist überschritten. Im Verzeichnis ein späteres setzen, wenn das richtig ist."),
        [AccountStates.MustChange] = new(
            new("You must choose a new password before you can sign in.", "The one you typed is right, but it is a temporary one."),
            new("Sie müssen ein neues Kennwort wählen, bevor Sie sich anmelden können.", "Das eingegebene ist richtig, gilt aber nur vorläufig."),
            "The password was set by somebody else and must be changed at the first sign-in.",
            "Das Kennwort wurde von jemand anderem gesetzt und muss bei der ersten Anmeldung geändert werden."),
        [AccountStates.PasswordExpired] = new(
            new("Your password has expired.", "The one you typed is right, but too old. Choose a new one."),
            new("Ihr Kennwort ist abgelaufen.", "Das eingegebene ist richtig, aber zu alt. Wählen Sie ein neues."),
            "The password is older than the directory allows. The user must change it, or you set a new one.",
            "Das Kennwort ist älter, als das Verzeichnis erlaubt. Der Benutzer muss es ändern, oder Sie setzen ein neues."),
        [AccountStates.Locked] = new(
            new("Your account is locked.", "Ask your helpdesk to unlock it."),
            new("Ihr Konto ist gesperrt.", "Bitten Sie Ihren Helpdesk, es zu entsperren."),
            "The directory locked the account after wrong passwords, or somebody locked it by hand. Unlock it there; look first where the wrong passwords come from.",
            "Das Verzeichnis hat das Konto nach falschen Kennwörtern gesperrt, oder jemand von Hand. Dort entsperren; zuerst nachsehen, woher die falschen Kennwörter kommen."),
        [AccountStates.LogonHours] = new(
            new("Your account may not be used at this time of day.", "Your password is right. Try again within your hours, or ask your helpdesk."),
            new("Ihr Konto darf zu dieser Zeit nicht benutzt werden.", "Ihr Kennwort ist richtig. Versuchen Sie es innerhalb Ihrer Zeiten, oder fragen Sie Ihren Helpdesk."),
            "The directory allows this account only at certain hours (logonHours).",
            "Das Verzeichnis erlaubt dieses Konto nur zu bestimmten Zeiten (logonHours)."),
        [AccountStates.Workstation] = new(
            new("Your account may only be used from certain computers.", "Your password is right. Ask your helpdesk if you need to sign in here."),
            new("Ihr Konto darf nur von bestimmten Rechnern aus benutzt werden.", "Ihr Kennwort ist richtig. Fragen Sie Ihren Helpdesk, wenn Sie sich hier anmelden müssen."),
            "The directory allows this account only on certain computers (userWorkstations), and the gateway is none of them. Empty the list, or let the account sign in elsewhere.",
            "Das Verzeichnis erlaubt dieses Konto nur an bestimmten Rechnern (userWorkstations), und das Gateway gehört nicht dazu. Die Liste leeren, oder das Konto meldet sich anderswo an."),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The sentence for the person himself; null for a word nobody has written one for.</summary>
    public static RefusalText? For(string state, string language) =>
        s_words.TryGetValue(state, out var words) ? language == "de" ? words.De : words.En : null;

    /// <summary>The sentence for the helpdesk; null for a word nobody has written one for.</summary>
    public static string? ForHelpdesk(string state, string language) =>
        s_words.TryGetValue(state, out var words) ? language == "de" ? words.HelpdeskDe : words.HelpdeskEn : null;

    private sealed record Words(RefusalText En, RefusalText De, string HelpdeskEn, string HelpdeskDe);
}
