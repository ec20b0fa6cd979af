using System.Runtime.InteropServices;

namespace AuthGateway.Core.Backends.Programs;

/// <summary>A user of the operating system, as its name services tell it (<c>/etc/passwd</c>, sssd, winbind).</summary>
/// <param name="Name">The name as the system spells it.</param>
/// <param name="Uid">Number of the user.</param>
/// <param name="Gid">Number of the primary group.</param>
/// <param name="FullName">First part of the comment field; may be empty.</param>
internal sealed record SystemAccount(string Name, uint Uid, uint Gid, string FullName)
{
    private const int FirstBuffer = 4 * 1024;
    private const int LastBuffer = 1024 * 1024;
    private const int BufferTooSmall = 34; // ERANGE
    private const int MostGroups = 4096;

    /// <summary>Asks the name services; null when nobody has the name.</summary>
    /// <exception cref="IOException">The name services could not answer.</exception>
    public static SystemAccount? Find(string name)
    {
        for (var size = FirstBuffer; ; size *= 4)
        {
            var buffer = Marshal.AllocHGlobal(size);
            try
            {
                // The result's errno may be left over from a file that is not there, so "not found" is told by the null pointer alone.
                var error = FindByName(name, out var entry, buffer, size, out var found);
                if (error == BufferTooSmall && size < LastBuffer)
                {
                    continue;
                }

                if (found != 0)
                {
                    var comment = Marshal.PtrToStringUTF8(entry.Comment) ?? "";
                    return new SystemAccount(Marshal.PtrToStringUTF8(entry.Name)!, entry.Uid, entry.Gid, comment.Split(',')[0]);
                }

                // ENOENT, ESRCH, EBADF and EPERM also mean "not found" (getpwnam_r(3)).
                return error is 0 or 1 or 2 or 3 or 9 ? null : throw new IOException($"The name services could not be asked: {Marshal.GetPInvokeErrorMessage(error)}");
            }
            finally
            {
                Marshal.FreeHGlobal(buffer);
            }
        }
    }

    /// <summary>Names of all groups the user is in; a group without a name is left out.</summary>
    public IReadOnlyList<string> Groups()
    {
        var numbers = new uint[64];
        var count = numbers.Length;
        while (ListGroups(Name, Gid, numbers, ref count) < 0 && numbers.Length < MostGroups)
        {
            numbers = new uint[Math.Min(MostGroups, Math.Max(count, numbers.Length * 2))];
            count = numbers.Length;
        }

        return [.. numbers.Take(Math.Min(count, numbers.Length)).Select(GroupName).OfType<string>()];
    }

    private static string? GroupName(uint number)
    {
        for (var size = FirstBuffer; size <= LastBuffer; size *= 4)
        {
            var buffer = Marshal.AllocHGlobal(size);
            try
            {
                var error = FindGroup(number, out var entry, buffer, size, out var found);
                if (error != BufferTooSmall)
                {
                    return found == 0 ? null : Marshal.PtrToStringUTF8(entry.Name);
                }
            }
            finally
            {
                Marshal.FreeHGlobal(buffer);
            }
        }

        return null;
    }

    [DllImport("libc", EntryPoint = "getpwnam_r")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern int FindByName([MarshalAs(UnmanagedType.LPUTF8Str)] string name, out UserEntry entry, nint buffer, nint size, out nint found);

    [DllImport("libc", EntryPoint = "getgrgid_r")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern int FindGroup(uint number, out GroupEntry entry, nint buffer, nint size, out nint found);

    [DllImport("libc", EntryPoint = "getgrouplist")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern int ListGroups([MarshalAs(UnmanagedType.LPUTF8Str)] string name, uint primary, [Out] uint[] numbers, ref int count);

    /// <summary><c>struct passwd</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct UserEntry
    {
        public nint Name;
        public nint Password;
        public uint Uid;
        public uint Gid;
        public nint Comment;
        public nint Home;
        public nint Shell;
    }

    /// <summary><c>struct group</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct GroupEntry
    {
        public nint Name;
        public nint Password;
        public uint Gid;
        public nint Members;
    }
}
