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

        if (CanonicalTarget.Parse(path, "GET").Target is null)
        {
            path = published.Home;
        }

        // Whatever the wish, a password alone never gets further than the front door would let it: a wish that leads to no rule, or to one that
        // asks nobody, is judged like the home of the host.
        var policy = (IsOfPortal(path) ? null : PolicyAt(published, address, path)) ?? PolicyAt(published, address, published.Home);
        return new SignInTarget(path, policy is not null && Owes(policy));
    }

    /// <summary>What the rule at a path asks for; null where nobody need be known or nobody gets in.</summary>
    private static Policy? PolicyAt(PublishedHost host, IPAddress address, string path)
    {
        var (_, target) = CanonicalTarget.Parse(path, "GET");
        if (target is null)
        {
            return null;
        }

        var match = host.Find(target.ProtectedPath);
        if (match.RedirectTo is { } redirect)
        {
            return PolicyAt(host, address, redirect);
        }

        return match is { Closed: false, Service: { } service } && service.FindRule(address, target.ProtectedPath, "GET")?.Policy is { Anonymous: false, Denies: false } policy
            ? policy
            : null;
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
