using System.Globalization;
using AuthGateway.Core.Backends.Programs;

namespace AuthGateway.Core.Tunnels;

/// <summary>The command lines of OpenSSH. Every value is an argument of its own, and was validated before.</summary>
internal static class SshCommand
{
    /// <summary>Variable that hands the secret to the program ssh asks for it.</summary>
    public const string SecretVariable = "AUTHGATEWAY_TUNNEL_SECRET";

    // Neither cipher has the hole in the handshake that CVE-2023-48795 (Terrapin) is about, whatever the server's age.
    private const string Ciphers = "aes256-gcm@openssh.com,aes128-gcm@openssh.com,aes256-ctr,aes192-ctr,aes128-ctr";

    /// <summary>The tunnel itself.</summary>
    /// <param name="tunnel">Which.</param>
    /// <param name="forwards">What is led through it.</param>
    /// <param name="knownHosts">File with the one key that is accepted.</param>
    /// <param name="places">Programs.</param>
    /// <param name="isTest">True tells every channel, and goes on where a forward cannot be opened.</param>
    public static ProgramCommand Tunnel(Tunnel tunnel, IReadOnlyList<TunnelForward> forwards, string knownHosts, TunnelPlaces places, bool isTest = false)
    {
        var line = new List<string> { "-F", "none", "-N", "-T", isTest ? "-vv" : "-v", "-p", Text(tunnel.Port) };
        foreach (var forward in forwards)
        {
            line.Add(forward.IsRemote ? "-R" : "-L");
            line.Add($"{forward.Listen}:{forward.Target}");
        }

        void Option(string name, string value)
        {
            line.Add("-o");
            line.Add($"{name}={value}");
        }

        Option("ExitOnForwardFailure", isTest ? "no" : "yes");
        Option("StrictHostKeyChecking", "yes");
        Option("UserKnownHostsFile", knownHosts);
        Option("GlobalKnownHostsFile", "/dev/null");
        Option("HostKeyAlias", HostKeyBook.Alias(tunnel.Name));
        Option("CheckHostIP", "no");
        Option("UpdateHostKeys", "no");
        Option("VerifyHostKeyDNS", "no");
        Option("Ciphers", Ciphers);
        Option("ServerAliveInterval", Text((int)tunnel.KeepAliveInterval.TotalSeconds));

        // ssh gives up one interval after the last question it allows to stay unanswered.
        Option("ServerAliveCountMax", Text(tunnel.KeepAliveCount - 1));
        Option("TCPKeepAlive", "yes");
        Option("ConnectTimeout", Text((int)tunnel.ConnectTimeout.TotalSeconds));
        Option("NumberOfPasswordPrompts", "1");
        Option("IdentityAgent", "none");
        Option("ControlMaster", "no");
        Option("ControlPath", "none");
        Option("ForwardAgent", "no");
        Option("ForwardX11", "no");
        Option("PermitLocalCommand", "no");
        Option("StreamLocalBindUnlink", "yes");
        Option("StreamLocalBindMask", "0177");
        if (tunnel.KeyFile.Length > 0)
        {
            Option("IdentitiesOnly", "yes");
            Option("PreferredAuthentications", "publickey");
            line.Add("-i");
            line.Add(tunnel.KeyFile);
        }
        else
        {
            Option("PubkeyAuthentication", "no");
            Option("PreferredAuthentications", "password");
        }

        if (tunnel.Secret is null)
        {
            Option("BatchMode", "yes");
        }

        line.AddRange(["--", $"{tunnel.User}@{tunnel.Host}"]);
        return new ProgramCommand(places.Ssh, line, Account: null) { ExtraEnvironment = Environment(tunnel, places) };
    }

    /// <summary>The reading of a server's keys.</summary>
    public static ProgramCommand KeyScan(Tunnel tunnel, TunnelPlaces places) => new(
        places.KeyScan, ["-T", Text((int)tunnel.ConnectTimeout.TotalSeconds), "-p", Text(tunnel.Port), tunnel.Host], Account: null)
    {
        ExtraEnvironment = ["LC_ALL=C"],
    };

    private static List<string> Environment(Tunnel tunnel, TunnelPlaces places)
    {
        var environment = new List<string> { "LC_ALL=C" };
        if (tunnel.Secret is { } secret)
        {
            environment.AddRange([$"SSH_ASKPASS={places.AskPass}", "SSH_ASKPASS_REQUIRE=force", $"{SecretVariable}={secret}", "DOTNET_NOLOGO=1", "DOTNET_EnableDiagnostics=0"]);
            if (places.DotnetRoot.Length > 0)
            {
                environment.Add($"DOTNET_ROOT={places.DotnetRoot}");
            }
        }

        return environment;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
