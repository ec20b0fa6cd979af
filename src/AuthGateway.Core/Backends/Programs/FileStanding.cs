using System.Globalization;
using System.Runtime.InteropServices;

namespace AuthGateway.Core.Backends.Programs;

/// <summary>Who owns a file and who may change it: what decides whether passwords may be shown to it.</summary>
internal static class FileStanding
{
    private const int CurrentFolder = -100;  // AT_FDCWD
    private const uint WantModeAndOwner = 0x0f;
    private const int OwnerOffset = 20;      // struct statx, the same on every architecture
    private const int ModeOffset = 28;
    private const int StatSize = 256;

    private const int KindMask = 0xF000;
    private const int Folder = 0x4000;
    private const int RegularFile = 0x8000;
    private const int Sticky = 0x200;
    private const int OthersMayWrite = 0x12; // group and everybody
    private const int SomebodyMayRun = 0x49;

    /// <summary>
    /// What is wrong with a file that decides over logins, in one sentence with its remedy; or null. Looked at are the file, every folder above it, and the
    /// same again for where symbolic links lead: whoever may write in one of them may put another file there.
    /// </summary>
    /// <param name="path">Absolute path.</param>
    /// <param name="isProgram">True when it must also be executable.</param>
    public static string? FindFault(string path, bool isProgram)
    {
        if (!path.StartsWith('/') || path.AsSpan().ContainsAny("\0\n"))
        {
            return "An absolute path is needed, such as /usr/local/lib/authgateway/check.";
        }

        if (Resolve(path) is not { } target)
        {
            return "There is no such file, or the gateway's user may not look at it.";
        }

        if (Look(target) is not { } file || (file.Mode & KindMask) != RegularFile)
        {
            return "This is not a file.";
        }

        if (isProgram && (file.Mode & SomebodyMayRun) == 0)
        {
            return "This is not executable: chmod 755.";
        }

        if ((file.Mode & OthersMayWrite) != 0)
        {
            return $"{target} may be changed by others than its owner: chmod go-w.";
        }

        var me = NativeProcess.EffectiveUser();
        if (file.Owner != 0 && file.Owner != me && me != 0)
        {
            return string.Create(CultureInfo.InvariantCulture, $"{target} belongs to user {file.Owner}, who could change it: chown root.");
        }

        foreach (var start in (ReadOnlySpan<string>)[path, target])
        {
            for (var folder = Path.GetDirectoryName(start); folder is not null; folder = Path.GetDirectoryName(folder))
            {
                if (Look(folder) is not { } standing || (standing.Mode & KindMask) != Folder)
                {
                    return $"The folder {folder} cannot be looked at.";
                }

                if ((standing.Mode & OthersMayWrite) != 0 && (standing.Mode & Sticky) == 0)
                {
                    return $"Others than its owner may write in the folder {folder}, and so replace the file: chmod go-w {folder}, or move the file.";
                }
            }
        }

        return null;
    }

    /// <summary>The path without links, or null.</summary>
    private static string? Resolve(string path)
    {
        var real = RealPath(path, 0);
        if (real == 0)
        {
            return null;
        }

        var text = Marshal.PtrToStringUTF8(real);
        Free(real);
        return text;
    }

    private static (uint Owner, int Mode)? Look(string path)
    {
        var buffer = Marshal.AllocHGlobal(StatSize);
        try
        {
            return Stat(CurrentFolder, path, 0, WantModeAndOwner, buffer) == 0
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

    [DllImport("libc", EntryPoint = "realpath", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern nint RealPath([MarshalAs(UnmanagedType.LPUTF8Str)] string path, nint buffer);

    [DllImport("libc", EntryPoint = "free")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern void Free(nint memory);
}
