namespace AuthGateway.Storage;

/// <summary>
/// The file's place and permissions. It holds password hashes and who did what when: nobody but the service's user reads it,
/// and nobody else may put another file in its place.
/// </summary>
internal static class DatabaseFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnerOnlyDirectory = OwnerOnly | UnixFileMode.UserExecute;
    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>Makes directory and file where they are missing, refuses them where they are open to others.</summary>
    public static void Prepare(string path)
    {
        try
        {
            PrepareDirectory(Path.GetDirectoryName(path)!);
            PrepareFile(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DatabaseRefusedException($"The database {path} cannot be opened or made: {e.Message}", e);
        }
    }

    private static void PrepareDirectory(string directory)
    {
        if (!Directory.Exists(directory))
        {
            Directory.CreateDirectory(directory, OwnerOnlyDirectory);
            return;
        }

        var mode = File.GetUnixFileMode(directory);
        if ((mode & Others) != 0)
        {
            throw new DatabaseRefusedException(
                $"The directory {directory} of the database is open to others (mode {Octal(mode)}). Make it 0700: chmod 700 {directory}");
        }
    }

    private static void PrepareFile(string path)
    {
        var file = new FileInfo(path);
        if (file.LinkTarget is not null)
        {
            throw new DatabaseRefusedException($"The database {path} is a symbolic link to {file.LinkTarget}. Name the file itself.");
        }

        if (!file.Exists)
        {
            if (Directory.Exists(path))
            {
                throw new DatabaseRefusedException($"The database {path} is a directory. Name a file.");
            }

            try
            {
                // SQLite gives its -wal and -shm files the mode of the database.
                using var created = new FileStream(path, new FileStreamOptions
                {
                    Mode = FileMode.CreateNew,
                    Access = FileAccess.ReadWrite,
                    Share = FileShare.ReadWrite,
                    UnixCreateMode = OwnerOnly,
                });
                return;
            }
            catch (IOException) when (File.Exists(path))
            {
                // Another process of ours was first; its file is judged like any other.
            }
        }

        var mode = File.GetUnixFileMode(path);
        if ((mode & Others) != 0)
        {
            throw new DatabaseRefusedException($"The database {path} is open to others (mode {Octal(mode)}). Make it 0600: chmod 600 {path}");
        }
    }

    private static string Octal(UnixFileMode mode) => "0" + Convert.ToString((int)mode, 8);
}
