using System.Net;
using AuthGateway.Core.Edge;
using AuthGateway.Core.Policies;
using AuthGateway.Core.Services;

namespace AuthGateway.Core.Pipeline;

/// <summary>Where a person wants to go once signed in, and what the rule there asks for.</summary>
/// <param name="Path">A checked path of this host.</param>
/// <param name="OwesFactor">True when the rule there asks for more than the password, of a kind that can be typed.</param>
/// <param name="Service">Name of the service there: only backends asked for it are asked. Empty where nothing is published.</param>
public readonly record struct SignInTarget(string Path, bool OwesFactor, string Service)
{
    /// <summary>Factors a person can prove on a page after the password.</summary>
    public const FactorSet Typed = FactorSet.Totp | FactorSet.RecoveryCode;

    /// <summary>What the rule there asks for; null where nothing is asked.</summary>
    public Policy? Policy { get; init; }

    /// <summary>The service there, or null.</summary>
    public Service? FindService(GatewayTable table)
    {
        var name = Service;
        return table.Services.Services.FirstOrDefault(service => service.Name == name);
    }

    /// <summary>True when the rule there asks for a code after this proof.</summary>
    public bool OwesAfter(FactorSet proven) => Policy is { } policy && Owes(policy, proven);

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
            return new SignInTarget("/", OwesFactor: false, "");
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
        var (policy, service) = IsOfPortal(path) ? default : FindAt(published, address, path);
        if (policy is null)
        {
            (policy, service) = FindAt(published, address, published.Home);
        }

        return new SignInTarget(path, policy is not null && Owes(policy, FactorSet.Password), service?.Name ?? "") { Policy = policy };
    }

    /// <summary>The service at a path and what its rule asks for; nothing where nobody need be known or nobody gets in.</summary>
    private static (Policy? Policy, Service? Service) FindAt(PublishedHost host, IPAddress address, string path)
    {
        var (_, target) = CanonicalTarget.Parse(path, "GET");
        if (target is null)
        {
            return default;
        }

        var match = host.Find(target.ProtectedPath);
        if (match.RedirectTo is { } redirect)
        {
            return FindAt(host, address, redirect);
        }

        return match is { Closed: false, Service: { } service } && service.FindRule(address, target.ProtectedPath, "GET")?.Policy is { Anonymous: false, Denies: false } policy
            ? (policy, service)
            : default;
    }

    private static bool IsOfPortal(string path) => PathPrefix.Matches(path, ServiceTableBuilder.ReservedPrefix, StringComparison.OrdinalIgnoreCase);

    private static bool Owes(Policy policy, FactorSet proven)
    {
        foreach (var entry in policy.Factors)
        {
            if ((entry & proven) == 0 && (entry & Typed) != 0)
            {
                return true;
            }
        }

        return false;
    }
}
