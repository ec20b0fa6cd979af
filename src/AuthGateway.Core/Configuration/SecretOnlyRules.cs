using AuthGateway.Core.Backends;
using AuthGateway.Core.Backends.Checkpassword;
using AuthGateway.Core.Backends.Helper;
using AuthGateway.Core.Faults;
using AuthGateway.Core.Policies;
using AuthGateway.Core.Services;

namespace AuthGateway.Core.Configuration;

/// <summary>
/// Chains that could never work: backends that know nobody before they saw a password (<see cref="ISecretOnly"/>), where somebody is to be found without one,
/// or before others that would then never be asked.
/// </summary>
internal static class SecretOnlyRules
{
    private const FactorSet WithoutPassword = FactorSet.Kerberos | FactorSet.Network | FactorSet.Header | FactorSet.AppPassword;

    public static void Check(GatewayOptions options, ServiceTable services, FaultList faults)
    {
        foreach (var (name, realm) in options.Kerberos.Realms)
        {
            if (options.Backends.Find(backend => string.Equals(backend.Name, realm.Backend, StringComparison.OrdinalIgnoreCase)) is { } backend && IsSecretOnly(backend))
            {
                faults.Error(
                    $"{ConfigurationTree.RootKey}:Kerberos:Realms:{name}:Backend", realm.Backend,
                    "This backend knows nobody without a password, so no ticket would ever let anybody in. Name one that finds its users: ldap without UserDnTemplate, local or pam.");
            }
        }

        foreach (var service in services.Services)
        {
            var asked = options.Backends.Where(backend => Serves(backend, service.Name)).ToArray();
            if (asked.Length == 0 || !asked.All(IsSecretOnly))
            {
                continue;
            }

            foreach (var rule in service.Rules.Where(rule => (rule.Policy.Accepted & WithoutPassword) != 0 || rule.Policy.TakesInsteadOfPassword(FactorSet.Device)))
            {
                faults.Error(
                    $"{ConfigurationTree.RootKey}:Services:{service.Name}:Rules[{rule.Number - 1}]:Policy", rule.Policy.Name,
                    $"The policy lets somebody in without the account's password, but {string.Join(" and ", asked.Select(backend => backend.Name))} knows nobody without one. Add a backend that finds its users (ldap without UserDnTemplate, local, pam), or take a policy with a password.");
            }
        }

        for (var i = 0; i < options.Backends.Count; i++)
        {
            var backend = options.Backends[i];
            if (SaysNoToStrangers(backend) && !backend.Next.Contains("rejected", StringComparer.Ordinal)
                && options.Backends.Skip(i + 1).FirstOrDefault(later => AreAskedTogether(backend, later)) is { } never)
            {
                faults.Warn(
                    $"{ConfigurationTree.RootKey}:Backends[{i}]:Next", null,
                    $"{backend.Name} says no to names it does not know as it does to wrong passwords, so {never.Name} behind it is never asked. Put {backend.Name} last, or set its Next to [\"rejected\"].");
            }
        }
    }

    private static bool IsSecretOnly(BackendOptions backend) => backend is HelperBackendOptions || SaysNoToStrangers(backend);

    /// <summary>A helper may say that it does not know a name; these cannot.</summary>
    private static bool SaysNoToStrangers(BackendOptions backend) =>
        backend is CheckpasswordBackendOptions or LdapBackendOptions { UserDnTemplate.Length: > 0 };

    private static bool Serves(BackendOptions backend, string service) =>
        backend.UsageContext.Count == 0 || backend.UsageContext.Contains(service, StringComparer.OrdinalIgnoreCase);

    private static bool AreAskedTogether(BackendOptions one, BackendOptions other) =>
        one.UsageContext.Count == 0 || other.UsageContext.Count == 0 || one.UsageContext.Intersect(other.UsageContext, StringComparer.OrdinalIgnoreCase).Any();
}
