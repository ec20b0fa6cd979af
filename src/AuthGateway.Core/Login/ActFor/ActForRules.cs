using System.Collections.Frozen;
using AuthGateway.Core.Faults;
using AuthGateway.Core.Networks;
using AuthGateway.Core.Services;

namespace AuthGateway.Core.Login.ActFor;

/// <summary>Turns the section as configured into rights that can be enforced, and finds every fault in it.</summary>
internal sealed class ActForRules(ServiceTable services, NetworkCatalog networks, FaultList faults)
{
    private const string Key = "AuthGateway:ActFor";
    private const string Everybody = "*";

    public ActForTable Build(ActForOptions options)
    {
        CheckRanks(options);
        if (options.Grants.Count == 0)
        {
            return ActForTable.Off;
        }

        faults.Warn(
            Key,
            null,
            "Holders of this right read and write in other people's mailboxes with their own password. Keep roles, domains, services and networks as few as they can be, and read the audit (audit search --reason act-for-begun).");
        return new ActForTable(options.Grants.Select((grant, i) => Build($"{Key}:Grants[{i}]", grant)).ToArray(), options.Ranks, options.Lifetime);
    }

    private ActForGrant Build(string key, ActForGrantOptions grant)
    {
        CheckWho(key, grant);
        for (var i = 0; i < grant.Domains.Count; i++)
        {
            CheckDomain($"{key}:Domains[{i}]", grant.Domains[i]);
        }

        for (var i = 0; i < grant.Services.Count; i++)
        {
            CheckService($"{key}:Services[{i}]", grant.Services[i]);
        }

        if (grant.Networks.Count == 0)
        {
            faults.Warn($"{key}:Networks", null, "The right holds from everywhere these services are open. Name the networks it is used from, such as \"lan\".");
        }

        return new ActForGrant(
            Set(grant.Roles),
            Set(grant.Groups),
            Set(grant.Domains),
            grant.Domains.Contains(Everybody, StringComparer.Ordinal),
            grant.Services.ToFrozenSet(StringComparer.Ordinal),
            grant.Networks.Count == 0 ? NetworkSet.Any : networks.Resolve(grant.Networks, $"{key}:Networks", faults));
    }

    private void CheckWho(string key, ActForGrantOptions grant)
    {
        if (grant.Roles.Count + grant.Groups.Count == 0)
        {
            faults.Error(key, null, "Nobody holds this right. Name Roles, Groups or both.");
        }

        CheckNames($"{key}:Roles", grant.Roles, "role");
        CheckNames($"{key}:Groups", grant.Groups, "group");
    }

    private void CheckNames(string key, List<string> names, string noun)
    {
        for (var i = 0; i < names.Count; i++)
        {
            if (string.IsNullOrWhiteSpace(names[i]))
            {
                faults.Error($"{key}[{i}]", names[i], $"Not the name of a {noun}. Remove it.");
            }
        }
    }

    private void CheckDomain(string key, string domain)
    {
        if (domain != Everybody && Uri.CheckHostName(domain) != UriHostNameType.Dns)
        {
            faults.Error(key, domain, "Not a domain. Write it as it stands behind the @, such as \"example.com\", or \"*\" for every user.");
        }
    }

    private void CheckService(string key, string name)
    {
        if (services.Services.FirstOrDefault(service => service.Name == name) is not { } service)
        {
            faults.Error(key, name, FaultList.Unknown("service", name, services.Services.Select(known => known.Name)));
        }
        else if (service.Kind == ServiceKind.ActiveSync)
        {
            faults.Error(key, name, "A phone is bound to its owner: nobody acts for another over ActiveSync. Remove the service here.");
        }
        else if (WhyUntold(service.Identity) is { } why)
        {
            faults.Error(key, name, $"{why} Set the service's Identity to \"header\", or remove it here.");
        }
        else if (service.Identity == IdentityForwarding.HeaderAndBasic)
        {
            faults.Warn(key, name, "Who acts for another is told to this upstream by header alone: what it does with the user's password (SOGo's mail) will not work, unless it has a way of its own.");
        }
    }

    /// <summary>Why the upstream cannot be told the target; null where it can, by header.</summary>
    private static string? WhyUntold(IdentityForwarding identity) => identity switch
    {
        IdentityForwarding.Header or IdentityForwarding.HeaderAndBasic => null,
        IdentityForwarding.None => "The upstream is not told who the user is, so nobody could act for another there.",
        IdentityForwarding.Token or IdentityForwarding.HeaderAndToken =>
            "The upstream gets a token for the user, which would open the target's account elsewhere without asking for the right again.",
        _ => "The upstream is told the user by his password, and nobody who acts for another has it.",
    };

    private void CheckRanks(ActForOptions options)
    {
        CheckNames($"{Key}:Ranks", options.Ranks, "role");
        for (var i = 0; i < options.Ranks.Count; i++)
        {
            if (options.Ranks.FindIndex(role => string.Equals(role, options.Ranks[i], StringComparison.OrdinalIgnoreCase)) < i)
            {
                faults.Error($"{Key}:Ranks[{i}]", options.Ranks[i], "The role stands twice, and it can have one rank only. Remove one of them.");
            }
        }

        if (options.Grants.Count > 0 && options.Ranks.Count == 0)
        {
            faults.Warn($"{Key}:Ranks", null, "No role is protected by its rank: holders may act for everybody but each other, administrators included. Name the roles from the lowest to the highest.");
        }
        else if (options.Grants.Count == 0 && options.Ranks.Count > 0)
        {
            faults.Warn($"{Key}:Ranks", null, "Nobody may act for anybody, so ranks mean nothing. Add Grants, or remove Ranks.");
        }
    }

    private static FrozenSet<string> Set(IEnumerable<string> names) => names.ToFrozenSet(StringComparer.OrdinalIgnoreCase);
}
