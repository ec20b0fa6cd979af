using System.Collections.Frozen;
using AuthGateway.Core.Policies;

namespace AuthGateway.Core.Services;

/// <summary>Whether a host's handshake asks for a device certificate, and whether one must come.</summary>
public enum ClientCertificateMode
{
    /// <summary>Never asked for.</summary>
    None,

    /// <summary>Asked for; its absence is judged by the policy.</summary>
    Optional,

    /// <summary>Asked for; its absence is refused whatever the policy.</summary>
    Required,
}

/// <summary>What a host and path lead to.</summary>
public readonly struct ServiceMatch
{
    /// <summary>The service, or null when there is none.</summary>
    public Service? Service { get; init; }

    /// <summary>True when the path is closed to everybody.</summary>
    public bool Closed { get; init; }

    /// <summary>Path the gateway redirects to by itself, or null.</summary>
    public string? RedirectTo { get; init; }
}

/// <summary>Every published service by host and path: built once per reload, then only looked up.</summary>
public sealed class ServiceTable
{
    private readonly FrozenDictionary<string, PublishedHost> _hosts;

    internal ServiceTable(FrozenDictionary<string, PublishedHost> hosts, IReadOnlyList<Service> services)
    {
        _hosts = hosts;
        Services = services;
    }

    /// <summary>Every service, in the order of the configuration.</summary>
    public IReadOnlyList<Service> Services { get; }

    /// <summary>Canonical host names.</summary>
    public IEnumerable<string> HostNames => _hosts.Keys;

    /// <summary>The host by its canonical name, or null.</summary>
    public PublishedHost? FindHost(string host) => _hosts.GetValueOrDefault(host);
}

/// <summary>One host name: what it publishes and what its handshake asks for.</summary>
public sealed class PublishedHost
{
    private readonly Entry[] _entries;
    private readonly bool _hasPortal;
    private readonly FrozenDictionary<string, string> _redirects;

    /// <summary>Takes what the builder found.</summary>
    /// <param name="name">Canonical name.</param>
    /// <param name="clientCertificate">What the handshake asks for.</param>
    /// <param name="listeners">Listeners the host is served on.</param>
    /// <param name="services">Services of the host in the order of the configuration: the first web service is where people go.</param>
    /// <param name="entries">Prefixes, the longest first.</param>
    /// <param name="redirects">Redirects by path.</param>
    internal PublishedHost(
        string name,
        ClientCertificateMode clientCertificate,
        IReadOnlyList<string> listeners,
        IReadOnlyList<Service> services,
        Entry[] entries,
        FrozenDictionary<string, string> redirects)
    {
        var web = services.Where(service => (service.Logins & LoginWays.Form) != 0 && service.Paths.Count > 0).ToArray();
        Home = web.Where(service => service.Rules.Any(rule => rule.Policy is { Anonymous: false, Denies: false })).Select(service => service.Paths[0]).FirstOrDefault() ?? "/";
        KeepsPassword = web.Any(service => service.Identity is IdentityForwarding.Basic or IdentityForwarding.HeaderAndBasic);
        Name = name;
        ClientCertificate = clientCertificate;
        Listeners = listeners;
        _entries = entries;
        _hasPortal = Array.Exists(entries, entry => entry.Service.Kind == ServiceKind.Portal);
        _redirects = redirects;
    }

    /// <summary>Canonical name.</summary>
    public string Name { get; }

    /// <summary>What the handshake asks for.</summary>
    public ClientCertificateMode ClientCertificate { get; }

    /// <summary>Listeners the host is served on; empty means every public one.</summary>
    public IReadOnlyList<string> Listeners { get; }

    /// <summary>Where people go after signing in when they came from nowhere: the first web service's path.</summary>
    public string Home { get; }

    /// <summary>True when a web service of the host hands the password on to its upstream.</summary>
    public bool KeepsPassword { get; }

    /// <summary>
    /// The service of a canonical path: the longest prefix wins, compared without case so that no spelling leads past
    /// a rule. Allocates nothing.
    /// </summary>
    public ServiceMatch Find(string path)
    {
        if (_redirects.Count > 0 && _redirects.TryGetValue(path, out var target))
        {
            return new ServiceMatch { RedirectTo = target };
        }

        // The gateway's own path is nobody else's, also where the gateway has no pages and a service publishes all of "/".
        if (!_hasPortal && PathPrefix.Matches(path, ServiceTableBuilder.ReservedPrefix, StringComparison.OrdinalIgnoreCase))
        {
            return default;
        }

        foreach (ref readonly var entry in _entries.AsSpan())
        {
            if (PathPrefix.Matches(path, entry.Prefix, StringComparison.OrdinalIgnoreCase))
            {
                return new ServiceMatch { Service = entry.Service, Closed = entry.Closed };
            }
        }

        return default;
    }

    /// <summary>One prefix of a host.</summary>
    internal readonly record struct Entry(string Prefix, Service Service, bool Closed);
}
