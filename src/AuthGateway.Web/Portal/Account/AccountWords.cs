using AuthGateway.Web.Pages;

namespace AuthGateway.Web.Portal.Account;

/// <summary>The words of the account page.</summary>
internal static class AccountWords
{
    public static readonly Phrase Title = new("My account", "Mein Konto");
    public static readonly Phrase SignedInAs = new("Signed in as {0} on {1}.", "Angemeldet als {0} bei {1}.");
    public static readonly Phrase SignOut = new("Sign out", "Abmelden");
    public static readonly Phrase Back = new("Back to {0}", "Zurück zu {0}");

    public static readonly Phrase Password = new("Password", "Kennwort");
    public static readonly Phrase PasswordChange = new("Change password", "Kennwort ändern");

    public static readonly Phrase Apps = new("Authenticator apps", "Authenticator-Apps");
    public static readonly Phrase NoApps = new("No app is set up. With one, a stolen password alone opens nothing.", "Es ist keine App eingerichtet. Mit einer öffnet ein gestohlenes Kennwort allein nichts.");
    public static readonly Phrase AddApp = new("Set up an app", "App einrichten");
    public static readonly Phrase AddAnother = new("Set up another app", "Weitere App einrichten");
    public static readonly Phrase Nameless = new("Authenticator app", "Authenticator-App");
    public static readonly Phrase Name = new("Name", "Name");
    public static readonly Phrase Since = new("Set up", "Eingerichtet");
    public static readonly Phrase LastUsed = new("Last used", "Zuletzt benutzt");
    public static readonly Phrase Never = new("never", "nie");
    public static readonly Phrase Remove = new("Remove", "Entfernen");
    public static readonly Phrase RemoveAsk = new("Remove “{0}”? Its codes are no longer taken.", "„{0}“ entfernen? Codes daraus gelten dann nicht mehr.");
    public static readonly Phrase RemoveLast = new("It is your only app, so your recovery codes go with it.", "Es ist Ihre einzige App, darum entfallen auch Ihre Wiederherstellungscodes.");
    public static readonly Phrase RemoveDo = new("Remove “{0}”", "„{0}“ entfernen");

    public static readonly Phrase Codes = new("Recovery codes", "Wiederherstellungscodes");
    public static readonly Phrase CodesLeft = new("{0} of 10 left. Each signs you in once when the phone is not at hand.", "Noch {0} von 10. Jeder meldet Sie einmal an, wenn das Telefon nicht zur Hand ist.");
    public static readonly Phrase CodesNone = new("You get them with your first app.", "Sie erhalten sie mit Ihrer ersten App.");
    public static readonly Phrase CodesRenew = new("Make new codes", "Neue Codes erstellen");
    public static readonly Phrase CodesAsk = new("The codes you have now become void at once.", "Ihre jetzigen Codes gelten dann sofort nicht mehr.");

    public static readonly Phrase Sessions = new("Open sessions", "Offene Sitzungen");
    public static readonly Phrase Device = new("Device", "Gerät");
    public static readonly Phrase Address = new("Address", "Adresse");
    public static readonly Phrase SignedIn = new("Signed in", "Angemeldet");
    public static readonly Phrase ThisOne = new("this one", "diese hier");
    public static readonly Phrase Unfinished = new("sign-in not finished", "Anmeldung nicht abgeschlossen");
    public static readonly Phrase Revoke = new("Sign out", "Abmelden");
    public static readonly Phrase RevokeLabel = new("Sign out {0}", "{0} abmelden");
    public static readonly Phrase RevokeOthers = new("Sign out everywhere else", "Überall sonst abmelden");
    public static readonly Phrase RevokeHint = new("A session you do not know? Sign it out and change your password.", "Eine Sitzung kennen Sie nicht? Melden Sie sie ab und ändern Sie Ihr Kennwort.");
    public static readonly Phrase Action = new("Action", "Aktion");
}
