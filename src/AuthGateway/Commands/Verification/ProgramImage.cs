using System.Collections;
using System.Runtime.InteropServices;

namespace AuthGateway.Commands.Verification;

/// <summary>Becomes another program, as the checkpassword interface asks for: the same process, its descriptors open, the user in the environment.</summary>
internal static class ProgramImage
{
    private const int BrokenPipe = 13;  // SIGPIPE

    // Of whoever started us, not of the user: a reader would take them for his.
    private static readonly string[] s_othersOwn = ["USER", "HOME", "SHELL", "EXTRA"];

    /// <summary>Runs the program in place of this one; returns the exit code for "try later" when that fails.</summary>
    public static int Become(IReadOnlyList<string> program, string user)
    {
        // The runtime ignores it, and what is ignored stays so in the next program.
        _ = SetSignal(BrokenPipe, 0);
        _ = Execute(program[0], [.. program, null], [.. Environment(user), null]);
        var error = Marshal.GetLastPInvokeErrorMessage();
        using var errors = Console.OpenStandardError();
        errors.Write(System.Text.Encoding.UTF8.GetBytes($"verify-session: {program[0]} cannot be run: {error}\n"));
        return VerifySessionProgram.TryLater;
    }

    private static IEnumerable<string?> Environment(string user)
    {
        yield return $"USER={user}";
        foreach (DictionaryEntry entry in System.Environment.GetEnvironmentVariables())
        {
            if (!s_othersOwn.Contains((string)entry.Key, StringComparer.Ordinal))
            {
                yield return $"{entry.Key}={entry.Value}";
            }
        }
    }

    // "Ansi" is UTF-8 on every system this runs on.
    [DllImport("libc", EntryPoint = "execve", SetLastError = true, CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern int Execute(string path, string?[] arguments, string?[] environment);

    [DllImport("libc", EntryPoint = "signal", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern nint SetSignal(int signal, nint handler);
}
