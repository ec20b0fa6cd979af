using System.Collections;
using System.Text;
using System.Text.Unicode;

namespace AuthGateway.Core.Configuration;

/// <summary>Reads a secret from a file that nobody but its owner may read.</summary>
internal sealed class SecretFiles(IDictionary environment)
{
    public const int MaxBytes = 64 * 1024;

    // systemd hands service credentials over by an access list, which shows as the group's read bit (0440).
    private readonly string? _credentials = environment["CREDENTIALS_DIRECTORY"] as string;

    private readonly List<string> _read = [];

    /// <summary>Every file asked for, readable or not: a reload is due when one changes.</summary>
    public IReadOnlyList<string> Read => _read;

    /// <summary>The secret without its last line break, or what is wrong with the file. The fault never holds what the file says.</summary>
    public (string? Secret, string? Fault) Take(string path)
    {
        _read.Add(path);
        try
        {
            var info = new FileInfo(path);
            if (info.LinkTarget is not null)
            {
                return (null, "The file is a symbolic link. Name the file itself.");
            }

            if (!info.Exists)
            {
                return (null, $"There is no file {path}. Create it with the secret as its only line, then run: chmod 600 {path}");
            }

            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(stream.SafeFileHandle) & Forbidden(path)) != 0)
            {
                return (null, $"Others than the owner can read or change the file. Run: chmod 600 {path}");
            }

            if (stream.Length > MaxBytes)
            {
                return (null, $"The file is {stream.Length} bytes long; a secret has at most {MaxBytes}. Name the right file.");
            }

            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            if (!Utf8.IsValid(bytes))
            {
                return (null, "The file is not UTF-8 text. Write the secret as text.");
            }

            var secret = Encoding.UTF8.GetString(bytes);
            secret = secret.EndsWith("\r\n", StringComparison.Ordinal) ? secret[..^2] : secret.EndsWith('\n') ? secret[..^1] : secret;
            return secret.Length == 0 ? (null, $"The file is empty. Write the secret into {path}.") : (secret, null);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return (null, $"The file cannot be read: {exception.Message}");
        }
    }

    private UnixFileMode Forbidden(string path)
    {
        const UnixFileMode others = UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;
        const UnixFileMode group = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute;
        var isCredential = !string.IsNullOrEmpty(_credentials) && Path.GetDirectoryName(path) == Path.TrimEndingDirectorySeparator(_credentials);
        return isCredential ? others | (group & ~UnixFileMode.GroupRead) : others | group;
    }
}
