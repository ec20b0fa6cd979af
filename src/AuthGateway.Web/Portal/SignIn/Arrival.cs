using AuthGateway.Core.Faults;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Login;
using AuthGateway.Core.Login.SignOn;
using AuthGateway.Core.Policies;
using AuthGateway.Core.Sessions;

namespace AuthGateway.Web.Portal.SignIn;

/// <summary>What every way of signing in on a page has in common: what it is for, and where it leads.</summary>
internal static class Arrival
{
    /// <summary>What a login is for where the wish leads to no service.</summary>
    private const string Scope = "portal";

    /// <summary>What the login is for.</summary>
    public static string ScopeOf(PortalVisit visit) => visit.Target.Service is { Length: > 0 } service ? service : Scope;

    /// <summary>A sign-in without a password.</summary>
    public static PasswordlessSignIn Of(PortalVisit visit, UserName name, FactorSet way) => new(
        new SignOnRequest(visit.Table.Chain, visit.Table.Generation, visit.Table.Login, name, ScopeOf(visit), way),
        visit.Target.OwesAfter(way),
        visit.Request.Session)
    {
        DeviceOwner = visit.Request.DeviceOwner,
    };

    /// <summary>Hands the browser its session and leads it on: to the code it owes, or to where it wanted to go.</summary>
    public static async Task GoOnAsync(PortalVisit visit, OpenedSession opened, SecondFactorFlow factors)
    {
        visit.Keep(opened);
        await visit.GoAsync(opened.Session.IsPending ? visit.Keeping(await NextAsync(opened.Session, visit, factors)) : visit.PathAfter(opened.Session));
    }

    private static async ValueTask<string> NextAsync(Session session, PortalVisit visit, SecondFactorFlow factors)
    {
        try
        {
            return (await factors.FindAsync(session.User, visit.Aborted)).Any ? PortalPaths.Factor : PortalPaths.Enrol;
        }
        catch (StoreUnavailableException)
        {
            // The first factor is proven and the session there; the next page looks again.
            return PortalPaths.Factor;
        }
    }
}
