namespace AuthGateway.Core.Tunnels;

/// <summary>Usual forwards under one word.</summary>
internal static class TunnelTemplate
{
    /// <summary>What is added to a usual port where the gateway listens: below 1024 only root may, and a local server may have the port itself.</summary>
    public const int Offset = 10_000;

    private const int PrometheusPort = 9090;

    /// <summary>Every template that is reached from the gateway's side, with the ports of its target.</summary>
    private static readonly Dictionary<string, int[]> Local = new(StringComparer.Ordinal)
    {
        ["ldap"] = [389],
        ["ldaps"] = [636],
        // Directory, its global catalogue, Kerberos and the change of passwords.
        ["ad"] = [389, 636, 3268, 3269, 88, 464],
        ["smtp"] = [25],
        ["postgres"] = [5432],
    };

    /// <summary>Template that serves the far side.</summary>
    public const string Prometheus = "prometheus";

    /// <summary>Every word.</summary>
    public static IEnumerable<string> Names => Local.Keys.Append(Prometheus);

    /// <summary>The forwards of a template, or null with what is wrong with its target.</summary>
    public static IReadOnlyList<TunnelForward>? Expand(string name, string target, out string fault)
    {
        fault = "";
        if (name == Prometheus)
        {
            if (TunnelText.IsHost(target))
            {
                target = $"{(target.Contains(':', StringComparison.Ordinal) ? $"[{target}]" : target)}:{PrometheusPort}";
            }

            if (!TunnelText.TryParseEnd(target, out var shown))
            {
                fault = "Must be host:port of what the far side shall read, such as 127.0.0.1:9090.";
                return null;
            }

            return [new TunnelForward(IsRemote: true, new TunnelEnd("127.0.0.1", PrometheusPort + Offset, null), shown.Value)];
        }

        if (!TunnelText.IsHost(target))
        {
            fault = "Must be a host name or an IP address, without a port. Other ports are given under Forwards.";
            return null;
        }

        return [.. Local[name].Select(port => new TunnelForward(IsRemote: false, new TunnelEnd("127.0.0.1", port + Offset, null), new TunnelEnd(target, port, null)))];
    }
}
