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

    public static readonly Phrase OtherWays = new("Another way", "Anderer Weg");
    public static readonly Phrase ByTicket = new("Sign in with my computer's account", "Mit dem Konto meines Rechners anmelden");
    public static readonly Phrase ByDevice = new("Sign in with this device's certificate", "Mit dem Zertifikat dieses Geräts anmelden");
    public static readonly Phrase ByHeader = new("Go on as {0}", "Weiter als {0}");
    public static readonly Phrase OnlyName = new("User name, without a password", "Benutzername, ohne Kennwort");
    public static readonly Phrase ByName = new("Sign in without a password", "Ohne Kennwort anmelden");
    public static readonly Phrase WithPassword = new("Sign in with a password", "Mit Kennwort anmelden");
    public static readonly Phrase TicketAgain = new("Try the ticket once more", "Ticket noch einmal versuchen");
    public static readonly Phrase NoTicketTitle = new("Your browser sent no ticket.", "Ihr Browser hat kein Ticket geschickt.");

    public static readonly Phrase NoTicketText = new(
        "This works on a computer that is logged in to the domain, in a browser set up for it. Sign in with your password, or ask your helpdesk.",
        "Das geht an einem Rechner, der an der Domäne angemeldet ist, in einem dafür eingerichteten Browser. Melden Sie sich mit Kennwort an oder fragen Sie Ihren Helpdesk.");

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
