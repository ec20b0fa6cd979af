using System.Runtime.InteropServices;

namespace AuthGateway.Core.Backends.Pam;

/// <summary>What the shadow file says about a user without a password, where the process may read it: for those who are proven by other means.</summary>
internal static class ShadowState
{
    private const int BufferSize = 16 * 1024;
    private const int NotPermitted = 1;
    private const int NoEntry = 2;
    private const int AccessDenied = 13;

    /// <summary>False when the file may not be read, or has no entry of this user (sssd, winbind): then nobody here knows.</summary>
    /// <param name="user">The user's name.</param>
    /// <param name="now">The time.</param>
    /// <param name="state"><see cref="AccountStates.Expired"/>, <see cref="AccountStates.Locked"/> (<c>usermod -L</c>), or null for neither.</param>
    /// <exception cref="IOException">It could not be read just now.</exception>
    public static bool TryRead(string user, DateTimeOffset now, out string? state)
    {
        state = null;
        var buffer = Marshal.AllocHGlobal(BufferSize);
        try
        {
            var error = FindByName(user, out var entry, buffer, BufferSize, out var found);
            if (error is not (0 or NoEntry or NotPermitted or AccessDenied))
            {
                // For a moment only: that nothing is known would end sessions.
                throw new IOException($"The shadow file could not be read: error {error}.");
            }

            if (error != 0 || found == 0)
            {
                return false;
            }

            var today = now.ToUnixTimeSeconds() / 86400;
            if (entry.Expires >= 0 && entry.Expires <= today)
            {
                state = AccountStates.Expired;
                return true;
            }

            // A bare "!" or "*" is a user without a password of his own, who may well sign in by other means.
            state = Marshal.PtrToStringUTF8(entry.Password) is ['!', ..] password && password.TrimStart('!') is ['$', ..]
                ? AccountStates.Locked
                : null;
            return true;
        }
        finally
        {
            Marshal.FreeHGlobal(buffer);
        }
    }

    [DllImport("libc", EntryPoint = "getspnam_r")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern int FindByName([MarshalAs(UnmanagedType.LPUTF8Str)] string name, out Entry entry, nint buffer, nint size, out nint found);

    /// <summary><c>struct spwd</c>; days since 1970.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Entry
    {
        public nint Name;
        public nint Password;
        public nint LastChange;
        public nint Least;
        public nint Most;
        public nint Warn;
        public nint Inactive;
        public nint Expires;
        public nuint Flag;
    }
}
