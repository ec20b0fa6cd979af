using System.Runtime.InteropServices;

namespace AuthGateway.Core.Backends.Pam;

/// <summary>The calls of Linux-PAM a check is made of.</summary>
internal static class PamLibrary
{
    public const int DisallowNullPassword = 1; // PAM_DISALLOW_NULL_AUTHTOK
    public const int ItemUser = 2;
    public const int ItemTerminal = 3;
    public const int ItemFailDelay = 10;

    public const int PromptHidden = 1;
    public const int PromptVisible = 2;

    private const string Library = "libpam.so.0";

    [DllImport(Library, EntryPoint = "pam_start")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    public static extern int Start(
        [MarshalAs(UnmanagedType.LPUTF8Str)] string service, [MarshalAs(UnmanagedType.LPUTF8Str)] string user, in Conversation conversation, out nint handle);

    [DllImport(Library, EntryPoint = "pam_start_confdir")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    public static extern int StartIn(
        [MarshalAs(UnmanagedType.LPUTF8Str)] string service,
        [MarshalAs(UnmanagedType.LPUTF8Str)] string user,
        in Conversation conversation,
        [MarshalAs(UnmanagedType.LPUTF8Str)] string folder,
        out nint handle);

    [DllImport(Library, EntryPoint = "pam_set_item")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    public static extern int SetItem(nint handle, int item, nint value);

    [DllImport(Library, EntryPoint = "pam_get_item")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    public static extern int GetItem(nint handle, int item, out nint value);

    [DllImport(Library, EntryPoint = "pam_authenticate")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    public static extern int Authenticate(nint handle, int flags);

    [DllImport(Library, EntryPoint = "pam_acct_mgmt")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    public static extern int Account(nint handle, int flags);

    [DllImport(Library, EntryPoint = "pam_end")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    public static extern int End(nint handle, int status);

    [DllImport("libc", EntryPoint = "calloc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    public static extern nint Allocate(nint count, nint size);

    /// <summary><c>struct pam_conv</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Conversation
    {
        public nint Function;
        public nint Data;
    }

    /// <summary><c>struct pam_message</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Message
    {
        public int Style;
        public nint Text;
    }

    /// <summary><c>struct pam_response</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Response
    {
        public nint Text;
        public int Code;
    }
}
