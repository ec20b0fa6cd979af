using AuthGateway.Core.Login;
using AuthGateway.Core.Policies;
using AuthGateway.Core.Sessions;

namespace AuthGateway.Web.Portal.Account;

/// <summary>Who may see and change an account: whoever has a second factor must have proven it, for the password alone may be stolen.</summary>
internal static class AccountGate
{
    /// <summary>True for who proved nothing but the connection or the place: it opens what it was taken for, and nobody's account.</summary>
    public static bool KnowsNameOnly(Session session) => (session.Proven & ~FactorKinds.OfTheRequest) == 0;

    /// <summary>Leads to the password, and back to the account.</summary>
    public static Task AskForPasswordAsync(PortalVisit visit) => visit.GoAsync(PortalVisit.Leading(PortalPaths.SignIn, PortalPaths.Account) + "&again=1");

    /// <summary>True when a code is owed first.</summary>
    public static bool NeedsFactor(Session session, EnrolledFactors enrolled) =>
        enrolled.Any && (session.Proven & (FactorSet.Totp | FactorSet.RecoveryCode)) == 0;
}
