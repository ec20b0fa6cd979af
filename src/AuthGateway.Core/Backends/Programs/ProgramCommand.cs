namespace AuthGateway.Core.Backends.Programs;

/// <summary>What is started, and as whom.</summary>
/// <param name="File">Absolute path.</param>
/// <param name="Arguments">Arguments without the name.</param>
/// <param name="Account">Whom to become; null to stay who we are.</param>
internal sealed record ProgramCommand(string File, IReadOnlyList<string> Arguments, SystemAccount? Account)
{
    /// <summary>Of util-linux, on every Debian system: becomes another user, and has the kernel end the program with us, however we end.</summary>
    public const string SetPriv = "/usr/bin/setpriv";

    private static readonly string[] BareEnvironment = ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8"];

    /// <summary>Variables besides <c>PATH</c> and <c>LANG</c>, as <c>NAME=value</c>.</summary>
    public IReadOnlyList<string> ExtraEnvironment { get; init; } = [];

    /// <summary>The whole environment: none of ours.</summary>
    public string[] Environment => [.. BareEnvironment, .. ExtraEnvironment];

    /// <summary>The command line as it is started, name first.</summary>
    public string[] CommandLine
    {
        get
        {
            var line = new List<string> { SetPriv, "--pdeathsig", "KILL", "--inh-caps=-all", "--ambient-caps=-all" };
            if (Account is { } account)
            {
                line.AddRange(["--reuid", $"{account.Uid}", "--regid", $"{account.Gid}", "--init-groups"]);
            }

            return [.. line, "--", File, .. Arguments];
        }
    }
}
