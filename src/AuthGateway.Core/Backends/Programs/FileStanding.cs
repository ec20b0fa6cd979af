using System.Globalization;
using System.Runtime.InteropServices;

namespace AuthGateway.Core.Backends.Programs;

/// <summary>Who owns a file and who may change it: what decides whether passwords may be shown to it.</summary>
internal static class FileStanding
{
    private const int CurrentFolder = -100;  // AT_FDCWD
    private const int NotThroughLinks = 0x100; // AT_SYMLINK_NOFOLLOW
    private const uint WantModeAndOwner = 0x0f;
    private const int OwnerOffset = 20;      // struct statx, the same on every architecture
    private const int ModeOffset = 28;
    private const int StatSize = 256;

    private const int KindMask = 0xF000;
    private const int Folder = 0x4000;
    private const int RegularFile = 0x8000;
    private const int SymbolicLink = 0xA000;
    private const int MostLinks = 40;
    private const int Sticky = 0x200;
    private const int OthersMayWrite = 0x12; // group and everybody
    private const int SomebodyMayRun = 0x49;

    /// <summary>
    /// What is wrong with a file that decides over logins, in one sentence with its remedy; or null. The path is walked from the root as the system walks it,
    /// through every symbolic link: whoever owns a folder on the way, or may write in it, may put another file there.
    /// </summary>
    /// <param name="path">Absolute path.</param>
    /// <param name="isProgram">True when it must also be executable.</param>
    public static string? FindFault(string path, bool isProgram) => FindFault(path, isProgram, NativeProcess.EffectiveUser());

    /// <summary>The same for a gateway that runs as <paramref name="user"/>: nobody but that user and root is trusted.</summary>
    internal static string? FindFault(string path, bool isProgram, uint user)
    {
        if (!path.StartsWith('/') || path.AsSpan().ContainsAny("\0\n"))
        {
            return "An absolute path is needed, such as /usr/local/lib/authgateway/check.";
        }

        var names = new Stack<string>();
        Push(names, path);
        var place = "/";
        var standing = Look(place);
        var links = 0;
        while (true)
        {
            if (standing is not { } here)
            {
                return "There is no such file, or the gateway's user may not look at it.";
            }

            if (here.Owner != 0 && here.Owner != user)
            {
                return string.Create(CultureInfo.InvariantCulture, $"{place} belongs to user {here.Owner}, who could put another file in its place: chown root, or move the file.");
            }

            switch (here.Mode & KindMask)
            {
                case SymbolicLink when ++links > MostLinks || new FileInfo(place).LinkTarget is not { Length: > 0 }:
                    return "There is no such file: the symbolic links lead nowhere.";
                case SymbolicLink:
                    var target = new FileInfo(place).LinkTarget!;
                    Push(names, target);
                    place = target.StartsWith('/') ? "/" : Path.GetDirectoryName(place)!;
                    standing = Look(place);
                    continue;
                // Under the sticky bit nobody moves what is ours or root's, and the next step sees whose the next name is.
                case Folder when (here.Mode & OthersMayWrite) != 0 && (here.Mode & Sticky) == 0:
                    return $"Others than its owner may write in the folder {place}, and so replace the file: chmod go-w {place}, or move the file.";
                case Folder when names.TryPop(out var name):
                    place = name == ".." ? Path.GetDirectoryName(place) ?? "/" : Path.Combine(place, name);
                    standing = Look(place);
                    continue;
                default:
                    return names.Count > 0 ? "There is no such file: a part of the path is no folder." : JudgeFile(place, here.Mode, isProgram);
            }
        }
    }

    private static string? JudgeFile(string file, int mode, bool isProgram) =>
        (mode & KindMask) != RegularFile ? "This is not a file."
        : isProgram && (mode & SomebodyMayRun) == 0 ? "This is not executable: chmod 755."
        : (mode & OthersMayWrite) != 0 ? $"{file} may be changed by others than its owner: chmod go-w."
        : null;

    /// <summary>The names of a path on top of those still to be walked; the first one uppermost.</summary>
    private static void Push(Stack<string> names, string path)
    {
        foreach (var name in path.Split('/').Reverse())
        {
            if (name is not ("" or "."))
            {
                names.Push(name);
            }
        }
    }

    private static (uint Owner, int Mode)? Look(string path)
    {
        var buffer = Marshal.AllocHGlobal(StatSize);
        try
        {
            return Stat(CurrentFolder, path, NotThroughLinks, WantModeAndOwner, buffer) == 0
                ? ((uint)Marshal.ReadInt32(buffer, OwnerOffset), (ushort)Marshal.ReadInt16(buffer, ModeOffset))
                : null;
        }
        finally
        {
            Marshal.FreeHGlobal(buffer);
        }
    }

    [DllImport("libc", EntryPoint = "statx", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern int Stat(int folder, [MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags, uint mask, nint buffer);
}
