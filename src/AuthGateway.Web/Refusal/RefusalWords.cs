using System.Collections.Frozen;
using AuthGateway.Core.Policies;

namespace AuthGateway.Web.Refusal;

/// <summary>What a refused person is told: what happened in one sentence, what he can do in one.</summary>
/// <param name="What">The heading.</param>
/// <param name="Remedy">The advice.</param>
public sealed record RefusalText(string What, string Remedy);

/// <summary>
/// The texts of each reason in each language. Reasons that would tell a stranger whether a name exists or a password was
/// right share one text.
/// </summary>
public static class RefusalWords
{
    private static readonly Words s_login = new(
        new("That did not work.", "Check your user name and password; after several tries you have to wait a while."),
        new("Das hat nicht geklappt.", "Prüfen Sie Benutzername und Kennwort; nach mehreren Versuchen müssen Sie etwas warten."));

    private static readonly Words s_ticket = new(
        new("The ticket of your computer was not taken.", "Lock and unlock your computer to get a new one, then try again; or sign in with your password. If the clock of your computer is wrong, set it right."),
        new("Das Ticket Ihres Rechners wurde nicht angenommen.", "Sperren und entsperren Sie Ihren Rechner, um ein neues zu erhalten, und versuchen Sie es noch einmal; oder melden Sie sich mit Kennwort an. Geht die Uhr Ihres Rechners falsch, stellen Sie sie richtig."));

    private static readonly Words s_askLogin = new(
        new("This service asks for your user name and password.", "Reload the page and sign in."),
        new("Dieser Dienst fragt nach Benutzername und Kennwort.", "Laden Sie die Seite neu und melden Sie sich an."));

    private static readonly Words s_cannotCheck = new(
        new("We cannot check passwords right now.", "Your password is not the problem. Please try again in a few minutes."),
        new("Kennwörter lassen sich gerade nicht prüfen.", "Ihr Kennwort ist nicht das Problem. Bitte versuchen Sie es in einigen Minuten noch einmal."));

    private static readonly Words s_notRegistered = new(
        new("This device is not registered.", "Ask your helpdesk to register it."),
        new("Dieses Gerät ist nicht registriert.", "Bitten Sie Ihren Helpdesk, es zu registrieren."));

    private static readonly Words s_unsuitable = new(
        new("The certificate of this device cannot be used here.", "Ask your helpdesk for a new one; this one was made for another purpose or names nobody."),
        new("Das Zertifikat dieses Geräts lässt sich hier nicht verwenden.", "Fragen Sie Ihren Helpdesk nach einem neuen; dieses ist für einen anderen Zweck ausgestellt oder nennt niemanden."));

    private static readonly Words s_nothingHere = new(
        new("There is nothing at this address.", "Check the address for typing errors, or start again from the page you know."),
        new("Unter dieser Adresse gibt es nichts.", "Prüfen Sie die Adresse auf Tippfehler oder beginnen Sie bei der Seite, die Sie kennen."));

    private static readonly Words s_notOpen = new(
        new("This part of the service is not open to you here.", "If you need it, ask your helpdesk and tell them the request id below."),
        new("Dieser Teil des Dienstes ist für Sie hier nicht geöffnet.", "Wenn Sie ihn brauchen, wenden Sie sich an den Helpdesk und nennen Sie die Vorgangsnummer unten."));

    private static readonly Words s_unreadable = new(
        new("We could not read this request.", "Go back and try again; if it happens again, restart your browser or app."),
        new("Diese Anfrage war nicht lesbar.", "Gehen Sie zurück und versuchen Sie es noch einmal; geschieht es wieder, starten Sie Browser oder App neu."));

    private static readonly Words s_ourFault = new(
        new("Something went wrong on our side.", "You did nothing wrong. Try again in a few minutes; if it happens again, tell the helpdesk the request id below."),
        new("Bei uns ist etwas schiefgegangen.", "Sie haben nichts falsch gemacht. Versuchen Sie es in einigen Minuten noch einmal; geschieht es wieder, nennen Sie dem Helpdesk die Vorgangsnummer unten."));

