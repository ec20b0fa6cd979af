using System.Buffers;
using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using AuthGateway.Core.Identities;

namespace AuthGateway.Core.Lockout;

/// <summary>
/// Where a login comes from: a device certificate; or an ActiveSync device in a network; or a network (/24, /64). A device id is a mere claim, which anybody
/// can read in a log and repeat, so by itself it is no place. Whoever brings no certificate is judged by the narrowest of his places that is familiar.
/// </summary>
/// <param name="Address">Who is calling, as decided at the door.</param>
/// <param name="CertificateThumbprint">Of a device certificate that was accepted, or null.</param>
/// <param name="DeviceId">Canonical ActiveSync device id, or null.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct Place(IPAddress Address, string? CertificateThumbprint, string? DeviceId)
{
    private const int StackBytes = 512;

    /// <summary>The network of the address as a number: /24 of IPv4, /64 of IPv6.</summary>
    public UInt128 Network
    {
        get
        {
            var prefix = LockoutKey.PrefixOf(Address);
            return Address.AddressFamily == AddressFamily.InterNetwork || Address.IsIPv4MappedToIPv6 ? prefix & ~(UInt128)0xFF : prefix;
        }
    }

    /// <summary>The place that becomes familiar by a success: the narrowest one.</summary>
    internal string HashFor(UserIdentity user) =>
        CertificateThumbprint is { } thumbprint ? Hash(user.Key, 'c', thumbprint, 0)
        : DeviceId is { } device ? Hash(user.Key, 'd', device, Network)
        : Hash(user.Key, 'n', "", Network);

    /// <summary>The wider place that will do as well, or null: a device new to a familiar network is in that network.</summary>
    internal string? WiderHashFor(UserIdentity user) => CertificateThumbprint is null && DeviceId is not null ? Hash(user.Key, 'n', "", Network) : null;

    private static string Hash(string identityKey, char kind, string text, UInt128 network)
    {
        var bound = Encoding.UTF8.GetMaxByteCount(identityKey.Length) + Encoding.UTF8.GetMaxByteCount(text.Length) + sizeof(int) + 1 + 16;
        byte[]? rented = null;
        var buffer = bound <= StackBytes ? stackalloc byte[StackBytes] : (rented = ArrayPool<byte>.Shared.Rent(bound));
        var identityLength = Encoding.UTF8.GetBytes(identityKey, buffer[sizeof(int)..]);
        BinaryPrimitives.WriteInt32LittleEndian(buffer, identityLength);
        var length = sizeof(int) + identityLength;
        buffer[length++] = (byte)kind;
        BinaryPrimitives.WriteUInt128BigEndian(buffer[length..], network);
        length += 16;
        length += Encoding.UTF8.GetBytes(text, buffer[length..]);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(buffer[..length], hash);
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }

        return Convert.ToHexStringLower(hash[..16]);
    }
}
