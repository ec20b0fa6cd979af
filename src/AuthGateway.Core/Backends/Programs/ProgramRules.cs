using AuthGateway.Core.Faults;

namespace AuthGateway.Core.Backends.Programs;

/// <summary>What must hold before a program is shown a password.</summary>
internal static class ProgramRules
{
    private const string Nobody = "nobody";
    private const string Root = "root";

    /// <summary>Adds every fault of the options all program backends share; <paramref name="key"/> is the key of the backend's section.</summary>
    public static void Validate(ProgramBackendOptions options, string key, FaultList faults)
    {
        if (FileStanding.FindFault(options.Program, isProgram: true) is { } fault)
        {
            faults.Error($"{key}:Program", options.Program, fault);
        }

        for (var i = 0; i < options.Arguments.Count; i++)
        {
            if (options.Arguments[i].Contains('\0', StringComparison.Ordinal) || options.Arguments[i].Length > 4096)
            {
                faults.Error($"{key}:Arguments[{i}]", null, "An argument is at most 4096 characters of text without NUL.");
            }
        }

        ValidateAccount(options.RunAs, key, faults);
        ValidateMailDomain(options.MailDomain, key, faults);
        if (options.MailDomain.Length == 0)
        {
            faults.Warn($"{key}:MailDomain", null, "Names are accounts as they are typed: when the program knows alice and alice@example.org as one, they are two accounts here, with a counter of failures each. Set MailDomain to the domain of its accounts.");
        }

        ValidateGroups(options.Groups, key, faults);
    }

    /// <summary>Adds a fault when the program cannot become the user.</summary>
    public static void ValidateAccount(string runAs, string key, FaultList faults)
    {
        if (!File.Exists(ProgramCommand.SetPriv))
        {
            faults.Error(key, null, $"Programs are started through {ProgramCommand.SetPriv}, which is not there. Install the package util-linux.");
        }

        if (NativeProcess.EffectiveUser() != 0)
        {
            if (runAs.Length > 0 && runAs != Environment.UserName)
            {
                faults.Error($"{key}:RunAs", runAs, $"Only root can become another user, and the gateway runs as {Environment.UserName}. Remove this key.");
            }
        }
        else if (runAs == Root)
        {
            faults.Warn($"{key}:RunAs", runAs, "The program runs as root: a fault of it is a fault of the whole machine. Give it a user of its own if it can do with one.");
        }
        else if (SystemAccount.Find(runAs.Length == 0 ? Nobody : runAs) is null)
        {
            faults.Error($"{key}:RunAs", runAs, "The system has no user of this name. Create it with useradd --system.");
        }
    }

    /// <summary>Adds a fault when the text is not a domain.</summary>
    public static void ValidateMailDomain(string domain, string key, FaultList faults)
    {
        if (domain.Length > 0 && Uri.CheckHostName(domain) != UriHostNameType.Dns)
        {
            faults.Error($"{key}:MailDomain", domain, "Must be a domain, such as example.org.");
        }
    }

    /// <summary>Adds a fault for every group without a name.</summary>
    public static void ValidateGroups(List<string> groups, string key, FaultList faults)
    {
        for (var i = 0; i < groups.Count; i++)
        {
            if (string.IsNullOrWhiteSpace(groups[i]))
            {
                faults.Error($"{key}:Groups[{i}]", groups[i], "A group needs a name.");
            }
        }
    }

    /// <summary>Whom a program becomes; null to stay who we are. A password is never shown to a program of root by default.</summary>
    public static SystemAccount? AccountOf(string runAs) =>
        NativeProcess.EffectiveUser() != 0 || runAs == Root ? null
            : SystemAccount.Find(runAs.Length == 0 ? Nobody : runAs) ?? throw new ProgramStartException($"the system has no user {runAs}");

    /// <summary>Looks again before a start, for time has passed since the configuration was read.</summary>
    /// <exception cref="ProgramStartException">Others may have put another file there.</exception>
    public static void RequireSound(string file, bool isProgram)
    {
        if (FileStanding.FindFault(file, isProgram) is { } fault)
        {
            throw new ProgramStartException($"{file} is not started: {fault}");
        }
    }

    /// <summary>What a program backend refers to beyond its options: a new version of the program makes a new backend.</summary>
    public static string Fingerprint(string program)
    {
        var file = new FileInfo(program);
        return file.Exists ? $"{file.LastWriteTimeUtc.Ticks}/{file.Length}" : "";
    }
}
