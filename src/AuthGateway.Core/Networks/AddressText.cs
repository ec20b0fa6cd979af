using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;

namespace AuthGateway.Core.Networks;

/// <summary>
/// How an IP address is written: one strict grammar for the file, the command line and forwarded headers.
/// The parser of the platform is not used: it takes <c>010.0.0.1</c> (as 8.0.0.1), <c>0x7f.1</c>, <c>127.1</c>, zone ids
/// and <c>[::1]:5</c>, so two readers of the same text could see two clients.
/// </summary>
internal static class AddressText
{
    private const int LongestText = 45;

    /// <summary>Reads a dotted quad without leading zeros, or an RFC 4291 address without zone, brackets or port.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out IPAddress? address)
    {
        address = null;
        if (text.IsEmpty || text.Length > LongestText)
        {
            return false;
        }

        Span<byte> bytes = stackalloc byte[16];
        if (!text.Contains(':'))
        {
            if (!TryReadQuad(text, bytes[..4]))
            {
                return false;
            }

            address = new IPAddress(bytes[..4]);
            return true;
        }

        if (!TryReadGroups(text, bytes))
        {
            return false;
        }

        address = new IPAddress(bytes);
        return true;
    }

    /// <summary>
    /// The one address a client is known by: IPv4-mapped IPv6 (what a dual-stack socket reports) becomes IPv4, a zone id goes.
    /// 6to4, NAT64 and IPv4-compatible addresses stay what they are: anybody can pick the IPv4 address embedded there.
    /// </summary>
    public static IPAddress Fold(IPAddress address)
    {
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return address;
        }

        if (address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4();
        }

        if (address.ScopeId == 0)
        {
            return address;
        }

        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        return new IPAddress(bytes);
    }

    /// <summary>
    /// The name counters know a client by: <c>192.0.2.1/32</c>, or the /64 of an IPv6 client, since one subscriber
    /// has 2^64 addresses to wear out a limit with.
    /// </summary>
    public static string CounterKey(IPAddress address)
    {
        var folded = Fold(address);
        if (folded.AddressFamily == AddressFamily.InterNetwork)
        {
            return $"{folded}/32";
        }

        Span<byte> bytes = stackalloc byte[16];
        folded.TryWriteBytes(bytes, out _);
        bytes[8..].Clear();
        return $"{new IPAddress(bytes)}/64";
    }

    private static bool TryReadQuad(ReadOnlySpan<char> text, Span<byte> bytes)
    {
        var position = 0;
        for (var part = 0; part < 4; part++)
        {
            if (part > 0 && (position >= text.Length || text[position++] != '.'))
            {
                return false;
            }

            var start = position;
            var value = 0;
            while (position < text.Length && char.IsAsciiDigit(text[position]))
            {
                value = (value * 10) + (text[position++] - '0');
                if (value > 255)
                {
                    return false;
                }
            }

            // A leading zero means octal to some readers and decimal to others.
            if (position == start || (text[start] == '0' && position - start > 1))
            {
                return false;
            }

            bytes[part] = (byte)value;
        }

        return position == text.Length;
    }

    private static bool TryReadGroups(ReadOnlySpan<char> text, Span<byte> bytes)
    {
        bytes.Clear();
        var written = 0;
        var gap = -1;
        var position = 0;
        if (text[0] == ':')
        {
            if (text.Length < 2 || text[1] != ':')
            {
                return false;
            }

            gap = 0;
            position = 2;
        }

        while (position < text.Length)
        {
            var start = position;
            var value = 0;
            while (position < text.Length && char.IsAsciiHexDigit(text[position]))
            {
                value = (value << 4) | HexValue(text[position++]);
                if (position - start > 4)
                {
                    return false;
                }
            }

            if (position < text.Length && text[position] == '.')
            {
                if (written > 12 || !TryReadQuad(text[start..], bytes.Slice(written, 4)))
                {
                    return false;
                }

                written += 4;
                break;
            }

            if (position == start || written > 14)
            {
                return false;
            }

            bytes[written++] = (byte)(value >> 8);
            bytes[written++] = (byte)value;
            if (position == text.Length)
            {
                break;
            }

            if (text[position++] != ':' || position == text.Length)
            {
                return false;
            }

            if (text[position] == ':')
            {
                if (gap >= 0)
                {
                    return false;
                }

                gap = written;
                position++;
            }
        }

        if (gap < 0)
        {
            return written == 16;
        }

        if (written > 14)
        {
            return false;
        }

        var tail = written - gap;
        bytes.Slice(gap, tail).CopyTo(bytes[(16 - tail)..]);
        bytes[gap..(16 - tail)].Clear();
        return true;
    }

    private static int HexValue(char c) => c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
}
