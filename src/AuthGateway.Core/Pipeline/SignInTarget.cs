using System.Net;
using AuthGateway.Core.Edge;
using AuthGateway.Core.Policies;
using AuthGateway.Core.Services;

namespace AuthGateway.Core.Pipeline;

/// <summary>Where a person wants to go once signed in, and what the rule there asks for.</summary>
/// <param name="Path">A checked path of this host.</param>
/// <param name="OwesFactor">True when the rule there asks for more than the password, of a kind that can be typed.</param>
public readonly record struct SignInTarget(string Path, bool OwesFactor)
{
    /// <summary>Factors a person can prove on a page after the password.</summary>
    public const FactorSet Typed = FactorSet.Totp | FactorSet.RecoveryCode;

    /// <summary>
    /// Reads the wish of a browser. Only how far the sign-in goes at once depends on it: the corridor judges every request by itself, and a
    /// session that proved too little is led to the next factor there.
    /// </summary>
    public static SignInTarget Of(GatewayTable table, string host, IPAddress address, string? wish)
    {
        var path = ReturnPath.Sanitize(wish);
        var published = table.Services.FindHost(host);
        if (published is null)
        {
            return new SignInTarget("/", OwesFactor: false);
        }

        if (path == "/" || IsOfPortal(path))
        {
            path = IsOfPortal(path) ? path : published.Home;
        }

        var (_, target) = CanonicalTarget.Parse(IsOfPortal(path) ? published.Home : path, "GET");
        if (target is null)
        {
            return new SignInTarget(published.Home, OwesFactor: false);
        }

        var match = published.Find(target.ProtectedPath);
        if (match.RedirectTo is { } redirect)
        {
            match = published.Find(redirect);
        }

        var policy = match.Service?.FindRule(address, target.ProtectedPath, "GET")?.Policy;
        return new SignInTarget(path, policy is { Anonymous: false, Denies: false } && Owes(policy));
    }

    private static bool IsOfPortal(string path) => PathPrefix.Matches(path, ServiceTableBuilder.ReservedPrefix, StringComparison.OrdinalIgnoreCase);

    private static bool Owes(Policy policy)
    {
        foreach (var entry in policy.Factors)
        {
            if ((entry & FactorSet.Password) == 0 && (entry & Typed) != 0)
            {
                return true;
            }
        }

        return false;
    }
}
