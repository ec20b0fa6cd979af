using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text.Json;
using AuthGateway.Core.Backends.Checkpassword;
using AuthGateway.Core.Backends.Helper;
using AuthGateway.Core.Backends.Ldap;
using AuthGateway.Core.Backends.Local;
using AuthGateway.Core.Backends.Pam;
using AuthGateway.Core.Backends.Programs;
using AuthGateway.Core.Backends.Roles;
using AuthGateway.Core.Faults;
using Microsoft.Extensions.Logging;

namespace AuthGateway.Core.Backends;

/// <summary>What backends are built with.</summary>
/// <param name="Local">Makes the backend of local accounts.</param>
/// <param name="TimeProvider">The clock.</param>
/// <param name="Loggers">Where they log.</param>
public sealed record BackendDependencies(Func<LocalBackendOptions, IBackend> Local, TimeProvider TimeProvider, ILoggerFactory Loggers)
{
    /// <summary>The gateway's own command line without a verb: some backends do their work in a process of it. Empty where none is ever asked.</summary>
    public IReadOnlyList<string> OwnProgram { get; init; } = [];

    /// <summary>The local end of a tunnel for a host and port behind it. Null where there are no tunnels.</summary>
    public Func<string, string, int, string>? TunnelSocket { get; init; }
}

/// <summary>From the configured list to a chain.</summary>
public static class BackendFactory
{
    private const string Section = "AuthGateway:Backends";

    /// <summary>
    /// Builds a chain, or adds every fault and returns null. A backend whose options did not change is taken over from
    /// the running chain, so its connections and what it knows about its servers survive a reload. The caller retires the
    /// chain that is not used: the old one after the swap, or the new one when another room's fault refuses the load.
    /// </summary>
    public static BackendChain? Build(IReadOnlyList<BackendOptions> options, FaultList faults, BackendDependencies dependencies, BackendChain? previous)
    {
        var found = new FaultList();
        for (var i = 0; i < options.Count; i++)
        {
            Validate(options[i], $"{Section}[{i}]", found);
        }

        FindDuplicates(options, found);
        WarnOfSharedServers(options, found);
        if (dependencies.TunnelSocket is null)
        {
            for (var i = 0; i < options.Count; i++)
            {
                if (options[i] is LdapBackendOptions { Tunnel.Length: > 0 } ldap)
                {
                    found.Error($"{Section}[{i}]:Tunnel", ldap.Tunnel, "There are no tunnels here. Remove it.");
                }
            }
        }

        foreach (var fault in found.All)
        {
            faults.Add(fault);
        }

        if (found.HasErrors)
        {
            return null;
        }

        var reusable = previous?.Fingerprints.ToDictionary(pair => pair.Value, pair => pair.Key, StringComparer.Ordinal) ?? [];
        var fingerprints = new Dictionary<IBackend, string>(ReferenceEqualityComparer.Instance);
        var links = new ChainLink[options.Count];
        for (var i = 0; i < options.Count; i++)
        {
            var fingerprint = Fingerprint(options[i]);
            var backend = reusable.TryGetValue(fingerprint, out var running) ? running : Create(options[i], dependencies);
            fingerprints.Add(backend, fingerprint);
            links[i] = new ChainLink(backend, options[i].OnUnavailable != "refuse", options[i].Next.Contains("rejected"))
            {
                UsageContext = options[i].UsageContext.Count == 0 ? null : options[i].UsageContext.ToFrozenSet(StringComparer.OrdinalIgnoreCase),
                LimitsServices = options[i] is LdapBackendOptions { RoleSync.UsageContext.Count: > 0 } or LocalBackendOptions { RoleSync.UsageContext.Count: > 0 },
            };
        }

        return new BackendChain(links, fingerprints);
    }

    /// <summary>What a backend reaches through a tunnel: hosts and ports as the far side sees them. Hosts that cannot be read are left out; they are faults of their own.</summary>
    public static IReadOnlyList<(string Host, int Port)> TunnelTargets(BackendOptions options) => options is LdapBackendOptions ldap ? LdapBackendBuilder.Targets(ldap) : [];

