using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace AuthGateway.Storage.Protection;

/// <summary>The key's file: 32 bytes, for its owner only, no link.</summary>
internal static class MasterKeyFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>The key, or null when there is no file.</summary>
    /// <exception cref="MasterKeyRefusedException">It cannot be used as it is.</exception>
    public static MasterKey? Read(string path)
    {
        try
        {
            if (new FileInfo(path).LinkTarget is { } target)
            {
                throw new MasterKeyRefusedException($"The key file {path} is a symbolic link to {target}. Name the file itself in AuthGateway:Storage:KeyFile.");
            }

            if (Directory.Exists(path))
            {
                throw new MasterKeyRefusedException($"The key file {path} is a directory. Name a file in AuthGateway:Storage:KeyFile.");
            }

            if (!File.Exists(path))
            {
                return null;
            }

            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            var mode = File.GetUnixFileMode(file.SafeFileHandle);
            if ((mode & Others) != 0)
            {
                throw new MasterKeyRefusedException($"The key file {path} is open to others (mode 0{Convert.ToString((int)mode, 8)}). Make it 0600: chmod 600 {path}");
            }

            if (file.Length != MasterKey.Length)
            {
                throw new MasterKeyRefusedException(
                    $"The key file {path} has {file.Length} bytes; a key has {MasterKey.Length}. Put back the copy you keep apart from the database's backups.");
            }

            Span<byte> bytes = stackalloc byte[MasterKey.Length];
            file.ReadExactly(bytes);
            var key = new MasterKey(bytes);
            CryptographicOperations.ZeroMemory(bytes);
            return key;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new MasterKeyRefusedException($"The key file {path} cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Makes a new key. A crash leaves the whole file or none: it is written under another name, and its name is given last.</summary>
    /// <exception cref="MasterKeyRefusedException">It cannot be written.</exception>
    public static MasterKey Create(string path)
    {
        Span<byte> bytes = stackalloc byte[MasterKey.Length];
        RandomNumberGenerator.Fill(bytes);
        var unfinished = path + ".new";
        try
        {
            File.Delete(unfinished);
            using (var file = new FileStream(unfinished, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnerOnly }))
            {
                file.Write(bytes);
                file.Flush(flushToDisk: true);
            }

            File.Move(unfinished, path, overwrite: false);
            FlushDirectory(Path.GetDirectoryName(path)!);
            return new MasterKey(bytes);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new MasterKeyRefusedException($"The key file {path} cannot be made: {e.Message} Name a place the service may write to in AuthGateway:Storage:KeyFile.", e);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    /// <summary>A new name is durable when its directory is; .NET has no call for that.</summary>
    private static void FlushDirectory(string directory)
    {
        var descriptor = Open(directory, flags: 0);
        if (descriptor < 0)
        {
            throw new IOException($"The directory {directory} cannot be opened.");
        }

        var failed = Flush(descriptor) != 0;
        _ = Close(descriptor);
        if (failed)
        {
            throw new IOException($"The directory {directory} cannot be written to disk.");
        }
    }

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern int Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern int Flush(int descriptor);

    [DllImport("libc", EntryPoint = "close", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern int Close(int descriptor);
}
