using AuthGateway.Core.Factors.AppPasswords;
using AuthGateway.Core.Networks;
using AuthGateway.Core.Policies;
using AuthGateway.Core.Services;

namespace AuthGateway.Core.Login.AppPasswords;

/// <summary>Basic credentials, with what decides whether an app password may be among them.</summary>
/// <param name="Login">What was sent.</param>
/// <param name="Accepted">Every factor that meets some entry of the policy.</param>
/// <param name="Kind">Kind of the service.</param>
/// <param name="Networks">Networks by name, of the table in force.</param>
/// <param name="UserAgent">For the list of uses, or null.</param>
public readonly record struct AppPasswordRequest(LoginRequest Login, FactorSet Accepted, ServiceKind Kind, NetworkCatalog Networks, string? UserAgent)
{
    /// <summary>True where an app password would do.</summary>
    public bool TakesAppPassword => (Accepted & FactorSet.AppPassword) != 0;

    /// <summary>True where the account's own password would do.</summary>
    public bool TakesPassword => (Accepted & FactorSet.Password) != 0;

    /// <summary>The word for the service's class; null for the gateway's own pages.</summary>
    public string? Class => Kind switch
    {
        ServiceKind.Web => AppPasswordClass.Web,
        ServiceKind.ActiveSync => AppPasswordClass.ActiveSync,
        ServiceKind.Dav => AppPasswordClass.Dav,
        _ => null,
    };
}
