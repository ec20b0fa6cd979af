using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace AuthGateway.Core.Services.ActiveSync;

/// <summary>The user a query names; only to be compared, after resolution, with the one who authenticated.</summary>
internal static class ActiveSyncUser
{
    private const int LongestName = 256;

    /// <summary>
    /// <c>admin#bob</c> is impersonation to Z-Push, <c>bob*admin</c> a master user to Dovecot; a <c>%</c> left over is a second
    /// escape, a <c>;</c> or <c>&amp;</c> a second parameter to somebody.
    /// </summary>
    private static readonly SearchValues<byte> Forbidden = SearchValues.Create("#*:;&%?\""u8);

    /// <summary>Decodes a percent-escaped name. A raw <c>+</c> is refused: PHP reads a space there, others a plus.</summary>
    public static ActiveSyncFault TryDecode(ReadOnlySpan<char> escaped, out string? user)
    {
        user = null;
        if (escaped.Length > LongestName * 3 || escaped.Contains('+'))
        {
            return ActiveSyncFault.BadUser;
        }

        Span<byte> bytes = stackalloc byte[LongestName * 3];
        var count = 0;
        for (var i = 0; i < escaped.Length; i++)
        {
            if (escaped[i] != '%')
            {
                bytes[count++] = (byte)escaped[i];
                continue;
            }

            if (i + 2 >= escaped.Length || Convert.FromHexString(escaped.Slice(i + 1, 2), bytes[count..], out _, out _) != OperationStatus.Done)
            {
                return ActiveSyncFault.MalformedEscape;
            }

            count++;
            i += 2;
        }

        return TryRead(bytes[..count], out user) ? ActiveSyncFault.None : ActiveSyncFault.BadUser;
    }

    public static bool TryRead(ReadOnlySpan<byte> utf8, out string? user)
    {
        user = null;
        if (utf8.Length is 0 or > LongestName
            || utf8.ContainsAnyInRange((byte)0, (byte)0x1F)
            || utf8.Contains((byte)0x7F)
            || utf8.ContainsAny(Forbidden)
            || !Utf8.IsValid(utf8))
        {
            return false;
        }

        user = Encoding.UTF8.GetString(utf8);
        return !user.AsSpan().ContainsAnyInRange('\x80', '\x9F');
    }
}
