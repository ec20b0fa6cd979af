using System.Net;
using AuthGateway.Core.Backends;
using AuthGateway.Core.Backends.Roles;
using AuthGateway.Core.Faults;
using AuthGateway.Core.Lockout;
using AuthGateway.Core.Listeners;

namespace AuthGateway.Core.Configuration;

/// <summary>What no single option shows and no room builds from: listeners among themselves, backends among themselves, hosts and listeners.</summary>
internal static class OptionsRules
{
    // Active Directory and OpenLDAP guides commonly suggest 10; the gateway must be the first to stop, or it becomes a way to lock people out.
    private const int UsualDirectoryLimit = 10;

    // Of a local password that is the only factor (NIST SP 800-63B).
    private const int WithoutSecondFactor = 15;

    private const string ListenersKey = ConfigurationTree.RootKey + ":Listeners";

    public static void Check(GatewayOptions options, FaultList faults)
    {
        var listenersAreWhole = !faults.All.Any(fault => fault.Key.StartsWith(ListenersKey, StringComparison.OrdinalIgnoreCase));
        CheckListeners(options, listenersAreWhole, faults);
        CheckHosts(options, listenersAreWhole, faults);
        CheckBackends(options, faults);
        CheckRoles(options, faults);
        CheckLockout(options, faults);
    }

