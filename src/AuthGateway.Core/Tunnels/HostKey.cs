using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace AuthGateway.Core.Tunnels;

/// <summary>A server's public key.</summary>
/// <param name="Kind">Kind as OpenSSH names it, such as <c>ssh-ed25519</c>.</param>
/// <param name="Blob">The key in base64.</param>
internal sealed record HostKey(string Kind, string Blob)
{
    private const int LongestBlob = 16 * 1024;

    /// <summary><c>SHA256:</c> and the hash in base64 without padding, as OpenSSH shows it.</summary>
    public string Fingerprint => field ??= "SHA256:" + Convert.ToBase64String(SHA256.HashData(Convert.FromBase64String(Blob))).TrimEnd('=');

    /// <summary>Reads <c>host kind blob</c> of <c>ssh-keyscan</c> or of a file of ours. The blob must say of itself that it is of this kind.</summary>
    public static bool TryParse(string line, [NotNullWhen(true)] out HostKey? key)
    {
        key = null;
        var parts = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length < 3 || parts[0].StartsWith('#') || parts[2].Length > LongestBlob)
        {
            return false;
        }

        var (kind, blob) = (parts[1], parts[2]);
        var bytes = new byte[blob.Length];
        if (kind.Length is 0 or > 64 || kind.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '@' or '.'))
            || !Convert.TryFromBase64String(blob, bytes, out var length)
            || length < 4 + kind.Length
            || System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(bytes) != kind.Length
            || !bytes.AsSpan(4, kind.Length).SequenceEqual(Encoding.ASCII.GetBytes(kind)))
        {
            return false;
        }

        key = new HostKey(kind, blob);
        return true;
    }
}
