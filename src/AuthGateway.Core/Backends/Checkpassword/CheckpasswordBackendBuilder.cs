using AuthGateway.Core.Backends.Programs;
using Microsoft.Extensions.Logging;

namespace AuthGateway.Core.Backends.Checkpassword;

/// <summary>Builds the backend from options without faults.</summary>
internal static class CheckpasswordBackendBuilder
{
    public static CheckpasswordBackend Build(CheckpasswordBackendOptions options, TimeProvider time, ILoggerFactory loggers)
    {
        IRunningProgram Start()
        {
            ProgramRules.RequireSound(options.Program, isProgram: true);
            return ProgramProcess.Start(
                new ProgramCommand(options.Program, [.. options.Arguments, CheckpasswordBackend.Success], ProgramRules.AccountOf(options.RunAs)), ProgramChannel.Descriptor3);
        }

        return new CheckpasswordBackend(options, Start, time, loggers.CreateLogger<CheckpasswordBackend>());
    }
}
