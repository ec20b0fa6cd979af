using System.Net;
using AuthGateway.Core.Devices;
using AuthGateway.Core.Login.SignOn;
using AuthGateway.Core.Services;
using AuthGateway.Core.Sessions;

namespace AuthGateway.Core.Pipeline;

/// <summary>What the gateway's own pages know of a request the corridor let through to them; found among the request's features.</summary>
public interface IPortalRequest
{
    /// <summary>The gateway's id of the request.</summary>
    string RequestId { get; }

    /// <summary>The table the request took at the door.</summary>
    GatewayTable Table { get; }

    /// <summary>When it came.</summary>
    DateTimeOffset ReceivedAt { get; }

    /// <summary>Canonical host.</summary>
    string Host { get; }

    /// <summary>Host with the port where it is not 443.</summary>
    string Authority { get; }

    /// <summary>The published host.</summary>
    PublishedHost? PublishedHost { get; }

    /// <summary>Client address, as decided at the door.</summary>
    IPAddress ClientAddress { get; }

    /// <summary>Owner of the device certificate the browser showed, when it is a sound one; or null.</summary>
    string? DeviceOwner { get; }

    /// <summary>The device certificate the browser showed, when it is a sound one; or null.</summary>
    DeviceCertificate? Device { get; }

    /// <summary>What a trusted forwarder said about the user, or null.</summary>
    ForwardedName? ForwardedName { get; }

    /// <summary>User-Agent, or null.</summary>
    string? UserAgent { get; }

    /// <summary>The live session the browser came with, pending ones included; or null.</summary>
    Session? Session { get; }

    /// <summary>The token of the session cookie; with <see cref="Session"/> it is that session's.</summary>
    SessionToken? Token { get; }
}
