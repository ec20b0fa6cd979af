using AuthGateway.Web.Pages;

namespace AuthGateway.Web.Portal.Enrolment;

/// <summary>The words of the page that sets up an authenticator app, and of recovery codes.</summary>
internal static class EnrolmentWords
{
    public static readonly Phrase Title = new("Set up an authenticator app", "Authenticator\u2011App einrichten");

    public static readonly Phrase Intro = new(
        "From now on a code from your phone proves that it is you, should anybody else learn your password.",
        "Künftig beweist ein Code von Ihrem Telefon, dass Sie es sind, falls jemand anders Ihr Kennwort erfährt.");

    public static readonly Phrase InstallTitle = new("Install an app", "App installieren");

    public static readonly Phrase InstallText = new(
        "Any authenticator app will do, for example Aegis, 2FAS, FreeOTP, Google or Microsoft Authenticator. Get it from your phone's app store.",
        "Jede Authenticator-App ist recht, zum Beispiel Aegis, 2FAS, FreeOTP, Google oder Microsoft Authenticator. Sie finden sie im App-Store Ihres Telefons.");

    public static readonly Phrase ScanTitle = new("Scan the picture", "Bild scannen");
    public static readonly Phrase ScanText = new("In the app, choose to add an account and point the camera here.", "Wählen Sie in der App „Konto hinzufügen“ und richten Sie die Kamera hierher.");
    public static readonly Phrase QrLabel = new("QR code for the authenticator app", "QR-Code für die Authenticator-App");
    public static readonly Phrase OnThisPhone = new("Reading this on the phone? Open the app from here", "Lesen Sie dies auf dem Telefon? App von hier aus öffnen");
    public static readonly Phrase TypeInstead = new("Or type this key into the app:", "Oder tippen Sie diesen Schlüssel in die App:");
    public static readonly Phrase Copy = new("Copy", "Kopieren");
    public static readonly Phrase Copied = new("Copied", "Kopiert");
    public static readonly Phrase ConfirmTitle = new("Confirm with a code", "Mit einem Code bestätigen");
    public static readonly Phrase Label = new("Name of this phone", "Name dieses Telefons");
    public static readonly Phrase LabelHint = new("So that you know it again, such as “Pixel” or “work phone”.", "Damit Sie es wiedererkennen, etwa „Pixel“ oder „Diensttelefon“.");
    public static readonly Phrase Code = new("Code the app shows", "Code, den die App zeigt");
    public static readonly Phrase Confirm = new("Finish", "Fertigstellen");

    public static readonly Phrase InviteTitle = new("Enrolment code", "Einrichtungscode");

    public static readonly Phrase InviteText = new(
        "To set up an authenticator app from here you need a code from the helpdesk: a stolen password alone must not be enough. In the network of your organisation it may go without.",
        "Um von hier aus eine Authenticator-App einzurichten, brauchen Sie einen Code vom Helpdesk: Ein gestohlenes Kennwort allein darf nicht genügen. Im Netz Ihrer Organisation geht es vielleicht ohne.");

    public static readonly Phrase InviteLabel = new("Code from the helpdesk", "Code vom Helpdesk");
    public static readonly Phrase InviteWrong = new("This code is not valid (any more). Check it, or ask the helpdesk for a new one.", "Dieser Code gilt nicht (mehr). Prüfen Sie ihn oder bitten Sie den Helpdesk um einen neuen.");
    public static readonly Phrase Next = new("Next", "Weiter");

    public static readonly Phrase FullTitle = new("You have as many apps as you may", "Sie haben so viele Apps, wie möglich sind");
    public static readonly Phrase FullText = new("Remove one under “My account” before you set up another.", "Entfernen Sie unter „Mein Konto“ eine, bevor Sie eine weitere einrichten.");
    public static readonly Phrase MyAccount = new("My account", "Mein Konto");

    public static readonly Phrase CodesTitle = new("Your recovery codes", "Ihre Wiederherstellungscodes");
    public static readonly Phrase AppDone = new("The app is set up. One more thing:", "Die App ist eingerichtet. Eines noch:");

    public static readonly Phrase CodesText = new(
        "If the phone is lost, each of these codes signs you in once. Print them or keep them where the phone is not; they are shown only now.",
        "Ist das Telefon weg, meldet jeder dieser Codes Sie einmal an. Drucken Sie sie oder verwahren Sie sie getrennt vom Telefon; gezeigt werden sie nur jetzt.");

    public static readonly Phrase CodesVoid = new("Earlier recovery codes are void.", "Frühere Wiederherstellungscodes gelten nicht mehr.");
    public static readonly Phrase CopyAll = new("Copy all", "Alle kopieren");
    public static readonly Phrase Print = new("Print", "Drucken");
    public static readonly Phrase Continue = new("Continue", "Weiter");
}