    /// <summary>A directory counts all wrong passwords of a user together, whichever backend forwarded them; each backend keeps a budget of its own.</summary>
    private static void WarnOfSharedServers(IReadOnlyList<BackendOptions> options, FaultList faults)
    {
        var servers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < options.Count; i++)
        {
            if (options[i] is not LdapBackendOptions { DirectoryLockout.Threshold: not DirectoryLockoutOptions.None } ldap)
            {
                continue;
            }

            foreach (var (host, port) in LdapBackendBuilder.Targets(ldap).Distinct())
            {
                // Another tunnel is another network, where the same name is another server.
                if (!servers.TryAdd($"{ldap.Tunnel}/{host}:{port}", ldap.Name) && servers[$"{ldap.Tunnel}/{host}:{port}"] is var other && other != ldap.Name)
                {
                    faults.Warn(
                        $"{Section}[{i}]:Hosts",
                        host,
                        $"\"{other}\" asks this server too. If they have users in common, wrong passwords are held two below the directory's own lock by each for itself, and together may reach it: "
                            + "set DirectoryLockout:Threshold of both to half of what the directory has, plus one.");
                    break;
                }
            }
        }
    }

    private static void Validate(BackendOptions options, string key, FaultList faults)
    {
        if (options.Name.Length is 0 or > 32 || options.Name.AsSpan().ContainsAnyExcept(NameCharacters))
        {
            faults.Error($"{key}:Name", options.Name, "A name of 1 to 32 letters, digits and hyphens is needed.");
        }

        if (options.OnUnavailable is not ("next" or "refuse"))
        {
            faults.Error($"{key}:OnUnavailable", options.OnUnavailable, "Must be next or refuse.");
        }

        for (var i = 0; i < options.Next.Count; i++)
        {
            if (options.Next[i] != "rejected")
            {
                faults.Error($"{key}:Next[{i}]", options.Next[i], "Only rejected may be named here; unknown users and outages ask the next backend anyway.");
            }
        }

        switch (options)
        {
            case LdapBackendOptions ldap:
                LdapBackendBuilder.Validate(ldap, key, faults);
                break;
            case PamBackendOptions pam:
                PamBackendBuilder.Validate(pam, key, faults);
                break;
            case ProgramBackendOptions program:
                ProgramRules.Validate(program, key, faults);
                break;
            case LocalBackendOptions local:
                RoleSyncValidator.Validate(local.RoleSync, $"{key}:RoleSync", readDn: null, faults);
                if (local.CommonPasswordsFile is { Length: > 0 } list && new CommonPasswordsFile(list).FindFault() is { } fault)
                {
                    faults.Error($"{key}:{nameof(LocalBackendOptions.CommonPasswordsFile)}", list, fault);
                }

                break;
            default:
                break;
        }
    }

    private static void FindDuplicates(IReadOnlyList<BackendOptions> options, FaultList faults)
    {
        // Identities are kept under the backend's name: two of one name would merge their users.
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var hasLocal = false;
        for (var i = 0; i < options.Count; i++)
        {
            if (options[i].Name.Length > 0 && !names.Add(options[i].Name))
            {
                faults.Error($"{Section}[{i}]:Name", options[i].Name, "Another backend has this name. Names must differ, for accounts are kept under them.");
            }

            if (options[i] is LocalBackendOptions)
            {
                if (hasLocal)
                {
                    faults.Error($"{Section}[{i}]", null, "There is one store of local accounts, so only one local backend. Remove this one.");
                }

                hasLocal = true;
            }
        }
    }

    private static IBackend Create(BackendOptions options, BackendDependencies dependencies) => options switch
    {
        LdapBackendOptions ldap => LdapBackendBuilder.Build(ldap, dependencies),
        LocalBackendOptions local => dependencies.Local(local),
        PamBackendOptions pam => PamBackendBuilder.Build(pam, dependencies.OwnProgram, dependencies.TimeProvider, dependencies.Loggers),
        HelperBackendOptions helper => HelperBackendBuilder.Build(helper, dependencies.TimeProvider, dependencies.Loggers),
        CheckpasswordBackendOptions checkpassword => CheckpasswordBackendBuilder.Build(checkpassword, dependencies.TimeProvider, dependencies.Loggers),
        _ => throw new InvalidOperationException($"No backend is known for {options.GetType().Name}."),
    };

    /// <summary>A hash, for the options hold a password. What only the chain looks at is left out.</summary>
    private static string Fingerprint(BackendOptions options)
    {
        var json = JsonSerializer.SerializeToNode(options)!.AsObject();
        json.Remove(nameof(BackendOptions.OnUnavailable));
        json.Remove(nameof(BackendOptions.Next));
        json.Remove(nameof(BackendOptions.UsageContext));
        json["references"] = options switch
        {
            LdapBackendOptions ldap => LdapBackendBuilder.Fingerprint(ldap),
            ProgramBackendOptions program => ProgramRules.Fingerprint(program.Program),
            _ => "",
        };
        return Convert.ToHexString(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(json)));
    }

    private const string NameCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-";
}
