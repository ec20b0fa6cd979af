namespace AuthGateway.Core.Tunnels;

/// <summary>Why a tunnel is not there.</summary>
public enum TunnelFailure
{
    /// <summary>Nothing failed.</summary>
    None,

    /// <summary>No connection, or no answer in time.</summary>
    Unreachable,

    /// <summary>There was a connection and it ended.</summary>
    Lost,

    /// <summary>There was a connection and the server fell silent.</summary>
    Silent,

    /// <summary>Nobody has said which key the server must have.</summary>
    HostKeyUntrusted,

    /// <summary>The server shows another key than the pinned one: somebody changed it, or somebody is in between.</summary>
    HostKeyChanged,

    /// <summary>The server does not take our key or password.</summary>
    LoginRefused,

    /// <summary>Our key cannot be used: wrong passphrase, no key, open to others.</summary>
    KeyUnusable,

    /// <summary>One end of a forward cannot be opened here, for somebody has it.</summary>
    ListenRefused,

    /// <summary>The server does not open the far end of a forward.</summary>
    RemoteRefused,

    /// <summary>ssh itself cannot be started or does not understand us.</summary>
    Program,
}

/// <summary>How a tunnel ended, or why it did not begin.</summary>
/// <param name="Failure">Kind.</param>
/// <param name="Why">In one sentence, without secrets.</param>
internal readonly record struct TunnelLoss(TunnelFailure Failure, string Why);

/// <summary>What ssh says on standard error, turned into kinds. Its exit code is 255 for everything.</summary>
internal static class SshWords
{
    /// <summary>Authentication is done and local forwards listen. So a line begins, as the next: the server's own words stand behind others of ssh.</summary>
    public const string Ready = "debug1: Entering interactive session";

    /// <summary>One for each remote forward the server opened.</summary>
    public const string RemoteOpened = "debug1: remote forward success for:";

    private const int MostShown = 300;

    private static readonly (string Words, TunnelFailure Failure)[] Known =
    [
        ("REMOTE HOST IDENTIFICATION HAS CHANGED", TunnelFailure.HostKeyChanged),
        ("host key is known for", TunnelFailure.HostKeyChanged), // "No … host key is known": of the kind the server shows we know none
        ("Host key verification failed", TunnelFailure.HostKeyChanged),
        ("incorrect passphrase", TunnelFailure.KeyUnusable),
        ("UNPROTECTED PRIVATE KEY FILE", TunnelFailure.KeyUnusable),
        ("error in libcrypto", TunnelFailure.KeyUnusable),
        ("invalid format", TunnelFailure.KeyUnusable),
        ("Permission denied (", TunnelFailure.LoginRefused),
        ("Too many authentication failures", TunnelFailure.LoginRefused),
        ("remote port forwarding failed", TunnelFailure.RemoteRefused),
        ("remote forward failure", TunnelFailure.RemoteRefused),
        ("Address already in use", TunnelFailure.ListenRefused),
        ("cannot listen to", TunnelFailure.ListenRefused),
        ("Could not request local forwarding", TunnelFailure.ListenRefused),
        ("Timeout, server", TunnelFailure.Silent),
        ("Could not resolve hostname", TunnelFailure.Unreachable),
        ("Connection refused", TunnelFailure.Unreachable),
        ("Connection timed out", TunnelFailure.Unreachable),
        ("No route to host", TunnelFailure.Unreachable),
        ("Network is unreachable", TunnelFailure.Unreachable),
        ("Bad configuration option", TunnelFailure.Program),
        ("command-line:", TunnelFailure.Program),
    ];

    /// <summary>True for the line that says that the server has the pinned key. What it sends before may be anybody's.</summary>
    public static bool IsTrusted(string line) => line.StartsWith("debug1: Host '", StringComparison.Ordinal) && line.Contains("' is known and matches the ", StringComparison.Ordinal);

    /// <summary>What is told of a line, for others than those that begin with <c>debug</c>.</summary>
    public static bool IsWorthKeeping(string line) => line.Length > 0 && !line.StartsWith("debug", StringComparison.Ordinal) && line[0] != '@' && !line.StartsWith("channel ", StringComparison.Ordinal);

    /// <summary>Judges what was kept of a process that ended.</summary>
    /// <param name="lines">Lines in the order they came.</param>
    /// <param name="wasUp">Whether the tunnel stood.</param>
    /// <param name="isTrusted">
    /// Whether the server had shown the pinned key. Without it nothing was tried yet that these words could be about but the connection and the key: somebody in between
    /// who sends them must not have a tunnel given up for a cause that is none.
    /// </param>
    public static TunnelLoss Judge(IReadOnlyList<string> lines, bool wasUp, bool isTrusted)
    {
        foreach (var (words, failure) in Known)
        {
            if (!isTrusted && failure is not (TunnelFailure.HostKeyChanged or TunnelFailure.Unreachable or TunnelFailure.Program))
            {
                continue;
            }

            if (lines.FirstOrDefault(line => line.Contains(words, StringComparison.Ordinal)) is { } line)
            {
                // Of a tunnel that stood, "Connection refused" is what some target said.
                return failure switch
                {
                    TunnelFailure.Unreachable when wasUp => new TunnelLoss(TunnelFailure.Lost, Shown(lines[^1])),
                    TunnelFailure.HostKeyChanged => new TunnelLoss(failure, ShownKey(lines)),
                    _ => new TunnelLoss(failure, Shown(line)),
                };
            }
        }

        var last = lines.Count == 0 ? null : lines[^1];
        return wasUp ? new TunnelLoss(TunnelFailure.Lost, Shown(last ?? "ssh ended without a word")) : new TunnelLoss(TunnelFailure.Unreachable, Shown(last ?? "ssh ended without a word"));
    }

    private static string ShownKey(IReadOnlyList<string> lines)
    {
        var shown = lines.Select(line => line.IndexOf("SHA256:", StringComparison.Ordinal) is >= 0 and var at ? line[at..].TrimEnd('.', ' ') : null).FirstOrDefault(found => found is not null);
        return shown is null ? "the server shows another key than the pinned one" : $"the server shows the key {shown}, which is not the pinned one";
    }

    private static string Shown(string line)
    {
        var text = Audit.VisibleText.Escape(line.Trim()) ?? "";
        return text.Length <= MostShown ? text : text[..MostShown];
    }
}
