using AuthGateway.Web.Pages;

namespace AuthGateway.Web.Portal.Factor;

/// <summary>The words of the page that asks for a second factor.</summary>
internal static class FactorPageWords
{
    public static readonly Phrase Title = new("Enter your code", "Code eingeben");
    public static readonly Phrase ConfirmTitle = new("Confirm that it is you", "Bestätigen Sie, dass Sie es sind");
    public static readonly Phrase AppHint = new("Open the authenticator app on your phone: {0}.", "Öffnen Sie die Authenticator-App auf Ihrem Telefon: {0}.");
    public static readonly Phrase NamelessHint = new("Open the authenticator app on your phone.", "Öffnen Sie die Authenticator-App auf Ihrem Telefon.");
    public static readonly Phrase RecoveryHint = new("Type in one of the recovery codes you printed or saved. Each is good once.", "Geben Sie einen der Wiederherstellungscodes ein, die Sie gedruckt oder gespeichert haben. Jeder gilt einmal.");
    public static readonly Phrase Code = new("Code from the app", "Code aus der App");
    public static readonly Phrase RecoveryCode = new("Recovery code", "Wiederherstellungscode");
    public static readonly Phrase Confirm = new("Confirm", "Bestätigen");
    public static readonly Phrase SignedInAs = new("You are signing in as {0}.", "Sie melden sich als {0} an.");
    public static readonly Phrase SomeoneElse = new("Someone else?", "Jemand anders?");
    public static readonly Phrase OtherWays = new("Another way", "Anderer Weg");
    public static readonly Phrase UseApp = new("Authenticator app", "Authenticator-App");
    public static readonly Phrase UseNamedApp = new("Authenticator app: {0}", "Authenticator-App: {0}");
    public static readonly Phrase UseRecovery = new("Recovery code", "Wiederherstellungscode");
    public static readonly Phrase Lost = new("Phone lost or replaced?", "Telefon verloren oder ersetzt?");

    public static readonly Phrase LostText = new(
        "Use a recovery code if you have one. If not, the helpdesk can help you, after making sure that you are you.",
        "Benutzen Sie einen Wiederherstellungscode, wenn Sie einen haben. Wenn nicht, hilft der Helpdesk, nachdem er sich vergewissert hat, dass Sie es sind.");

    public static readonly Phrase WrongRecovery = new(
        "This recovery code is not valid (any more). Type in another one.", "Dieser Wiederherstellungscode gilt nicht (mehr). Geben Sie einen anderen ein.");

    public static readonly Phrase Unavailable = new(
        "We cannot check codes right now. Your code is not the problem. Please try again in a few minutes.",
        "Codes lassen sich gerade nicht prüfen. Ihr Code ist nicht das Problem. Bitte versuchen Sie es in einigen Minuten noch einmal.");
}
