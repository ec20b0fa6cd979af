using System.ComponentModel.DataAnnotations;
using AuthGateway.Core.Backends.Programs;

namespace AuthGateway.Core.Backends.Helper;

/// <summary>A long-lived program of the administrator that checks passwords over a line protocol on its standard input and output. See docs/helpers.md.</summary>
public sealed class HelperBackendOptions : ProgramBackendOptions
{
    /// <summary>What the program is told in parentheses before each name, for programs that serve several.</summary>
    [RegularExpression("[A-Za-z0-9._-]{1,32}", ErrorMessage = "1 to 32 letters, digits, dots, underscores and hyphens")]
    public string ServiceName { get; set; } = "authgateway";
}
