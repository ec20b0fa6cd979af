using System.Net;
using AuthGateway.Core.Backends;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Lockout;

namespace AuthGateway.Core.Login;

/// <summary>A name and a password somebody sent, with what the table in force says about judging them.</summary>
/// <param name="Chain">The backends of the table the request took.</param>
/// <param name="Generation">Number of that table: what was proven under another one is proven anew.</param>
/// <param name="Lockout">The counters' numbers.</param>
/// <param name="Options">Lifetimes and floors.</param>
/// <param name="Name">The typed name.</param>
/// <param name="Secret">The password.</param>
/// <param name="ClientAddress">Who is calling, as decided at the door.</param>
/// <param name="Scope">The service: a login proven for one is not taken from the cache for another, and backends that are not asked for it are passed over.</param>
/// <param name="CertificateThumbprint">Of the device certificate, null without one: part of what is cached.</param>
public readonly record struct LoginRequest(
    BackendChain Chain,
    long Generation,
    LockoutPolicy Lockout,
    LoginOptions Options,
    UserName Name,
    Secret Secret,
    IPAddress ClientAddress,
    string Scope,
    string? CertificateThumbprint)
{
    /// <summary>Whom the user of the name wants to act for, folded, or null: what is cached for the one is not taken for the other.</summary>
    public string? ActsFor { get; init; }

    /// <summary>True for the sign-in page: the cache is neither asked nor filled, for a person who types a password means now.</summary>
    public bool IsFresh { get; init; }

    /// <summary>Canonical ActiveSync device id, or null: with certificate and address it says from which place the login comes.</summary>
    public string? DeviceId { get; init; }

    /// <summary>Where the login comes from.</summary>
    public Place Place => new(ClientAddress, CertificateThumbprint, DeviceId);
}
