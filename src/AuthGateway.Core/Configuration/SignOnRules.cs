using AuthGateway.Core.Devices;
using AuthGateway.Core.Faults;
using AuthGateway.Core.Policies;
using AuthGateway.Core.Services;

namespace AuthGateway.Core.Configuration;

/// <summary>A policy that takes something in place of a password needs the section that says what: held together here, where all of them are known.</summary>
internal static class SignOnRules
{
    public static void Check(GatewayOptions options, ServiceTable services, DeviceTrust? devices, FaultList faults)
    {
        var used = FactorSet.None;
        foreach (var service in services.Services)
        {
            foreach (var rule in service.Rules)
            {
                used |= rule.Policy.Accepted;
                Check(options, service, rule, devices, $"{ConfigurationTree.RootKey}:Services:{service.Name}:Rules[{rule.Number - 1}]:Policy", faults);
            }

            if (options.TrustedHeader.Name.Length > 0 && service.Rules.Any(rule => (rule.Policy.Accepted & FactorSet.Header) != 0))
            {
                faults.Warn(
                    $"{ConfigurationTree.RootKey}:Services:{service.Name}",
                    null,
                    $"Whoever connects from the addresses of TrustedHeader:From can be anybody here, by writing a name into {options.TrustedHeader.Name}. Nothing but the forwarder may connect from there, and it must remove the header from what its own clients send.");
            }
        }

        WarnUnused(options.Kerberos.Realms.Count > 0 && (used & FactorSet.Kerberos) == 0, "Kerberos", "kerberos", faults);
        WarnUnused(options.TrustedHeader.Name.Length > 0 && (used & FactorSet.Header) == 0, "TrustedHeader", "header", faults);
    }

    private static void Check(GatewayOptions options, Service service, Rule rule, DeviceTrust? devices, string key, FaultList faults)
    {
        var policy = rule.Policy;
        if ((policy.Accepted & FactorSet.Kerberos) != 0 && options.Kerberos.Realms.Count == 0)
        {
            faults.Error(key, policy.Name, "The policy takes Kerberos tickets, but no realm is configured. Add one under Kerberos:Realms.");
        }

        if ((policy.Accepted & FactorSet.Header) != 0 && options.TrustedHeader.Name.Length == 0)
        {
            faults.Error(key, policy.Name, "The policy takes the word of a forwarder, but TrustedHeader is not configured. Set its Name and From.");
        }

        if (devices is not null && policy.TakesInsteadOfPassword(FactorSet.Device) && !devices.Authorities.Any(authority => authority.SaysWho))
        {
            faults.Error(key, policy.Name, $"The policy of \"{service.Name}\" takes a certificate in place of a password, but no device authority says for whose domains it speaks. Name them under Devices:Authorities:…:Domains.");
        }
    }

    private static void WarnUnused(bool isUnused, string section, string factor, FaultList faults)
    {
        if (isUnused)
        {
            faults.Warn($"{ConfigurationTree.RootKey}:{section}", null, $"No rule has a policy that names \"{factor}\", so this lets nobody in.");
        }
    }
}
