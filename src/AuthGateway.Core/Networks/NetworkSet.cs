using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Numerics;

namespace AuthGateway.Core.Networks;

/// <summary>
/// A set of networks as sorted, merged ranges; asked for every request, so a lookup is a binary search without allocation.
/// IPv4 and IPv6 are two separate spaces: <c>::/0</c> holds no IPv4 client and <c>0.0.0.0/0</c> no IPv6 client.
/// </summary>
public sealed class NetworkSet
{
    private readonly Ranges<uint> _v4;
    private readonly Ranges<UInt128> _v6;

    private NetworkSet(Ranges<uint> v4, Ranges<UInt128> v6)
    {
        _v4 = v4;
        _v6 = v6;
    }

    /// <summary>Every address of both families.</summary>
    public static NetworkSet Any { get; } = new(
        Ranges<uint>.Merge([(uint.MinValue, uint.MaxValue)]),
        Ranges<UInt128>.Merge([(UInt128.MinValue, UInt128.MaxValue)]));

    /// <summary>No address at all.</summary>
    public static NetworkSet None { get; } = new(Ranges<uint>.Merge([]), Ranges<UInt128>.Merge([]));

    /// <summary>True when addresses from far apart are in it, of either family: then it is no network but everybody.</summary>
    public bool HoldsStrangers =>
        (Contains(IPAddress.Parse("192.0.2.1")) && Contains(IPAddress.Parse("198.51.100.1")))
        || (Contains(IPAddress.Parse("2001:db8::1")) && Contains(IPAddress.Parse("3fff::1")));

    public bool IsEmpty => _v4.IsEmpty && _v6.IsEmpty;

    /// <summary>Whether the address lies in the set; an IPv4-mapped IPv6 address is asked as the IPv4 address it is.</summary>
    public bool Contains(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        Span<byte> bytes = stackalloc byte[16];
        if (!address.TryWriteBytes(bytes, out var length))
        {
            return false;
        }

        if (length == 4)
        {
            return _v4.Contains(BinaryPrimitives.ReadUInt32BigEndian(bytes));
        }

        return address.IsIPv4MappedToIPv6
            ? _v4.Contains(BinaryPrimitives.ReadUInt32BigEndian(bytes[12..]))
            : _v6.Contains(BinaryPrimitives.ReadUInt128BigEndian(bytes));
    }

    /// <summary>Addresses that lie in both sets.</summary>
    public NetworkSet Intersect(NetworkSet other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return ReferenceEquals(this, Any) ? other : ReferenceEquals(other, Any) ? this : new NetworkSet(_v4.Intersect(other._v4), _v6.Intersect(other._v6));
    }

    /// <summary>
    /// Reads networks (<c>10.0.0.0/8</c>, <c>2001:db8::/32</c>) and single addresses. Every wrong text adds a fault that
    /// names its remedy; with any fault there is no set, since a set with holes would be a guess.
    /// </summary>
    public static bool TryParse(IEnumerable<string> texts, [NotNullWhen(true)] out NetworkSet? networks, out IReadOnlyList<string> faults)
    {
        ArgumentNullException.ThrowIfNull(texts);
        List<(uint, uint)> v4 = [];
        List<(UInt128, UInt128)> v6 = [];
        List<string> found = [];
        foreach (var text in texts)
        {
            if (Add(text, v4, v6) is { } fault)
            {
                found.Add(fault);
            }
        }

        faults = found;
        networks = found.Count == 0 ? new NetworkSet(Ranges<uint>.Merge(v4), Ranges<UInt128>.Merge(v6)) : null;
        return networks is not null;
    }

    private static string? Add(string text, List<(uint First, uint Last)> v4, List<(UInt128 First, UInt128 Last)> v6)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (!AddressText.TryParse(slash < 0 ? text : text.AsSpan(0, slash), out var address))
        {
            return $"'{text}' is not an address or network; write it like 10.0.0.0/8, 192.0.2.1 or 2001:db8::/32";
        }

