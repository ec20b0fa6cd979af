namespace AuthGateway.Hosting;

/// <summary>The folder everything kept lives in.</summary>
internal static class StateDirectory
{
    /// <summary>Makes it, readable by its owner only, when it is not there.</summary>
    public static void Prepare(string path)
    {
        if (!Directory.Exists(path))
        {
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }
}
