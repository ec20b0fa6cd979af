using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using AuthGateway.Core.Identities;

namespace AuthGateway.Core.Backends.Local.ForeignHashes;

/// <summary>
/// <c>crypt_rn</c> of libxcrypt. Never <c>crypt</c>: that one answers from a static buffer, and under eight threads most answers are another's.
/// </summary>
internal static class NativeCrypt
{
    /// <summary><c>sizeof(struct crypt_data)</c>; its first field is the answer.</summary>
    private const int DataSize = 32768;

    /// <summary><c>CRYPT_OUTPUT_SIZE</c>.</summary>
    private const int OutputSize = 384;

    /// <summary><c>CRYPT_MAX_PASSPHRASE_SIZE</c>: longer ones are refused by the library itself.</summary>
    private const int MaxPhrase = 511;

    private const int OutOfMemory = 12;

    private static readonly Lazy<CryptRn?> s_library = new(Load);

    /// <summary>False on a machine without libxcrypt: such hashes can then not be judged.</summary>
    public static bool IsAvailable => s_library.Value is not null;

    /// <summary>Whether the secret makes this hash again.</summary>
    /// <exception cref="HashUnusableException">No library, or no memory.</exception>
    public static bool Matches(Secret secret, string stored)
    {
        // A C string ends at NUL: "right\0anything" would be "right". A setting that is empty or begins with * or ! is a locked account's.
        if (secret.Utf8.Length > MaxPhrase || secret.Utf8.Contains((byte)0) || stored.Length == 0 || stored[0] is '*' or '!')
        {
            return false;
        }

        var crypt = s_library.Value ?? throw new HashUnusableException("libcrypt (package libcrypt1) is not installed, so hashes of crypt(3) cannot be checked");

        // Pinned, so that the collector leaves no copy behind.
        var phrase = GC.AllocateArray<byte>(secret.Utf8.Length + 1, pinned: true);
        var data = GC.AllocateArray<byte>(DataSize, pinned: true);
        try
        {
            secret.Utf8.CopyTo(phrase);
            var setting = new byte[stored.Length + 1];
            Encoding.ASCII.GetBytes(stored, setting);
            var answer = crypt(phrase, setting, data, DataSize);
            if (answer == 0)
            {
                return Marshal.GetLastPInvokeError() == OutOfMemory ? throw new HashUnusableException("there is no memory left to check the password") : false;
            }

            var length = data.AsSpan(0, OutputSize).IndexOf((byte)0);
            return length > 0 && data[0] != (byte)'*' && CryptographicOperations.FixedTimeEquals(data.AsSpan(0, length), setting.AsSpan(0, stored.Length));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(phrase);
            CryptographicOperations.ZeroMemory(data);
        }
    }

    private static CryptRn? Load()
    {
        // Debian's name, and that of Fedora and its kin.
        foreach (var name in (string[])["libcrypt.so.1", "libcrypt.so.2"])
        {
            if (NativeLibrary.TryLoad(name, out var library) && NativeLibrary.TryGetExport(library, "crypt_rn", out var function))
            {
                return Marshal.GetDelegateForFunctionPointer<CryptRn>(function);
            }
        }

        return null;
    }

    [UnmanagedFunctionPointer(CallingConvention.Cdecl, SetLastError = true)]
    private delegate nint CryptRn(byte[] phrase, byte[] setting, byte[] data, int size);
}
