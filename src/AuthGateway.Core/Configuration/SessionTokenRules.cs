using System.Net;
using AuthGateway.Core.Faults;
using AuthGateway.Core.Listeners;
using AuthGateway.Core.Services;

namespace AuthGateway.Core.Configuration;

/// <summary>Tokens need three that know of each other: a service that hands them out, a verifier that takes them, and a staff listener where it asks.</summary>
internal static class SessionTokenRules
{
    private const string Section = ConfigurationTree.RootKey + ":SessionTokens";

    public static void Check(GatewayOptions options, ServiceTable services, FaultList faults)
    {
        var handing = services.Services.Where(service => service.HandsOutTokens).ToArray();
        var verifiers = options.SessionTokens.Verifiers;
        foreach (var service in handing.Where(service => !verifiers.Values.Any(verifier => verifier.Services.Count == 0 || verifier.Services.Contains(service.Name, StringComparer.Ordinal))))
        {
            faults.Error(
                $"{ConfigurationTree.RootKey}:Services:{service.Name}:Identity", ServiceTableBuilder.Word(service.Identity),
                "The upstream would get tokens that nobody may have verified. Name its verifier under SessionTokens:Verifiers.");
        }

        foreach (var (name, verifier) in verifiers)
        {
            for (var i = 0; i < verifier.Services.Count; i++)
            {
                var key = $"{Section}:Verifiers:{name}:Services[{i}]";
                if (services.Services.FirstOrDefault(service => string.Equals(service.Name, verifier.Services[i], StringComparison.Ordinal)) is not { } service)
                {
                    faults.Error(key, verifier.Services[i], FaultList.Unknown("service", verifier.Services[i], services.Services.Select(service => service.Name)));
                }
                else if (!service.HandsOutTokens)
                {
                    faults.Error(key, service.Name, "The service hands out no tokens. Set its Identity to \"session-token\" or \"header-and-session-token\", or remove it here.");
                }
            }
        }

        if (verifiers.Count == 0)
        {
            return;
        }

        if (handing.Length == 0)
        {
            faults.Warn(Section, null, "No service hands out tokens, so there is nothing to verify. Set the Identity of one to \"session-token\" or \"header-and-session-token\".");
        }

        var staff = options.Listeners.Where(listener => listener.Value.Kind == "staff").ToArray();
        if (staff.Length == 0)
        {
            faults.Error($"{Section}:Verifiers", null, "Tokens are verified on a staff listener, and there is none. Add one with \"Kind\": \"staff\".");
        }

        foreach (var (name, listener) in staff.Where(listener => IsOpenText(listener.Value)))
        {
            faults.Error(
                $"{ConfigurationTree.RootKey}:Listeners:{name}:Url", listener.Url,
                "Keys and tokens of verifiers would cross the network in the clear. Write https://, or bind the listener to a loopback address.");
        }
    }

    private static bool IsOpenText(ListenerOptions listener) =>
        listener.Url.StartsWith("http://", StringComparison.OrdinalIgnoreCase)
        && !(Uri.TryCreate(listener.Url, UriKind.Absolute, out var uri) && IPAddress.TryParse(uri.Host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
