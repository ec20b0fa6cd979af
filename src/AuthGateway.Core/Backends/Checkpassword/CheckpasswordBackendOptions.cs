using AuthGateway.Core.Backends.Programs;

namespace AuthGateway.Core.Backends.Checkpassword;

/// <summary>A program with the checkpassword interface, started for every check: name and password on descriptor 3, the answer is its exit code. See docs/helpers.md.</summary>
public sealed class CheckpasswordBackendOptions : ProgramBackendOptions
{
}
