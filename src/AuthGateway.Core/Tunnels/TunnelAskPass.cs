namespace AuthGateway.Core.Tunnels;

/// <summary>What the gateway's program does when ssh starts it to ask for a secret: it writes the one it was given and ends.</summary>
public static class TunnelAskPass
{
    /// <summary>The secret to write, when this process was started by the ssh of a tunnel; else null.</summary>
    public static string? Secret => Environment.GetEnvironmentVariable(SshCommand.SecretVariable) is { Length: > 0 } secret ? secret : null;
}
