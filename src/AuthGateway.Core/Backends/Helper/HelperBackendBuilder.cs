using AuthGateway.Core.Backends.Programs;
using Microsoft.Extensions.Logging;

namespace AuthGateway.Core.Backends.Helper;

/// <summary>Builds the backend from options without faults.</summary>
internal static class HelperBackendBuilder
{
    public static HelperBackend Build(HelperBackendOptions options, TimeProvider time, ILoggerFactory loggers)
    {
        IRunningProgram Start()
        {
            ProgramRules.RequireSound(options.Program, isProgram: true);
            return ProgramProcess.Start(new ProgramCommand(options.Program, options.Arguments, ProgramRules.AccountOf(options.RunAs)), ProgramChannel.Conversation);
        }

        return new HelperBackend(options, Start, time, loggers.CreateLogger<HelperBackend>());
    }
}
