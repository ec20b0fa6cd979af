using System.Globalization;
using AuthGateway.Core.Backends.Programs;
using AuthGateway.Core.Faults;
using Microsoft.Extensions.Logging;

namespace AuthGateway.Core.Backends.Pam;

/// <summary>Finds every fault in the options, and builds the backend when there is none.</summary>
internal static class PamBackendBuilder
{
    // The process is small and short of work: no background compiler, no second collector thread, no debugger's socket in /tmp.
    private static readonly string[] RuntimeSettings = ["DOTNET_EnableDiagnostics=0", "DOTNET_TieredPGO=0", "DOTNET_gcConcurrent=0", "DOTNET_NOLOGO=1"];

    // Debian's adduser gives people numbers from here on.
    private const int FirstPersonalUid = 1000;

    /// <summary>Adds every fault found; <paramref name="key"/> is the key of the backend's section.</summary>
    public static void Validate(PamBackendOptions options, string key, FaultList faults)
    {
        if (options.ConfigDirectory.Length > 0 && (!options.ConfigDirectory.StartsWith('/') || !Directory.Exists(options.ConfigDirectory)))
        {
            faults.Error($"{key}:ConfigDirectory", options.ConfigDirectory, "Must be the absolute path of a folder; leave it out for /etc/pam.d.");
        }
        else if (PamService.FindFile(options.ServiceName, options.ConfigDirectory) is not { } file)
        {
            faults.Error(
                $"{key}:ServiceName", options.ServiceName, $"There is no PAM service of this name in {(options.ConfigDirectory.Length == 0 ? "/etc/pam.d" : options.ConfigDirectory)}. Write its file.");
        }
        else if (FileStanding.FindFault(file, isProgram: false) is { } fault)
        {
            faults.Error($"{key}:ServiceName", options.ServiceName, fault);
        }

        if (options.NameTemplate.Count(c => c == '*') != 1)
        {
            faults.Error($"{key}:NameTemplate", options.NameTemplate, "There must be one *, for the name that was typed.");
        }

        if (options.MinUid < FirstPersonalUid)
        {
            faults.Warn(
                $"{key}:MinUid",
                options.MinUid.ToString(CultureInfo.InvariantCulture),
                "Numbers below 1000 are those of daemons, whose passwords nobody looks after. Set 1000, or lock the passwords of the accounts below it (passwd -l).");
        }

        ProgramRules.ValidateAccount(options.RunAs, key, faults);
        ProgramRules.ValidateMailDomain(options.MailDomain, key, faults);
        ProgramRules.ValidateGroups(options.Groups, key, faults);
    }

    /// <summary>Builds from options without faults.</summary>
    /// <param name="options">The options.</param>
    /// <param name="ownProgram">The command line of the gateway itself, without a verb.</param>
    /// <param name="time">The clock.</param>
    /// <param name="loggers">Where it logs.</param>
    public static PamBackend Build(PamBackendOptions options, IReadOnlyList<string> ownProgram, TimeProvider time, ILoggerFactory loggers)
    {
        var runtime = Environment.GetEnvironmentVariable("DOTNET_ROOT") is { Length: > 0 } root ? [.. RuntimeSettings, $"DOTNET_ROOT={root}"] : RuntimeSettings;
        IRunningProgram Start()
        {
            if (PamService.FindFile(options.ServiceName, options.ConfigDirectory) is { } file)
            {
                ProgramRules.RequireSound(file, isProgram: false);
            }

            return ownProgram.Count == 0
                ? throw new ProgramStartException("the gateway does not know its own program")
                : ProgramProcess.Start(
                    new ProgramCommand(ownProgram[0], [.. ownProgram.Skip(1), PamChild.Verb], ProgramRules.AccountOf(options.RunAs)) { ExtraEnvironment = runtime },
                    ProgramChannel.Conversation);
        }

        return new PamBackend(options, Start, time, loggers.CreateLogger<PamBackend>());
    }
}
