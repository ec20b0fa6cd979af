using System.Net;

namespace AuthGateway.Core.Listeners;

/// <summary>What a listener is for.</summary>
public enum ListenerKind
{
    /// <summary>The published hosts, over TLS.</summary>
    Public,

    /// <summary>Plain HTTP that sends browsers to https and takes nothing else.</summary>
    Plain,

    /// <summary>Health, status, and tokens verified for other programs.</summary>
    Staff,
}

/// <summary>Which listener a connection came in on; set on each connection, and so readable from each request's features.</summary>
public interface IListenerFeature
{
    /// <summary>The listener's name.</summary>
    string Name { get; }

    /// <summary>What it is for.</summary>
    ListenerKind Kind { get; }

    /// <summary>The other end of the socket, IPv4-mapped addresses written as IPv4. Not yet the client where a trusted forwarder stands between.</summary>
    IPAddress Peer { get; }
}

internal sealed record ListenerFeature(string Name, ListenerKind Kind, IPAddress Peer) : IListenerFeature;
