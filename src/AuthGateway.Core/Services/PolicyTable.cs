using System.Collections.Frozen;
using AuthGateway.Core.Faults;
using AuthGateway.Core.Networks;
using AuthGateway.Core.Policies;

namespace AuthGateway.Core.Services;

/// <summary>Turns policies as configured into policies that can be enforced.</summary>
internal static class PolicyTable
{
    private static readonly Dictionary<string, FactorSet> KnownFactors = new(StringComparer.Ordinal)
    {
        ["password"] = FactorSet.Password,
        ["device"] = FactorSet.Device,

        // A recovery code is what an app's code is replaced by when the phone is gone.
        ["totp"] = FactorSet.Totp | FactorSet.RecoveryCode,
        ["kerberos"] = FactorSet.Kerberos,
        ["network"] = FactorSet.Network,
        ["header"] = FactorSet.Header,
        ["app-password"] = FactorSet.AppPassword,
    };

    public static FrozenDictionary<string, Policy> Build(IReadOnlyDictionary<string, PolicyOptions> options, NetworkCatalog networks, FaultList faults)
    {
        var policies = new Dictionary<string, Policy>(StringComparer.Ordinal) { [Policy.DenyAll.Name] = Policy.DenyAll };
        foreach (var (name, policy) in options)
        {
            var key = $"AuthGateway:Policies:{name}";
            if (string.Equals(name, Policy.DenyAll.Name, StringComparison.OrdinalIgnoreCase))
            {
                faults.Error(key, null, "\"deny\" is built in and refuses everything. Give your policy another name.");
                continue;
            }

            policies[name] = BuildOne(name, key, policy, networks, faults);
        }

        return policies.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private static Policy BuildOne(string name, string key, PolicyOptions options, NetworkCatalog networks, FaultList faults)
    {
        var factors = new List<FactorSet>();
        for (var i = 0; i < options.Factors.Count; i++)
        {
            var alternatives = FactorSet.None;
            foreach (var word in options.Factors[i].Split('|', StringSplitOptions.TrimEntries))
            {
                if (KnownFactors.TryGetValue(word, out var factor))
                {
                    alternatives |= factor;
                }
                else
                {
                    faults.Error($"{key}:Factors[{i}]", options.Factors[i], FaultList.Unknown("factor", word, KnownFactors.Keys));
                }
            }

            factors.Add(alternatives);
        }

        if (options.Anonymous && (factors.Count > 0 || options.Groups.Count > 0 || options.Roles.Count > 0 || options.Device.Length > 0))
        {
            faults.Error($"{key}:Anonymous", "true", "An anonymous policy cannot ask for factors, groups, roles or a device. Remove them, or remove \"Anonymous\".");
        }

        if (!options.Anonymous && factors.Count == 0)
        {
            faults.Error($"{key}:Factors", null, "The policy asks for no factor and would let everybody in. Name at least [\"password\"], or say \"Anonymous\": true.");
        }

        // One entry must say who somebody is by each of its alternatives; a code confirms what something else has said.
        if (!options.Anonymous && factors.Count > 0 && !factors.Exists(entry => entry != FactorSet.None && (entry & ~FactorKinds.Identifying) == 0))
        {
            faults.Error(
                $"{key}:Factors",
                string.Join(", ", options.Factors),
                "Nothing here says who somebody is. One entry must be \"password\", \"app-password\", \"kerberos\", \"device\", \"header\" or \"network\", or a choice among these; a code of its own does not.");
        }

        return new Policy
        {
            Name = name,
            Anonymous = options.Anonymous,
            Factors = factors,
            RequiresPassword = factors.Contains(FactorSet.Password),
            RequiresDevice = options.Device is "registered" || factors.Contains(FactorSet.Device),
            Groups = options.Groups.ToFrozenSet(StringComparer.OrdinalIgnoreCase),
            Roles = options.Roles.ToFrozenSet(StringComparer.OrdinalIgnoreCase),
            Networks = options.Networks.Count == 0 ? NetworkSet.Any : networks.Resolve(options.Networks, $"{key}:Networks", faults),
        };
    }
}
