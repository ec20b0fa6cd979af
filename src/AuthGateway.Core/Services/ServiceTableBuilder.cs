using System.Collections.Frozen;
using AuthGateway.Core.Edge;
using AuthGateway.Core.Faults;
using AuthGateway.Core.Networks;
using AuthGateway.Core.Policies;

namespace AuthGateway.Core.Services;

/// <summary>Builds the service table from the configuration and finds every fault in it.</summary>
public static class ServiceTableBuilder
{
    /// <summary>Paths under this prefix belong to the gateway on every host.</summary>
    public const string ReservedPrefix = "/.agw";

    /// <summary>Builds the table; with errors in <paramref name="faults"/> the result must not be used.</summary>
    public static ServiceTable Build(
        IReadOnlyDictionary<string, HostOptions> hosts,
        IReadOnlyDictionary<string, UpstreamOptions> upstreams,
        IReadOnlyDictionary<string, ServiceOptions> services,
        IReadOnlyDictionary<string, PolicyOptions> policies,
        NetworkCatalog networks,
        FaultList faults)
    {
        CheckTrust(upstreams, faults);
        var policyTable = PolicyTable.Build(policies, networks, faults);
        var canonicalHosts = CanonicalHosts(hosts, faults);
        var built = new List<Service>();
        foreach (var (name, options) in services)
        {
            if (BuildService(name, options, canonicalHosts, upstreams, policyTable, networks, faults) is { } service)
            {
                built.Add(service);
            }
        }

        var published = new Dictionary<string, PublishedHost>(StringComparer.Ordinal);
        foreach (var (host, options) in canonicalHosts)
        {
            published[host] = Publish(host, options, built, faults);
        }

        foreach (var unused in policies.Keys.Where(policy => !built.Exists(service => service.Rules.Any(rule => rule.Policy.Name == policy))))
        {
            faults.Warn($"AuthGateway:Policies:{unused}", null, "No rule uses this policy.");
        }

        foreach (var unused in upstreams.Keys.Where(upstream => !built.Exists(service => service.Upstream == upstream)))
        {
            faults.Warn($"AuthGateway:Upstreams:{unused}", null, "No service uses this upstream.");
        }

        return new ServiceTable(published.ToFrozenDictionary(StringComparer.Ordinal), built);
    }

    private static Dictionary<string, HostOptions> CanonicalHosts(IReadOnlyDictionary<string, HostOptions> hosts, FaultList faults)
    {
        var result = new Dictionary<string, HostOptions>(StringComparer.Ordinal);
        foreach (var (name, options) in hosts)
        {
            var key = $"AuthGateway:Hosts:{name}";
            if (!HostName.TryCanonicalize(name, 443, out var host) || !string.Equals(host, name, StringComparison.Ordinal))
            {
                faults.Error(key, name, "This is not a host name in its plain form: lower-case letters, digits, hyphens and dots, without port.");
            }
            else
            {
                result[host] = options;
            }
        }

        return result;
    }

