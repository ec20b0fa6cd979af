using System.Runtime.InteropServices;
using AuthGateway.Core.Telemetry;
using Microsoft.Extensions.Logging;

namespace AuthGateway.Core.Login.Tickets;

/// <summary>
/// Keeps the keys of all realms in the one file the Kerberos library reads. The library knows one keytab a process, named by an environment variable of
/// the C runtime; it opens the file anew for each ticket, so a renamed file is a changed one.
/// </summary>
/// <param name="folder">The state directory.</param>
/// <param name="logger">Told of what was written.</param>
public sealed partial class TicketKeys(string folder, ILogger<TicketKeys> logger)
{
    private const string KeytabName = "kerberos.keytab";
    private const string ReplaysName = "kerberos.replays";
    private bool _isNamed;
    private bool _areThere;

    /// <summary>
    /// Puts the keys of a table in force; without any the file goes. A file that cannot be written leaves the old keys, and says so. Returns what is wrong when
    /// there are no old keys either: then the table must not come into force.
    /// </summary>
    internal string? PutInForce(KerberosTable table)
    {
        var path = Path.Combine(folder, KeytabName);
        try
        {
            if (!table.IsOn)
            {
                _areThere = false;
                File.Delete(path);
                return null;
            }

            // Before anything is written: a library that was told of no file reads the system's, whose keys nobody here trusted.
            if (!_isNamed)
            {
                // Set natively: what .NET sets in its own copy of the environment does not reach the library.
                SetEnvironment("KRB5_KTNAME", $"FILE:{path}");
                // Beside it what was used before, or a restart under another account would find a file it may not touch.
                SetEnvironment("KRB5RCACHENAME", $"file2:{Path.Combine(folder, ReplaysName)}");
                _isNamed = true;
            }

            Write(path, table.Keys);
            _areThere = true;
            Log.Written(logger, path);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.Failed(logger, path, e);
            return table.IsOn && !_areThere ? $"The Kerberos keys could not be written to {path}: {e.Message} See that the state directory belongs to the gateway's user and has room." : null;
        }
    }

    private static void Write(string path, byte[] keys)
    {
        var fresh = path + ".new";
        File.Delete(fresh);
        using (var stream = new FileStream(fresh, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = OperatingSystem.IsWindows() ? null : UnixFileMode.UserRead | UnixFileMode.UserWrite,
        }))
        {
            stream.Write(keys);
            stream.Flush(flushToDisk: true);
        }

        File.Move(fresh, path, overwrite: true);
    }

    private static void SetEnvironment(string name, string value)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        if (SetEnvironmentOfLibraries(name, value, 1) != 0)
        {
            throw new IOException($"The environment variable {name} could not be set.");
        }
    }

    [DllImport("libc", EntryPoint = "setenv", CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern int SetEnvironmentOfLibraries(string name, string value, int overwrite);

    private static partial class Log
    {
        [LoggerMessage(EventIds.TicketKeysWritten, LogLevel.Information, "The Kerberos keys of all realms are in {Path}.")]
        public static partial void Written(ILogger logger, string path);

        [LoggerMessage(EventIds.TicketKeysFailed, LogLevel.Error, "The Kerberos keys could not be written to {Path}; tickets are judged by those before, if there are any.")]
        public static partial void Failed(ILogger logger, string path, Exception exception);
    }
}