        var longest = address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128;
        var prefix = longest;
        if (slash >= 0 && !TryReadPrefix(text.AsSpan(slash + 1), longest, out prefix))
        {
            return $"'{text}' has no prefix length from 0 to {longest} after the slash";
        }

        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        if (longest == 32)
        {
            var first = BinaryPrimitives.ReadUInt32BigEndian(bytes);
            var host = prefix == 32 ? 0 : uint.MaxValue >> prefix;
            if ((first & host) != 0)
            {
                return HostBits(text, new IPAddress(ToBytes(first & ~host)), prefix);
            }

            v4.Add((first, first | host));
            return null;
        }

        var first6 = BinaryPrimitives.ReadUInt128BigEndian(bytes);
        var host6 = prefix == 128 ? UInt128.Zero : UInt128.MaxValue >> prefix;
        if ((first6 & host6) != UInt128.Zero)
        {
            return HostBits(text, new IPAddress(ToBytes(first6 & ~host6)), prefix);
        }

        // ::ffff:10.0.0.0/104 is another spelling of 10.0.0.0/8; clients are folded to IPv4, so it would never match as IPv6.
        if (address.IsIPv4MappedToIPv6)
        {
            v4.Add(((uint)first6, (uint)(first6 | host6)));
        }
        else
        {
            v6.Add((first6, first6 | host6));
        }

        return null;
    }

    private static string HostBits(string text, IPAddress network, int prefix) =>
        string.Create(CultureInfo.InvariantCulture, $"{text} has host bits; did you mean {network}/{prefix}?");

    private static bool TryReadPrefix(ReadOnlySpan<char> text, int longest, out int prefix) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out prefix) && prefix <= longest && (text.Length == 1 || text[0] != '0');

    private static byte[] ToBytes<T>(T value)
        where T : struct, IBinaryInteger<T>
    {
        var bytes = new byte[value.GetByteCount()];
        value.WriteBigEndian(bytes);
        return bytes;
    }

    /// <summary>Inclusive ranges in ascending order that neither overlap nor touch.</summary>
    private readonly struct Ranges<T>
        where T : struct, IBinaryInteger<T>, IMinMaxValue<T>
    {
        private readonly T[] _first;
        private readonly T[] _last;

        private Ranges(T[] first, T[] last)
        {
            _first = first;
            _last = last;
        }

        public bool IsEmpty => _first.Length == 0;

        public static Ranges<T> Merge(List<(T First, T Last)> ranges)
        {
            ranges.Sort();
            List<T> first = [];
            List<T> last = [];
            foreach (var range in ranges)
            {
                if (last.Count > 0 && (last[^1] == T.MaxValue || range.First <= last[^1] + T.One))
                {
                    last[^1] = T.Max(last[^1], range.Last);
                }
                else
                {
                    first.Add(range.First);
                    last.Add(range.Last);
                }
            }

            return new Ranges<T>([.. first], [.. last]);
        }

        public Ranges<T> Intersect(Ranges<T> other)
        {
            List<(T First, T Last)> both = [];
            for (int i = 0, j = 0; i < _first.Length && j < other._first.Length;)
            {
                var (first, last) = (T.Max(_first[i], other._first[j]), T.Min(_last[i], other._last[j]));
                if (first <= last)
                {
                    both.Add((first, last));
                }

                if (_last[i] < other._last[j])
                {
                    i++;
                }
                else
                {
                    j++;
                }
            }

            return Merge(both);
        }

        public bool Contains(T value)
        {
            var low = 0;
            var high = _first.Length - 1;
            while (low <= high)
            {
                var middle = (low + high) >>> 1;
                if (value < _first[middle])
                {
                    high = middle - 1;
                }
                else if (value > _last[middle])
                {
                    low = middle + 1;
                }
                else
                {
                    return true;
                }
            }

            return false;
        }
    }
}
