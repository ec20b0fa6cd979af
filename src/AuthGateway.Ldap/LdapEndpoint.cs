using System.Diagnostics.CodeAnalysis;

namespace AuthGateway.Ldap;

/// <summary>Where a directory listens: <c>ldap://host[:389]</c> or <c>ldaps://host[:636]</c>.</summary>
public sealed record LdapEndpoint
{
    private const int PlainPort = 389;
    private const int TlsPort = 636;

    private LdapEndpoint(string host, int port, bool isLdaps)
    {
        Host = host;
        Port = port;
        IsLdaps = isLdaps;
    }

    /// <summary>A DNS name or an address; IPv6 without brackets.</summary>
    public string Host { get; }

    /// <summary>1 to 65535.</summary>
    public int Port { get; }

    /// <summary>True when TLS starts with the first byte.</summary>
    public bool IsLdaps { get; }

    /// <summary>
    /// Unix socket that leads there, such as a tunnel's local end; null connects to host and port. Everything else stays as it is: TLS asks for the certificate of
    /// <see cref="Host"/>.
    /// </summary>
    public string? SocketPath { get; init; }

    /// <summary>Reads an address. Anything behind the port but one slash (a DN, attributes, a filter) is a fault.</summary>
    /// <param name="text">The address as configured.</param>
    /// <param name="endpoint">The endpoint, when true is returned.</param>
    /// <param name="fault">What is wrong, in words for whoever wrote the address; empty when nothing is.</param>
    public static bool TryParse(string? text, [NotNullWhen(true)] out LdapEndpoint? endpoint, out string fault)
    {
        endpoint = null;
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Host.Length == 0)
        {
            fault = $"'{text}' is not an address such as ldaps://dc1.example.org";
            return false;
        }

        var isLdaps = uri.Scheme == "ldaps";
        if (!isLdaps && uri.Scheme != "ldap")
        {
            fault = $"'{text}' must start with ldap:// or ldaps://";
            return false;
        }

        if (uri.UserInfo.Length > 0 || uri.PathAndQuery.Length > 1 || uri.Fragment.Length > 0)
        {
            fault = $"'{text}' must hold a host and a port only";
            return false;
        }

        if (uri.Port == 0)
        {
            fault = $"'{text}' has port 0";
            return false;
        }

        var port = uri.Port > 0 ? uri.Port : isLdaps ? TlsPort : PlainPort;
        endpoint = new LdapEndpoint(uri.DnsSafeHost, port, isLdaps);
        fault = "";
        return true;
    }

    /// <summary>The address with its port.</summary>
    public override string ToString()
    {
        var host = Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host;
        return $"{(IsLdaps ? "ldaps" : "ldap")}://{host}:{Port}";
    }
}
