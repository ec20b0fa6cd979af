using AuthGateway.Web.Pages;

namespace AuthGateway.Web.Portal.Password;

/// <summary>The words of the page that changes a password.</summary>
internal static class PasswordWords
{
    public static readonly Phrase Title = new("Change your password", "Kennwort ändern");
    public static readonly Phrase MustChange = new("Choose a new password to go on.", "Wählen Sie ein neues Kennwort, um fortzufahren.");
    public static readonly Phrase MustChangeElsewhere = new(
        "That works from the network of your organisation only; the helpdesk can do it for you too.", "Das geht nur aus dem Netz Ihrer Organisation; auch der Helpdesk kann es für Sie tun.");

    public static readonly Phrase Grace = new("Your password has expired. Sign-ins left with it: {0}.", "Ihr Kennwort ist abgelaufen. Noch mögliche Anmeldungen damit: {0}.");
    public static readonly Phrase Expires = new("Your password expires on {0}.", "Ihr Kennwort läuft am {0} ab.");
    public static readonly Phrase ExpiresSoon = new("Your password expires soon.", "Ihr Kennwort läuft bald ab.");
    public static readonly Phrase Later = new("Later", "Später");

    public static readonly Phrase Name = new("User name", "Benutzername");
    public static readonly Phrase Current = new("Current password", "Aktuelles Kennwort");
    public static readonly Phrase New = new("New password", "Neues Kennwort");
    public static readonly Phrase Repeat = new("New password once more", "Neues Kennwort noch einmal");
    public static readonly Phrase Hint = new("Up to 256 characters. A few words in a row are easier to remember than signs.", "Bis zu 256 Zeichen. Mehrere Wörter hintereinander merken sich leichter als Sonderzeichen.");
    public static readonly Phrase EndsSessions = new("You are then signed out everywhere and sign in with the new password.", "Sie sind danach überall abgemeldet und melden sich mit dem neuen Kennwort an.");
    public static readonly Phrase Do = new("Change password", "Kennwort ändern");
    public static readonly Phrase Back = new("Back", "Zurück");

    public static readonly Phrase UnfitLength = new("A new password has 1 to 256 characters.", "Ein neues Kennwort hat 1 bis 256 Zeichen.");
    public static readonly Phrase UnfitCharacters = new("The new password has a character that cannot be typed everywhere. Leave it out.", "Das neue Kennwort enthält ein Zeichen, das sich nicht überall eingeben lässt. Lassen Sie es weg.");
    public static readonly Phrase UnfitRepeat = new("The new password was not typed the same way twice.", "Das neue Kennwort wurde nicht zweimal gleich eingegeben.");
    public static readonly Phrase UnfitSame = new("The new password is the current one. Choose another.", "Das neue Kennwort ist das aktuelle. Wählen Sie ein anderes.");

    public static readonly Phrase RulePolicy = new(
        "This new password was not accepted: it is too short, too simple or was used before.", "Dieses neue Kennwort wurde nicht angenommen: Es ist zu kurz, zu einfach oder wurde schon einmal benutzt.");

    public static readonly Phrase RuleTooShort = new("The new password is too short. Take a few words more.", "Das neue Kennwort ist zu kurz. Nehmen Sie ein paar Wörter mehr.");
    public static readonly Phrase RuleTooCommon = new("The new password is one of those that are tried first or were stolen elsewhere. Choose another.", "Das neue Kennwort ist eines von denen, die zuerst ausprobiert werden oder anderswo gestohlen wurden. Wählen Sie ein anderes.");
    public static readonly Phrase RuleLoginName = new("The new password must not be your user name.", "Das neue Kennwort darf nicht Ihr Benutzername sein.");
    public static readonly Phrase RuleRepeated = new("The new password must not be one character repeated.", "Das neue Kennwort darf nicht aus einem einzigen wiederholten Zeichen bestehen.");
    public static readonly Phrase RuleUnchecked = new("New passwords cannot be checked at the moment, so yours was not changed. Try again later.", "Neue Kennwörter lassen sich zurzeit nicht prüfen, darum wurde Ihres nicht geändert. Versuchen Sie es später noch einmal.");

    public static readonly Phrase RuleTooYoung = new("Your password was changed only a short while ago and cannot be changed again yet.", "Ihr Kennwort wurde erst vor Kurzem geändert und lässt sich noch nicht wieder ändern.");
    public static readonly Phrase RuleNotAllowed = new("Your password cannot be changed here. Ask your helpdesk.", "Ihr Kennwort lässt sich hier nicht ändern. Wenden Sie sich an Ihren Helpdesk.");
    public static readonly Phrase RuleLocked = new("Your account is locked at the moment, so the password was not changed. Wait a while, or ask your helpdesk.", "Ihr Konto ist zurzeit gesperrt, darum wurde das Kennwort nicht geändert. Warten Sie eine Weile oder wenden Sie sich an Ihren Helpdesk.");
    public static readonly Phrase Said = new("Its own words: “{0}”", "Im Wortlaut: „{0}“");

    public static readonly Phrase DoneTitle = new("Your password is changed", "Ihr Kennwort ist geändert");
    public static readonly Phrase DoneText = new("Sign in with the new one, and enter it in every app and device that kept the old one.", "Melden Sie sich mit dem neuen an und tragen Sie es in jeder App und jedem Gerät ein, die das alte gespeichert haben.");
    public static readonly Phrase SignIn = new("Sign in", "Anmelden");

    public static readonly Phrase FirstTitle = new("Sign in first", "Melden Sie sich zuerst an");
    public static readonly Phrase FirstText = new("Your password still serves. Sign in with it; you can change it then.", "Ihr Kennwort gilt noch. Melden Sie sich damit an, danach können Sie es ändern.");

    public static readonly Phrase UnsureTitle = new("We do not know whether your password was changed", "Ob Ihr Kennwort geändert wurde, wissen wir nicht");
    public static readonly Phrase UnsureText = new("The directory did not answer in time. Wait a moment and sign in with the new password; if that does not work, the old one still holds.", "Das Verzeichnis hat nicht rechtzeitig geantwortet. Warten Sie einen Moment und melden Sie sich mit dem neuen Kennwort an; klappt das nicht, gilt noch das alte.");

    public static readonly Phrase NotHereTitle = new("Your password is changed elsewhere", "Ihr Kennwort ändern Sie an anderer Stelle");
}
