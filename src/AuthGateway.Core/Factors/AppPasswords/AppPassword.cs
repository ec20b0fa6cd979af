using System.Net;
using AuthGateway.Core.Faults;
using AuthGateway.Core.Networks;

namespace AuthGateway.Core.Factors.AppPasswords;

/// <summary>An app password, as this process knows it. What runs under it is cut by <see cref="Ended"/>.</summary>
public sealed class AppPassword
{
    private const int LongestUserAgent = 256;

    // A use a minute later says nothing new; another address does.
    private static readonly TimeSpan NotedEvery = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan WrittenEvery = TimeSpan.FromMinutes(5);

    private readonly CancellationTokenSource _end = new();
    private Networked? _networks;
    private Noted? _noted;
    private DateTimeOffset _writtenAt;

    internal AppPassword(AppPasswordRecord record)
    {
        Record = record;
        Told = $"app password \"{record.Tag}\"";
        _writtenAt = record.LastUse?.At ?? DateTimeOffset.MinValue;
    }

    /// <summary>What is kept of it.</summary>
    public AppPasswordRecord Record { get; }

    /// <summary>Its name in audit and <c>explain</c>.</summary>
    public string Told { get; }

    /// <summary>Cancelled when it is revoked: running requests and WebSockets go with it.</summary>
    public CancellationToken Ended => _end.Token;

    /// <summary>True from its expiry on.</summary>
    public bool IsExpired(DateTimeOffset now) => Record.ExpiresAt is { } end && now >= end;

    /// <summary>True when it opens a service.</summary>
    /// <param name="serviceClass">A word of <see cref="AppPasswordClass"/>; null for what no app password opens.</param>
    /// <param name="service">The service's name.</param>
    public bool Opens(string? serviceClass, string service)
    {
        if (serviceClass is null)
        {
            return false;
        }

        for (var i = 0; i < Record.For.Count; i++)
        {
            var word = Record.For[i];
            if (AppPasswordClass.Is(word) ? word == serviceClass : string.Equals(word, service, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>True when it is good from an address. A network that is not configured any more holds nobody.</summary>
    public bool IsGoodFrom(IPAddress address, NetworkCatalog catalog)
    {
        if (Record.Networks.Count == 0)
        {
            return true;
        }

        var networks = Volatile.Read(ref _networks);
        if (networks is null || !ReferenceEquals(networks.Catalog, catalog))
        {
            networks = new Networked(catalog, catalog.Resolve(Record.Networks, Told, new FaultList()));
            Volatile.Write(ref _networks, networks);
        }

        return networks.Set.Contains(address);
    }

    /// <summary>Notes a use, to be written down some time.</summary>
    internal void Touch(DateTimeOffset now, IPAddress address, string? userAgent)
    {
        var noted = Volatile.Read(ref _noted);
        if (noted is null || now - noted.At >= NotedEvery || now < noted.At || !noted.Address.Equals(address))
        {
            Volatile.Write(ref _noted, new Noted(now, address, userAgent));
        }
    }

    /// <summary>The use to write down, or null when there is none or one was written a short while ago.</summary>
    internal AppPasswordUse? TakeUnwritten(DateTimeOffset now, bool atOnce)
    {
        if (Volatile.Read(ref _noted) is not { } noted || noted.At <= _writtenAt || (!atOnce && now - _writtenAt < WrittenEvery && now >= _writtenAt))
        {
            return null;
        }

        _writtenAt = noted.At;
        return new AppPasswordUse(noted.At, noted.Address.ToString(), noted.UserAgent is not { } agent ? "" : agent.Length <= LongestUserAgent ? agent : agent[..LongestUserAgent]);
    }

    /// <summary>Cuts what runs under it. Callbacks of requests must not run on the thread that revokes.</summary>
    internal void End() => _ = _end.CancelAsync();

    private sealed record Noted(DateTimeOffset At, IPAddress Address, string? UserAgent);

    private sealed record Networked(NetworkCatalog Catalog, NetworkSet Set);
}
