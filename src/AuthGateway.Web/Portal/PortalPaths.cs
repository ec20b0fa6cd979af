using AuthGateway.Web.Pages;

namespace AuthGateway.Web.Portal;

/// <summary>Where the gateway's pages are; compared as they stand here.</summary>
internal static class PortalPaths
{
    public const string Root = GatewayAssets.ReservedPath + "/";

    public const string SignIn = Root + "sign-in";

    public const string Ticket = Root + "ticket";

    public const string SignOn = Root + "sign-on";

    public const string Factor = Root + "factor";

    public const string Enrol = Root + "enrol";

    public const string Password = Root + "password";

    public const string Account = Root + "account";

    public const string RevokeSession = Account + "/revoke-session";

    public const string RevokeOthers = Account + "/revoke-others";

    public const string RemoveApp = Account + "/remove-app";

    public const string RecoveryCodes = Account + "/recovery-codes";

    public const string SignOut = Root + "sign-out";

    public const string ActFor = Root + "act-for";

    public const string ActForEnd = ActFor + "/end";

    /// <summary>
    /// True for pages a person may want to go to. The others are steps on the way: leading there after signing in would go in circles.
    /// </summary>
    public static bool IsDestination(string path)
    {
        var query = path.IndexOf('?', StringComparison.Ordinal);
        return (query < 0 ? path : path[..query]) is Account or Enrol or Password or ActFor;
    }
}
