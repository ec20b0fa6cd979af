using AuthGateway.Web.Pages;

namespace AuthGateway.Web.Portal.SignIn;

/// <summary>The words of the sign-in and sign-out pages.</summary>
internal static class SignInWords
{
    public static readonly Phrase Title = new("Sign in to {0}", "Anmelden bei {0}");
    public static readonly Phrase Name = new("User name", "Benutzername");
    public static readonly Phrase Password = new("Password", "Kennwort");
    public static readonly Phrase Show = new("Show", "Anzeigen");
    public static readonly Phrase Hide = new("Hide", "Verbergen");
    public static readonly Phrase ShowLabel = new("Show password", "Kennwort anzeigen");
    public static readonly Phrase HideLabel = new("Hide password", "Kennwort verbergen");
    public static readonly Phrase SignIn = new("Sign in", "Anmelden");
    public static readonly Phrase Again = new("Type your password once more to go on.", "Geben Sie Ihr Kennwort noch einmal ein, um fortzufahren.");
    public static readonly Phrase Trouble = new("Cannot sign in? Helpdesk:", "Anmeldung klappt nicht? Helpdesk:");

    public static readonly Phrase Helpdesk = new("Helpdesk:", "Helpdesk:");

    public static readonly Phrase AlreadyTitle = new("You are signed in", "Sie sind angemeldet");
    public static readonly Phrase AlreadyText = new("As {0} on {1}.", "Als {0} bei {1}.");
    public static readonly Phrase Continue = new("Continue", "Weiter");
    public static readonly Phrase SomeoneElse = new("Sign in as someone else", "Als jemand anders anmelden");
    public static readonly Phrase MyAccount = new("My account", "Mein Konto");

    public static readonly Phrase OutTitle = new("Sign out?", "Abmelden?");
    public static readonly Phrase OutText = new("You are signed in as {0} on {1}.", "Sie sind als {0} bei {1} angemeldet.");
    public static readonly Phrase SignOut = new("Sign out", "Abmelden");
    public static readonly Phrase Stay = new("Stay signed in", "Angemeldet bleiben");
    public static readonly Phrase DoneTitle = new("You are signed out", "Sie sind abgemeldet");

    public static readonly Phrase DoneText = new(
        "Pages you opened are no longer kept in this browser. On a computer others use too, close its windows as well.",
        "Geöffnete Seiten sind in diesem Browser nicht mehr gespeichert. An einem Rechner, den auch andere benutzen, schließen Sie zusätzlich alle Fenster.");

    public static readonly Phrase SignInAgain = new("Sign in again", "Wieder anmelden");
}
