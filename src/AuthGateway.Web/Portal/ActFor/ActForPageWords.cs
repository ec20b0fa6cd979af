using AuthGateway.Web.Pages;

namespace AuthGateway.Web.Portal.ActFor;

/// <summary>The words of acting for another user.</summary>
internal static class ActForPageWords
{
    public static readonly Phrase Title = new("Act for another user", "Für eine andere Person handeln");

    public static readonly Phrase Text = new(
        "You open that person's mailbox on {0} with your own sign-in. It ends by itself after {1} minutes, and both names are written down with your reason.",
        "Sie öffnen das Postfach dieser Person bei {0} mit Ihrer eigenen Anmeldung. Nach {1} Minuten endet das von selbst; beide Namen und Ihr Grund werden festgehalten.");

    public static readonly Phrase Target = new("User name or mail address", "Benutzername oder Mailadresse");
    public static readonly Phrase Reason = new("Reason", "Grund");
    public static readonly Phrase ReasonHint = new("For the record: a ticket number or a sentence, up to 200 characters.", "Für das Protokoll: eine Vorgangsnummer oder ein Satz, höchstens 200 Zeichen.");
    public static readonly Phrase Begin = new("Act for this person", "Für diese Person handeln");
    public static readonly Phrase ReasonMissing = new("Give a reason of at most 200 characters.", "Geben Sie einen Grund mit höchstens 200 Zeichen an.");

    public static readonly Phrase ActingTitle = new("You are acting for {0}", "Sie handeln für {0}");

    public static readonly Phrase ActingText = new(
        "Everything you open on {0} is {1}'s, in every tab of this browser. Your session ends at {2} unless you go back before.",
        "Alles, was Sie bei {0} öffnen, gehört {1}, in jedem Tab dieses Browsers. Ihre Sitzung endet um {2}, wenn Sie nicht vorher zurückkehren.");

    public static readonly Phrase Open = new("Open {0}", "{0} öffnen");

    public static readonly Phrase Banner = new("Acting for {0}", "Sie handeln für {0}");
    public static readonly Phrase BannerWho = new("Signed in as {0}.", "Angemeldet als {0}.");
    public static readonly Phrase Back = new("Back to myself", "Zurück zu mir");
    public static readonly Phrase Manage = new("What this means, and the way back", "Was das heißt, und der Weg zurück");
}