    private static Service? BuildService(
        string name,
        ServiceOptions options,
        Dictionary<string, HostOptions> hosts,
        IReadOnlyDictionary<string, UpstreamOptions> upstreams,
        FrozenDictionary<string, Policy> policies,
        NetworkCatalog networks,
        FaultList faults)
    {
        var key = $"AuthGateway:Services:{name}";
        if (!name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
        {
            faults.Error(key, name, "A service's name has letters, digits, \"-\", \"_\" and \".\" only.");
        }

        if (!Preset.All.TryGetValue(options.Preset, out var preset))
        {
            faults.Error($"{key}:Preset", options.Preset, FaultList.Unknown("preset", options.Preset, Preset.All.Keys));
            return null;
        }

        for (var i = 0; i < options.Hosts.Count; i++)
        {
            if (!hosts.ContainsKey(options.Hosts[i]))
            {
                faults.Error($"{key}:Hosts[{i}]", options.Hosts[i], FaultList.Unknown("host", options.Hosts[i], hosts.Keys));
            }
        }

        if (!upstreams.TryGetValue(options.Upstream, out var upstream))
        {
            faults.Error($"{key}:Upstream", options.Upstream, FaultList.Unknown("upstream", options.Upstream, upstreams.Keys));
        }

        CheckPaths($"{key}:Paths", options.Paths, faults);
        CheckPaths($"{key}:ClosedPaths", options.ClosedPaths, faults);
        var methods = Methods($"{key}:Methods", options.Methods, faults);
        var rules = Rules(key, options.Rules, policies, networks, faults);
        var identity = options.Identity switch
        {
            "none" => IdentityForwarding.None,
            "header" => IdentityForwarding.Header,
            "basic" => IdentityForwarding.Basic,
            "header-and-basic" => IdentityForwarding.HeaderAndBasic,
            "session-token" => IdentityForwarding.Token,
            "header-and-session-token" => IdentityForwarding.HeaderAndToken,
            _ => preset.Identity,
        };
        var service = new Service
        {
            Name = name,
            Preset = preset.Name,
            Kind = preset.Kind,
            Hosts = options.Hosts,
            Paths = options.Paths.Count > 0 ? options.Paths : preset.Paths,
            ClosedPaths = [.. preset.ClosedPaths, .. options.ClosedPaths],
            Methods = methods.Count > 0 ? methods : preset.Methods.ToFrozenSet(StringComparer.Ordinal),
            Rules = rules,
            Upstream = options.Upstream,
            Logins = options.Login switch
            {
                "form" => LoginWays.Form,
                "basic" => LoginWays.Basic,
                "both" => LoginWays.Form | LoginWays.Basic,
                _ => preset.Logins,
            },
            Identity = identity,
            IdentityHeader = options.IdentityHeader.Length > 0 ? options.IdentityHeader : preset.IdentityHeader,
            IsTrustedByUpstream = upstream is { TrustsIdentityHeader: true },
            ValidUsers = [.. options.ValidUser.Select((names, i) => NamesWithoutPassword.Build(names, $"{key}:ValidUser[{i}]", networks, faults))],
            SharedSecret = options.SharedSecret.Length > 0 ? options.SharedSecret : null,
            Rewrite = preset.Rewrite,
            NeedsContentLength = preset.NeedsContentLength,
            ActivityTimeout = options.ActivityTimeout ?? preset.ActivityTimeout,
            MaxBodyBytes = options.MaxBodyBytes ?? preset.MaxBodyBytes,
            ReuseConnections = upstream?.ReuseConnections ?? preset.ReuseConnections,
            IsSogo = preset.IsSogo,
            AllowsUnusualPaths = preset.AllowsUnusualPaths,
            Redirects = preset.Redirects,
        };
        foreach (var path in service.ClosedPaths.Where(closed => service.Paths.Contains(closed, StringComparer.OrdinalIgnoreCase)))
        {
            faults.Error($"{key}:Paths", path, "The service closes this path itself, by its preset or its ClosedPaths, and would publish it all the same. Remove one.");
        }

        CheckRewrite(key, service, faults);
        CheckIdentity(key, service, upstream, faults);
        CheckLogins(key, service, faults);
        CheckAppPasswords(key, service, faults);
        CheckNames(key, service, faults);
        CheckDevices(key, service, hosts, faults);
        return service;
    }

    private static void CheckPaths(string key, List<string> paths, FaultList faults)
    {
        for (var i = 0; i < paths.Count; i++)
        {
            if (!paths[i].StartsWith('/') || !CanonicalTarget.IsCanonicalPath(paths[i]))
            {
                faults.Error($"{key}[{i}]", paths[i], "A path starts with \"/\" and is written plainly: no \"..\", \"//\", \"\\\", \"%\" or query.");
            }
            else if (paths[i].Length > 1 && paths[i].EndsWith('/'))
            {
                faults.Error($"{key}[{i}]", paths[i], $"With the slash at its end this would leave out \"{paths[i].TrimEnd('/')}\" itself. Write it without; everything below is meant anyway.");
            }
            else if (PathPrefix.Matches(paths[i], ReservedPrefix, StringComparison.OrdinalIgnoreCase))
            {
                faults.Error($"{key}[{i}]", paths[i], $"Paths below \"{ReservedPrefix}\" belong to the gateway.");
            }
        }
    }

    private static FrozenSet<string> Methods(string key, List<string> methods, FaultList faults)
    {
        for (var i = 0; i < methods.Count; i++)
        {
            if (methods[i].Length is 0 or > 20 || !methods[i].All(char.IsAsciiLetterUpper) || MethodRules.IsNeverAllowed(methods[i]))
            {
                faults.Error($"{key}[{i}]", methods[i], "A method is written in capitals, such as \"PROPFIND\"; TRACE, TRACK and CONNECT are never allowed.");
            }
        }

        return methods.ToFrozenSet(StringComparer.Ordinal);
    }

    private static List<Rule> Rules(
        string key, List<RuleOptions> options, FrozenDictionary<string, Policy> policies, NetworkCatalog networks, FaultList faults)
    {
        var rules = new List<Rule>();
        var decided = false;
        for (var i = 0; i < options.Count; i++)
        {
            var rule = options[i];
            var ruleKey = $"{key}:Rules[{i}]";
            if (decided)
            {
                faults.Warn(ruleKey, null, "An earlier rule matches every request, so this one is never reached.");
            }

            if (!policies.TryGetValue(rule.Policy, out var policy))
            {
                faults.Error($"{ruleKey}:Policy", rule.Policy, FaultList.Unknown("policy", rule.Policy, policies.Keys));
                policy = Policy.DenyAll;
            }

            if (rule.Path.Length > 0)
            {
                CheckPaths($"{ruleKey}:Path", [rule.Path], faults);
            }

            decided |= rule.From.Count == 0 && rule.Path.Length == 0 && rule.Methods.Count == 0 && !policy.Anonymous;
            rules.Add(new Rule
            {
                Number = i + 1,
                From = rule.From.Count == 0 ? NetworkSet.Any : networks.Resolve(rule.From, $"{ruleKey}:From", faults),
                Path = rule.Path.Length > 0 ? rule.Path : null,
                Methods = Methods($"{ruleKey}:Methods", rule.Methods, faults),
                Policy = policy,
            });
        }

        return rules;
    }

    /// <summary>A path the preset does not rewrite would reach SOGo as it is, where other things live under it than the preset knows.</summary>
    private static void CheckRewrite(string key, Service service, FaultList faults)
    {
        if (service.Rewrite is not { } rewrite)
        {
            return;
        }

        for (var i = 0; i < service.Paths.Count; i++)
        {
            if (!PathPrefix.Matches(service.Paths[i], rewrite.From, StringComparison.OrdinalIgnoreCase))
            {
                faults.Error($"{key}:Paths[{i}]", service.Paths[i], $"The preset leads \"{rewrite.From}\" to \"{rewrite.To}\" and would forward this path as it is. Leave Paths out.");
            }
        }
    }

    private static void CheckIdentity(string key, Service service, UpstreamOptions? upstream, FaultList faults)
    {
        var byHeader = service.TellsByHeader;
        var byBasic = service.Identity is IdentityForwarding.Basic or IdentityForwarding.HeaderAndBasic;
        if (byHeader && ProtectedHeaders.Classify(service.IdentityHeader) is not HeaderStanding.Protected)
        {
            faults.Error($"{key}:IdentityHeader", service.IdentityHeader, "Clients could send this header themselves. Take one the gateway removes from every request, such as \"X-Remote-User\".");
        }

        else if (byHeader && GatewayHeaders.IsTaken(service.IdentityHeader))
        {
            faults.Error($"{key}:IdentityHeader", service.IdentityHeader, "The gateway says something else in this header. Take another, such as \"X-Remote-User\".");
        }

        if (upstream is { TrustsIdentityHeader: true })
        {
            // SOGo in trust mode logs in whoever a Basic header names, without looking at the password, when the identity header is missing.
            if (!byHeader)
            {
                faults.Error($"{key}:Identity", Word(service.Identity), $"The upstream \"{service.Upstream}\" believes whatever name it is told; a request without the gateway's header would be a login without a password. Set Identity to \"header\", \"header-and-basic\" or \"header-and-session-token\".");
            }

            foreach (var rule in service.Rules.Where(rule => rule.Policy.Anonymous))
            {
                faults.Error($"{key}:Rules[{rule.Number - 1}]:Policy", rule.Policy.Name, $"The upstream \"{service.Upstream}\" believes whatever name it is told, so no anonymous request may reach it.");
            }
        }

        if (service is { IsSogo: true, Identity: IdentityForwarding.Token })
        {
            // It would try the token as the user's password, at the directory, with every request.
            faults.Error($"{key}:Identity", Word(service.Identity), "SOGo would hold the token against the directory, as a wrong password of its user each time. Set Identity to \"header-and-session-token\", with an upstream that trusts the header.");
        }

        if (service is { IsSogo: true, TellsByHeader: true } && upstream is { TrustsIdentityHeader: false })
        {
            faults.Error($"{key}:Identity", Word(service.Identity), $"The upstream \"{service.Upstream}\" does not believe the identity header. Set its TrustsIdentityHeader to true (and SOGoTrustProxyAuthentication in SOGo), or Identity to \"basic\".");
        }

        if (byBasic && service.Rules.Any(rule => rule.Policy is { Anonymous: false, Denies: false, RequiresSecret: false }))
        {
            faults.Error($"{key}:Identity", Word(service.Identity), "Only a verified password may be passed on, and by a rule of this service somebody may come in without one. Have every rule ask for \"password\", or set Identity to \"header\" or to a session token.");
        }
    }

    /// <summary>An app password is the gateway's: no upstream knows it, and the account's own is not there to be handed on.</summary>
    private static void CheckAppPasswords(string key, Service service, FaultList faults)
    {
        foreach (var rule in service.Rules.Where(rule => (rule.Policy.Accepted & FactorSet.AppPassword) != 0))
        {
            var ruleKey = $"{key}:Rules[{rule.Number - 1}]:Policy";
            if (service.Identity == IdentityForwarding.Basic)
            {
                faults.Warn(ruleKey, rule.Policy.Name, "Who comes with an app password has no password for the upstream, which will refuse him: Identity is \"basic\". Set it to \"header\" before an upstream that trusts it, or take \"app-password\" out of the policy.");
            }
            else if (service.Identity == IdentityForwarding.HeaderAndBasic)
            {
                faults.Warn(ruleKey, rule.Policy.Name, "Who comes with an app password is told to the upstream by name alone: what it does with his password (IMAP) will not work for him. Set Identity to \"header\" when it needs none.");
            }

            if ((service.Logins & LoginWays.Basic) == 0 && rule.Policy.RequiresAppPassword)
            {
                faults.Error(ruleKey, rule.Policy.Name, "The policy demands an app password, but people sign in to this service by the gateway's page, where none is ever taken. Set Login to \"basic\" or \"both\", or take \"app-password\" out of the policy.");
            }
        }
    }

    private static void CheckLogins(string key, Service service, FaultList faults)
    {
        var form = (service.Logins & LoginWays.Form) != 0;
        if (form && service.Kind != ServiceKind.Web)
        {
            faults.Error($"{key}:Login", "form", "Clients of ActiveSync and DAV cannot fill in a page. Leave Login out, or set it to \"basic\".");
        }

        // An entry that only a typed code can meet shuts out whoever has no page to type it into.
        foreach (var rule in service.Rules.Where(rule => !form && rule.Policy.Factors.Any(entry => (entry & ~(FactorSet.Totp | FactorSet.RecoveryCode)) == 0)))
        {
            faults.Error($"{key}:Rules[{rule.Number - 1}]:Policy", rule.Policy.Name, "The policy asks for \"totp\", but the clients of this service have no page to type a code into. Ask for \"device\" instead, or set Login to \"form\".");
        }
    }

    /// <summary>Whoever sits in those networks can be any of those people. It is asked for on purpose, so it is said each time and not refused.</summary>
    private static void CheckNames(string key, Service service, FaultList faults)
    {
        var rules = service.Rules.Where(rule => (rule.Policy.Accepted & FactorSet.Network) != 0).ToArray();
        if (service.ValidUsers.Count == 0)
        {
            foreach (var rule in rules)
            {
                faults.Error($"{key}:Rules[{rule.Number - 1}]:Policy", rule.Policy.Name, "The policy takes names without a password (\"network\"), but the service has no ValidUser that says which and from where.");
            }

            return;
        }

        if (rules.Length == 0)
        {
            faults.Error($"{key}:ValidUser", null, "No rule of this service has a policy that takes a name without a password. Add \"network\" to its factors, such as \"network|password\", or remove ValidUser.");
        }
        else if ((service.Logins & LoginWays.Form) == 0)
        {
            faults.Error($"{key}:ValidUser", null, "Names without a password are typed into the gateway's page, and the clients of this service have none. Remove ValidUser, or set Login to \"form\".");
        }
        else
        {
            faults.Warn($"{key}:ValidUser", null, "Whoever reaches this service from these networks can be any of these users, without a password. Keep names and networks as few as they can be.");
        }
    }

    internal static string Word(IdentityForwarding identity) => identity switch
    {
        IdentityForwarding.Header => "header",
        IdentityForwarding.Basic => "basic",
        IdentityForwarding.HeaderAndBasic => "header-and-basic",
        IdentityForwarding.Token => "session-token",
        IdentityForwarding.HeaderAndToken => "header-and-session-token",
        _ => "none",
    };

    /// <summary>One server under two names, trusting under one of them only, would walk around every rule about upstreams that trust.</summary>
    private static void CheckTrust(IReadOnlyDictionary<string, UpstreamOptions> upstreams, FaultList faults)
    {
        var trusting = upstreams.Where(upstream => upstream.Value.TrustsIdentityHeader).ToArray();
        foreach (var (name, doubting) in upstreams.Where(upstream => !upstream.Value.TrustsIdentityHeader))
        {
            foreach (var (other, _) in trusting.Where(upstream => upstream.Value.Destinations.Select(Server).Intersect(doubting.Destinations.Select(Server), StringComparer.Ordinal).Any()))
            {
                faults.Error($"AuthGateway:Upstreams:{name}:TrustsIdentityHeader", "false", $"The upstream \"{other}\" leads to the same server and says that it believes the identity header. Say so here too.");
            }
        }
    }

    private static string Server(string destination) => Uri.TryCreate(destination, UriKind.Absolute, out var uri) ? uri.Authority : destination;

    private static void CheckDevices(string key, Service service, Dictionary<string, HostOptions> hosts, FaultList faults)
    {
        foreach (var rule in service.Rules.Where(rule => rule.Policy.RequiresDevice))
        {
            foreach (var host in service.Hosts.Where(host => hosts.TryGetValue(host, out var options) && options.ClientCertificate is "none"))
            {
                faults.Error($"{key}:Rules[{rule.Number - 1}]:Policy", rule.Policy.Name, $"The policy asks for a device, but the host \"{host}\" never asks for a certificate. Set its ClientCertificate to \"required\".");
            }
        }
    }

    private static PublishedHost Publish(string host, HostOptions options, List<Service> services, FaultList faults)
    {
        var entries = new List<PublishedHost.Entry>();
        var redirects = new Dictionary<string, string>(StringComparer.Ordinal);
        Service[] own = [.. services.Where(service => service.Hosts.Contains(host, StringComparer.Ordinal))];
        foreach (var service in own)
        {
            foreach (var path in service.Paths)
            {
                if (entries.Find(entry => !entry.Closed && string.Equals(entry.Prefix, path, StringComparison.OrdinalIgnoreCase)) is { Service: { } other })
                {
                    faults.Error($"AuthGateway:Services:{service.Name}:Paths", path, $"The service \"{other.Name}\" publishes the same path on \"{host}\".");
                }

                entries.Add(new PublishedHost.Entry(path, service, Closed: false));
            }

            entries.AddRange(service.ClosedPaths.Select(path => new PublishedHost.Entry(path, service, Closed: true)));
            foreach (var (from, to) in service.Redirects)
            {
                redirects.TryAdd(from, to);
            }
        }

        if (entries.Exists(entry => (entry.Service.Logins & LoginWays.Form) != 0))
        {
            entries.Add(new PublishedHost.Entry(ReservedPrefix, PortalService.For(host, own), Closed: false));
        }

        if (entries.Count == 0)
        {
            faults.Warn($"AuthGateway:Hosts:{host}", null, "No service is published on this host; every request to it is refused.");
        }

        // A path another service publishes goes before the same path closed by this one; longer prefixes go first.
        PublishedHost.Entry[] ordered = [.. entries.OrderByDescending(entry => entry.Prefix.Length).ThenBy(entry => entry.Closed)];
        foreach (var taken in ordered.Where(entry => !entry.Closed))
        {
            redirects.Remove(taken.Prefix);
        }

        var mode = options.ClientCertificate switch
        {
            "required" => ClientCertificateMode.Required,
            "optional" => ClientCertificateMode.Optional,
            _ => ClientCertificateMode.None,
        };
        return new PublishedHost(host, mode, options.Listeners, own, ordered, redirects.ToFrozenDictionary(StringComparer.Ordinal));
    }
}