    private static void CheckListeners(GatewayOptions options, bool listenersAreWhole, FaultList faults)
    {
        if (listenersAreWhole && !options.Listeners.Values.Any(IsPublicHttps))
        {
            faults.Error(ListenersKey, null, "No listener serves the published hosts over https. Add one with \"Url\": \"https://0.0.0.0:443\".");
        }

        var seen = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, listener) in options.Listeners)
        {
            if (listener.Url.Length > 0 && !seen.TryAdd(Address(listener.Url), name))
            {
                faults.Error($"{ListenersKey}:{name}:Url", listener.Url, $"The listener \"{seen[Address(listener.Url)]}\" has this address and port already. Change or remove one.");
            }
        }
    }

    private static bool IsPublicHttps(ListenerOptions listener) =>
        listener.Kind == "public" && listener.Url.StartsWith("https://", StringComparison.OrdinalIgnoreCase);

    // Two schemes cannot share a port either, so the scheme does not count.
    private static string Address(string url) => Uri.TryCreate(url, UriKind.Absolute, out var uri) ? uri.Authority.Length > 0 ? $"{uri.Host}:{uri.Port}" : url : url;

    private static void CheckHosts(GatewayOptions options, bool listenersAreWhole, FaultList faults)
    {
        if (!listenersAreWhole)
        {
            return;
        }

        foreach (var (name, host) in options.Hosts)
        {
            for (var i = 0; i < host.Listeners.Count; i++)
            {
                if (!options.Listeners.ContainsKey(host.Listeners[i]))
                {
                    faults.Error($"{ConfigurationTree.RootKey}:Hosts:{name}:Listeners[{i}]", host.Listeners[i], FaultList.Unknown("listener", host.Listeners[i], options.Listeners.Keys));
                }
            }
        }
    }

    private static void CheckBackends(GatewayOptions options, FaultList faults)
    {
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < options.Backends.Count; i++)
        {
            var key = $"{ConfigurationTree.RootKey}:Backends[{i}]";
            var backend = options.Backends[i];
            if (backend.Name.Length > 0 && !seen.Add(backend.Name))
            {
                faults.Error($"{key}:Name", backend.Name, "Another backend has this name already; identities and the audit trail could not tell them apart. Choose another.");
            }

            for (var j = 0; j < backend.UsageContext.Count; j++)
            {
                if (!options.Services.Keys.Contains(backend.UsageContext[j], StringComparer.OrdinalIgnoreCase))
                {
                    faults.Error($"{key}:UsageContext[{j}]", backend.UsageContext[j], FaultList.Unknown("service", backend.UsageContext[j], options.Services.Keys));
                }
            }

            if (backend is LocalBackendOptions { MinPasswordLength: < WithoutSecondFactor } local && PolicyOfPasswordAlone(options) is { } alone)
            {
                faults.Error(
                    $"{key}:{nameof(LocalBackendOptions.MinPasswordLength)}",
                    OptionText.Of(local.MinPasswordLength),
                    $"Below {WithoutSecondFactor} only where no password opens anything alone, but the policy \"{alone}\" asks for nothing else. Raise this, or add a factor there.");
            }

            if (backend is LdapBackendOptions { StartTls: false } ldap)
            {
                for (var j = 0; j < ldap.Hosts.Count; j++)
                {
                    if (SendsInTheClear(ldap.Hosts[j]))
                    {
                        faults.Error($"{key}:Hosts[{j}]", ldap.Hosts[j], "StartTls is false, so passwords would cross the network in the clear. Use ldaps://, or remove StartTls.");
                    }
                }
            }
        }
    }

    /// <summary>A policy in use that is met by the password alone, or null.</summary>
    private static string? PolicyOfPasswordAlone(GatewayOptions options) => options.Services.Values
        .SelectMany(service => service.Rules)
        .Select(rule => rule.Policy)
        .Distinct(StringComparer.OrdinalIgnoreCase)
        .FirstOrDefault(name => options.Policies.FirstOrDefault(each => each.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Value is { Anonymous: false } policy
            && policy.Factors.TrueForAll(factors => factors.Split('|', StringSplitOptions.TrimEntries).Contains("password", StringComparer.OrdinalIgnoreCase)));

    private static void CheckRoles(GatewayOptions options, FaultList faults)
    {
        var roles = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < options.Backends.Count; i++)
        {
            if (SyncOf(options.Backends[i]) is not { } sync)
            {
                continue;
            }

            roles.UnionWith(sync.Groups.Values.Concat(sync.Attributes.Values.SelectMany(patterns => patterns.Values)).SelectMany(says => says.Keys));
            foreach (var (group, says) in sync.UsageContext)
            {
                foreach (var service in says.Keys.Where(service => !options.Services.Keys.Contains(service, StringComparer.OrdinalIgnoreCase)))
                {
                    faults.Error($"{ConfigurationTree.RootKey}:Backends[{i}]:RoleSync:UsageContext:{group}:{service}", null, FaultList.Unknown("service", service, options.Services.Keys));
                }
            }
        }

        // A right nobody holds, or a rank that protects nobody: who wrote it meant somebody.
        for (var i = 0; i < options.ActFor.Grants.Count; i++)
        {
            RefuseUnknown($"{ConfigurationTree.RootKey}:ActFor:Grants[{i}]:Roles", options.ActFor.Grants[i].Roles);
        }

        RefuseUnknown($"{ConfigurationTree.RootKey}:ActFor:Ranks", options.ActFor.Ranks);
        foreach (var (name, policy) in options.Policies)
        {
            for (var j = 0; j < policy.Roles.Count; j++)
            {
                if (!roles.Contains(policy.Roles[j]))
                {
                    // Nobody could ever hold it, and who wrote it meant to let somebody in.
                    faults.Error($"{ConfigurationTree.RootKey}:Policies:{name}:Roles[{j}]", policy.Roles[j], FaultList.Unknown("role under any RoleSync", policy.Roles[j], roles));
                }
            }
        }

        void RefuseUnknown(string key, List<string> named)
        {
            for (var i = 0; i < named.Count; i++)
            {
                if (!string.IsNullOrWhiteSpace(named[i]) && !roles.Contains(named[i]))
                {
                    faults.Error($"{key}[{i}]", named[i], FaultList.Unknown("role under any RoleSync", named[i], roles));
                }
            }
        }
    }

    private static RoleSyncOptions? SyncOf(BackendOptions backend) => backend switch
    {
        LdapBackendOptions ldap => ldap.RoleSync,
        LocalBackendOptions local => local.RoleSync,
        _ => null,
    };

    private static bool SendsInTheClear(string host) =>
        host.StartsWith("ldap://", StringComparison.OrdinalIgnoreCase)
        && !(Uri.TryCreate(host, UriKind.Absolute, out var uri)
            && (uri.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
                || (IPAddress.TryParse(uri.Host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address))));

    private static void CheckLockout(GatewayOptions options, FaultList faults)
    {
        if (string.Equals(options.Lockout.Mode, LockoutOptions.LogOnly, StringComparison.Ordinal))
        {
            faults.Warn(
                $"{ConfigurationTree.RootKey}:Lockout:Mode",
                OptionText.Of(options.Lockout.Mode),
                "Locks of accounts, places and addresses stop nobody who guesses. Set it back to enforce once the audit trail shows whom they would have met.");
        }

        var limit = options.Lockout.Account.Limit;
        if (limit > UsualDirectoryLimit - 2 && options.Backends.Exists(backend => backend is LdapBackendOptions))
        {
            faults.Warn(
                $"{ConfigurationTree.RootKey}:Lockout:Account:Limit",
                OptionText.Of(limit),
                $"Directories often lock an account after {UsualDirectoryLimit} failures, for every other system too. Keep this at least 2 below the directory's own limit.");
        }
    }
}
