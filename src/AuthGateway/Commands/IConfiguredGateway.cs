using AuthGateway.Core.Backends;
using AuthGateway.Core.Identities;

namespace AuthGateway.Commands;

/// <summary>What a verb may ask of the configuration in force: services, networks, and who a name is.</summary>
internal interface IConfiguredGateway : IAsyncDisposable
{
    /// <summary>Published services, the gateway's own pages not among them.</summary>
    IReadOnlyList<ConfiguredService> Services { get; }

    /// <summary>What is wrong with networks given by name or in CIDR notation; null when nothing is.</summary>
    string? FindFault(IReadOnlyList<string> networks);

    /// <summary>Who a name is for a service, asked of the chain without a secret.</summary>
    ValueTask<Resolution> ResolveAsync(UserName name, string service, CancellationToken cancellationToken);
}

/// <summary>A service, as far as app passwords are concerned.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Class">A word of <see cref="Core.Factors.AppPasswords.AppPasswordClass"/>.</param>
/// <param name="TakesAppPasswords">True when it takes Basic and some rule's policy names <c>app-password</c>.</param>
internal sealed record ConfiguredService(string Name, string Class, bool TakesAppPasswords);