    // Wrong, used and locked read alike: a stranger must not learn that he may stop guessing.
    private static readonly Words s_notForYou = new(
        new("You are signed in, but this service is not enabled for you.", "If you need it, ask your helpdesk to enable it."),
        new("Sie sind angemeldet, aber dieser Dienst ist für Sie nicht freigeschaltet.", "Wenn Sie ihn brauchen, bitten Sie Ihren Helpdesk um die Freischaltung."));

    private static readonly Words s_code = new(
        new("This code is not valid (any more).", "Wait for the next one and type it in."),
        new("Dieser Code gilt nicht (mehr).", "Warten Sie auf den nächsten und geben Sie ihn ein."));

    private static readonly FrozenDictionary<string, Words> s_words = new Dictionary<string, Words>(StringComparer.Ordinal)
    {
        [VerdictReason.WrongPassword.Code] = s_login,
        [VerdictReason.EmptyPassword.Code] = s_login,
        [VerdictReason.UnknownUser.Code] = s_login,
        [VerdictReason.AccountState.Code] = s_login,
        [VerdictReason.AccountLocked.Code] = s_login,
        [VerdictReason.DirectoryBudget.Code] = s_login,
        [VerdictReason.RepeatedPassword.Code] = s_login,
        [VerdictReason.AddressLocked.Code] = s_login,
        [VerdictReason.AppPasswordNeeded.Code] = s_login,
        [VerdictReason.AppPasswordWrong.Code] = s_login,
        [VerdictReason.AppPasswordScope.Code] = s_login,
        [VerdictReason.AppPasswordEnded.Code] = s_login,
        [VerdictReason.CredentialsMissing.Code] = s_askLogin,
        [VerdictReason.CredentialsScheme.Code] = s_askLogin,
        [VerdictReason.BackendUnavailable.Code] = s_cannotCheck,
        [VerdictReason.StoreUnavailable.Code] = s_cannotCheck,
        [VerdictReason.Busy.Code] = s_cannotCheck,
        [VerdictReason.NoDeviceCertificate.Code] = s_notRegistered,
        [VerdictReason.DeviceUnknownAuthority.Code] = s_notRegistered,
        [VerdictReason.HandshakeFailed.Code] = s_notRegistered,
        [VerdictReason.DeviceUnsuitable.Code] = s_unsuitable,
        [VerdictReason.DeviceNoOwner.Code] = s_unsuitable,
        [VerdictReason.DeviceExpired.Code] = new(
            new("The registration of this device has expired.", "Ask your helpdesk to renew it."),
            new("Die Registrierung dieses Geräts ist abgelaufen.", "Bitten Sie Ihren Helpdesk, sie zu erneuern.")),
        [VerdictReason.DeviceNotYetValid.Code] = new(
            new("The registration of this device is not valid yet.", "Check the date and time of the device, or try again later."),
            new("Die Registrierung dieses Geräts gilt noch nicht.", "Prüfen Sie Datum und Uhrzeit des Geräts oder versuchen Sie es später noch einmal.")),
        [VerdictReason.DeviceRevoked.Code] = new(
            new("The registration of this device has been withdrawn.", "If this is your device, ask your helpdesk to register it again."),
            new("Die Registrierung dieses Geräts wurde zurückgezogen.", "Wenn es Ihr Gerät ist, bitten Sie Ihren Helpdesk, es neu zu registrieren.")),
        [VerdictReason.DeviceRevocationUnknown.Code] = new(
            new("We cannot check registered devices right now.", "Your device is not the problem. Please try again in a few minutes."),
            new("Registrierte Geräte lassen sich gerade nicht prüfen.", "Ihr Gerät ist nicht das Problem. Bitte versuchen Sie es in einigen Minuten noch einmal.")),
        [VerdictReason.IdentityMismatch.Code] = new(
            new("This device is registered to another person.", "Sign in with that person's account, or ask your helpdesk to register the device to you."),
            new("Dieses Gerät ist auf eine andere Person registriert.", "Melden Sie sich mit deren Konto an oder bitten Sie Ihren Helpdesk, das Gerät auf Sie zu registrieren.")),
        [VerdictReason.CertificateDomain.Code] = s_unsuitable,
        [VerdictReason.TicketRefused.Code] = s_ticket,
        [VerdictReason.RealmNotAllowed.Code] = new(
            new("The account of your computer cannot be used here.", "Sign in with your user name and password, or ask your helpdesk."),
            new("Das Konto Ihres Rechners lässt sich hier nicht verwenden.", "Melden Sie sich mit Benutzername und Kennwort an oder fragen Sie Ihren Helpdesk.")),
        [VerdictReason.HeaderNotTrusted.Code] = s_ourFault,
        [VerdictReason.NameNotAllowed.Code] = new(
            new("You cannot sign in here without a password.", "Sign in with your user name and password."),
            new("Ohne Kennwort können Sie sich hier nicht anmelden.", "Melden Sie sich mit Benutzername und Kennwort an.")),
        [VerdictReason.PasswordNeeded.Code] = new(
            new("This service asks for your password.", "Sign in with your user name and password."),
            new("Dieser Dienst fragt nach Ihrem Kennwort.", "Melden Sie sich mit Benutzername und Kennwort an.")),
        [VerdictReason.ActiveSyncUser.Code] = new(
            new("Your mail app is set up for another user name.", "Remove the account from the app and add it again with your own name."),
            new("Ihre Mail-App ist für einen anderen Benutzernamen eingerichtet.", "Entfernen Sie das Konto aus der App und fügen Sie es mit Ihrem Namen neu hinzu.")),
        [VerdictReason.AddressNotAllowed.Code] = new(
            new("This service is not open from your network.", "Try again from the network of your organisation, for example over its VPN."),
            new("Dieser Dienst ist aus Ihrem Netz nicht erreichbar.", "Versuchen Sie es aus dem Netz Ihrer Organisation noch einmal, zum Beispiel über deren VPN.")),
        [VerdictReason.ActForDenied.Code] = new(
            new("You cannot act for this user here.", "Check the name; for some users nobody else may act. If you need it, ask your helpdesk."),
            new("Für diese Person können Sie hier nicht handeln.", "Prüfen Sie den Namen; für manche Personen darf niemand anderes handeln. Wenn Sie es brauchen, wenden Sie sich an den Helpdesk.")),
        [VerdictReason.NotInGroup.Code] = s_notForYou,
        [VerdictReason.NotInRole.Code] = s_notForYou,
        [VerdictReason.UsageContext.Code] = s_notForYou,
        [VerdictReason.FactorsMissing.Code] = new(
            new("This service asks for more proof of who you are.", "Use a registered device, or ask your helpdesk how to register this one."),
            new("Dieser Dienst verlangt einen weiteren Nachweis, wer Sie sind.", "Benutzen Sie ein registriertes Gerät oder fragen Sie Ihren Helpdesk, wie Sie dieses registrieren.")),
        [VerdictReason.WrongCode.Code] = s_code,
        [VerdictReason.CodeUsed.Code] = s_code,
        [VerdictReason.FactorLocked.Code] = s_code,
        [VerdictReason.EnrolmentNotAllowed.Code] = new(
            new("A second factor cannot be set up from here with the password alone.", "Ask your helpdesk for an enrolment code."),
            new("Ein zweiter Faktor lässt sich von hier aus nicht allein mit dem Kennwort einrichten.", "Bitten Sie Ihren Helpdesk um einen Einrichtungscode.")),
        [VerdictReason.SessionEnded.Code] = new(
            new("You are no longer signed in.", "Reload the page and sign in again."),
            new("Sie sind nicht mehr angemeldet.", "Laden Sie die Seite neu und melden Sie sich noch einmal an.")),
        [VerdictReason.ForeignForm.Code] = new(
            new("We did not take this form.", "It came from another page or was open for too long. Open the page anew and try again; nothing was changed."),
            new("Dieses Formular haben wir nicht angenommen.", "Es kam von einer anderen Seite oder war zu lange geöffnet. Öffnen Sie die Seite neu und versuchen Sie es noch einmal; geändert wurde nichts.")),
        [VerdictReason.NoService.Code] = s_nothingHere,
        [VerdictReason.ClosedPath.Code] = s_notOpen,
        [VerdictReason.NoRule.Code] = s_notOpen,
        [VerdictReason.DeniedByRule.Code] = s_notOpen,
        [VerdictReason.MethodNotAllowed.Code] = s_notOpen,
        [VerdictReason.ForeignOrigin.Code] = s_notOpen,
        [VerdictReason.DepthNotAllowed.Code] = s_notOpen,
        [VerdictReason.DestinationNotAllowed.Code] = s_notOpen,
        [VerdictReason.BadRequest.Code] = s_unreadable,
        [VerdictReason.ActiveSyncQuery.Code] = s_unreadable,
        [VerdictReason.ForwardedAddress.Code] = s_unreadable,
        [VerdictReason.CredentialsMalformed.Code] = s_unreadable,
        [VerdictReason.Misdirected.Code] = new(
            new("Your browser used a connection made for another address.", "Reload the page."),
            new("Ihr Browser hat eine Verbindung benutzt, die für eine andere Adresse gedacht war.", "Laden Sie die Seite neu.")),
        [VerdictReason.PlainHttp.Code] = new(
            new("This connection is not encrypted.", "Open the same address with https:// in front."),
            new("Diese Verbindung ist nicht verschlüsselt.", "Öffnen Sie dieselbe Adresse mit https:// am Anfang.")),
        [VerdictReason.BodyTooLarge.Code] = new(
            new("What you sent is too large.", "Send a smaller file, or share it in another way."),
            new("Was Sie gesendet haben, ist zu groß.", "Senden Sie eine kleinere Datei oder geben Sie sie auf anderem Weg weiter.")),
        [VerdictReason.NoRoom.Code] = new(
            new("We cannot take in what you sent right now.", "You did nothing wrong. Please try again in a few minutes, or send less at once."),
            new("Was Sie gesendet haben, lässt sich gerade nicht annehmen.", "Sie haben nichts falsch gemacht. Bitte versuchen Sie es in einigen Minuten noch einmal oder senden Sie weniger auf einmal.")),
        [VerdictReason.UpstreamUnavailable.Code] = new(
            new("The service does not answer right now.", "You did nothing wrong. Please try again in a few minutes."),
            new("Der Dienst antwortet gerade nicht.", "Sie haben nichts falsch gemacht. Bitte versuchen Sie es in einigen Minuten noch einmal.")),
        [VerdictReason.UpstreamTimeout.Code] = new(
            new("The service took too long to answer.", "What you did may have happened all the same: look before you do it again."),
            new("Der Dienst hat zu lange nicht geantwortet.", "Was Sie getan haben, kann trotzdem geschehen sein: Sehen Sie nach, bevor Sie es wiederholen.")),
        [VerdictReason.UpstreamRefused.Code] = new(
            new("The service does not know your current password yet.", "Your password is right. After a change it can take some minutes; please try again then."),
            new("Der Dienst kennt Ihr aktuelles Kennwort noch nicht.", "Ihr Kennwort ist richtig. Nach einer Änderung kann es einige Minuten dauern; versuchen Sie es dann noch einmal.")),
        [VerdictReason.Unjudged.Code] = s_ourFault,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>True when the reason has words of its own or shares some on purpose.</summary>
    internal static bool Has(VerdictReason reason) => s_words.ContainsKey(reason.Code);

    /// <summary>The text in a language; a reason without words is our fault, and told so.</summary>
    public static RefusalText For(VerdictReason reason, string language)
    {
        var words = s_words.GetValueOrDefault(reason.Code, s_ourFault);
        return language == "de" ? words.De : words.En;
    }

    private sealed record Words(RefusalText En, RefusalText De);
}
