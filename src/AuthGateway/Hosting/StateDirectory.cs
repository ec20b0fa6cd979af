using AuthGateway.Commands;
using AuthGateway.Rendering;

namespace AuthGateway.Hosting;

/// <summary>The folder everything kept lives in.</summary>
internal static class StateDirectory
{
    private const UnixFileMode WritableByOthers = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    /// <summary>Makes it, readable by its owner only, when it is not there; refuses one where others could put files in place of ours.</summary>
    /// <exception cref="CommandFailedException">Somebody else owns the folder or may write to it.</exception>
    public static void Prepare(string path)
    {
        if (!Directory.Exists(path))
        {
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            return;
        }

        var mode = File.GetUnixFileMode(path);
        if ((mode & WritableByOthers) != 0)
        {
            throw new CommandFailedException(
                ExitCodes.Unavailable, $"Others than its owner may write to the state folder {path} (mode 0{Convert.ToString((int)mode, 8)}).", $"Make it yours alone: chmod 700 {path}");
        }

        try
        {
            // Only the owner and root may set a mode, also the one it has: the way to ask for the owner without asking for names.
            File.SetUnixFileMode(path, mode);
        }
        catch (UnauthorizedAccessException)
        {
            throw new CommandFailedException(
                ExitCodes.Unavailable, $"The state folder {path} belongs to another user.", $"Run this as its owner, or give it to {Environment.UserName}: chown {Environment.UserName} {path}");
        }
    }
}
