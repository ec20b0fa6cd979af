using System.Security.Cryptography.X509Certificates;

namespace AuthGateway.Ldap;

/// <summary>When TLS begins.</summary>
public enum LdapTlsMode
{
    /// <summary>Never: passwords cross the wire in the clear. For loopback and sockets inside a tunnel only.</summary>
    None,

    /// <summary>By request before anything else is sent (RFC 4511, 4.14). A server that refuses gets no bind.</summary>
    StartTls,

    /// <summary>With the first byte.</summary>
    Ldaps,
}

/// <summary>How a directory's identity is proven. TLS 1.2 or 1.3; revocation is not asked (a login must not wait for a third party).</summary>
public sealed record LdapTlsOptions
{
    /// <summary>Null derives it: <c>ldaps://</c> is <see cref="LdapTlsMode.Ldaps"/>, <c>ldap://</c> is <see cref="LdapTlsMode.StartTls"/>. No TLS must be said.</summary>
    public LdapTlsMode? Mode { get; init; }

    /// <summary>The name the certificate must carry; null is the endpoint's host. Needed when a tunnel ends on 127.0.0.1.</summary>
    public string? TargetHost { get; init; }

    /// <summary>The only roots trusted for this directory; null is the system's.</summary>
    public X509Certificate2Collection? TrustedRoots { get; init; }

    /// <summary>
    /// SHA-256 of the certificates accepted (32 bytes each); none but these is. Without <see cref="TrustedRoots"/> they decide alone: name, issuer and dates
    /// no longer matter. With roots, both must hold. Empty: no pin.
    /// </summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> PinnedSha256
    {
        get;
        init => field = value.All(pin => pin.Length == 32) ? value : throw new ArgumentException("a SHA-256 hash has 32 bytes", nameof(value));
    } = [];

    /// <summary>The mode for an endpoint.</summary>
    /// <exception cref="ArgumentException">The mode contradicts the scheme of the address.</exception>
    public LdapTlsMode ModeFor(LdapEndpoint endpoint)
    {
        var mode = Mode ?? (endpoint.IsLdaps ? LdapTlsMode.Ldaps : LdapTlsMode.StartTls);
        return mode == LdapTlsMode.Ldaps == endpoint.IsLdaps
            ? mode
            : throw new ArgumentException($"TLS mode {mode} contradicts {endpoint}", nameof(endpoint));
    }
}
