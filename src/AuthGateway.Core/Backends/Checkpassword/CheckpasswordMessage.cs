using System.Globalization;
using System.Text;
using AuthGateway.Core.Identities;

namespace AuthGateway.Core.Backends.Checkpassword;

/// <summary>What a checkpassword program reads from descriptor 3: login, password and a timestamp, each with a NUL behind it (cr.yp.to/checkpwd/interface.html).</summary>
internal static class CheckpasswordMessage
{
    /// <summary>A program need not read more.</summary>
    public const int LongestBytes = 512;

    /// <summary>The message; null for what cannot be said in it: a NUL inside, or too long.</summary>
    public static byte[]? Build(string login, Secret secret, DateTimeOffset now)
    {
        var name = Encoding.UTF8.GetBytes(login);
        var stamp = Encoding.ASCII.GetBytes(now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
        var length = name.Length + secret.Utf8.Length + stamp.Length + 3;
        if (secret.IsEmpty || length > LongestBytes || name.Contains((byte)0) || secret.Utf8.Contains((byte)0))
        {
            return null;
        }

        var message = new byte[length];
        name.CopyTo(message, 0);
        secret.Utf8.CopyTo(message.AsSpan(name.Length + 1));
        stamp.CopyTo(message, name.Length + secret.Utf8.Length + 2);
        return message;
    }
}
