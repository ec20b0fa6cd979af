using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using AuthGateway.Core.Identities;

namespace AuthGateway.Core.Lockout;

/// <summary>What a counter counts for: an identity, one of its places, its second factors, its directory, a typed name nobody knows, or client addresses.</summary>
public readonly record struct LockoutKey
{
    /// <summary>How the keys of familiar places begin.</summary>
    public const string PlaceKind = "place:";

    private const string StrangersKind = "budget-strangers:";
    private const string WideSuffix = "/48";

    private LockoutKey(string text) => Text = text;

    /// <summary>The key as it is kept.</summary>
    public string Text { get; }

    /// <summary>One counter for every spelling of the user's name.</summary>
    public static LockoutKey ForUser(UserIdentity identity) => new($"user:{identity.Key}");

    /// <summary>Wrong codes of a user's second factors.</summary>
    public static LockoutKey ForFactor(UserIdentity identity) => new($"factor:{identity.Key}");

    /// <summary>Wrong codes of a user's second factors since the last right one, however long ago.</summary>
    public static LockoutKey ForFactorTotal(UserIdentity identity) => new($"factor-total:{identity.Key}");

    /// <summary>Wrong recovery codes of a user: apart from the app's, so that whoever closes those leaves the owner a way in.</summary>
    public static LockoutKey ForRecovery(UserIdentity identity) => new($"recovery:{identity.Key}");

    /// <summary>Attempts on a user from one of his familiar places; see <see cref="FamiliarPlaces"/>.</summary>
    public static LockoutKey ForPlace(UserIdentity identity, string placeHash) => new($"{PlaceKind}{identity.Key}:{placeHash}");

    /// <summary>Attempts forwarded to the user's directory that it may have counted, from everywhere.</summary>
    public static LockoutKey ForBudget(UserIdentity identity) => new($"budget:{identity.Key}");

    /// <summary>Those of them that came from places the user is not known to come from: strangers get a share, so that the owner always has room.</summary>
    public static LockoutKey ForStrangersBudget(UserIdentity identity) => new($"{StrangersKind}{identity.Key}");

    /// <summary>A name no backend knows, counted as if it were somebody.</summary>
    public static LockoutKey ForName(UserName name) => new($"name:{name.Folded}");

    /// <summary>An IPv4 address, or the /64 of an IPv6 address: a subscriber has that many to choose from.</summary>
    public static LockoutKey ForAddress(IPAddress address)
    {
        // A dual-stack socket shows IPv4 clients as ::ffff:a.b.c.d; they would all share one /64.
        if (address.IsIPv4MappedToIPv6)
        {
            address = address.MapToIPv4();
        }

        if (address.AddressFamily == AddressFamily.InterNetwork)
        {
            return new LockoutKey($"addr:{address}");
        }

        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        bytes[8..].Clear();
        return new LockoutKey($"addr:{new IPAddress(bytes)}/64");
    }

    /// <summary>The /48 of an IPv6 address, which one customer of a hoster may have whole; null for IPv4.</summary>
    public static LockoutKey? ForWideAddress(IPAddress address)
    {
        if (address.AddressFamily == AddressFamily.InterNetwork || address.IsIPv4MappedToIPv6)
        {
            return null;
        }

        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        bytes[6..].Clear();
        return new LockoutKey($"addr:{new IPAddress(bytes)}{WideSuffix}");
    }

    /// <summary>The key of a counter an administrator names as it is listed; whether it exists is the store's to say.</summary>
    public static LockoutKey FromText(string text) => new(text);

    /// <summary>
    /// What an address is counted under, as a number, so that the warm path asks without building a string. IPv4 addresses keep their mapped
    /// form; a /64 has its lower half empty, so the two never meet.
    /// </summary>
    internal static UInt128 PrefixOf(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        if (address.AddressFamily == AddressFamily.InterNetwork)
        {
            address.TryWriteBytes(bytes[12..], out _);
            bytes[10] = bytes[11] = 0xFF;
            return BinaryPrimitives.ReadUInt128BigEndian(bytes);
        }

        address.TryWriteBytes(bytes, out _);
        if (!address.IsIPv4MappedToIPv6)
        {
            bytes[8..].Clear();
        }

        return BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }

    /// <summary>The /48 of such a number.</summary>
    internal static UInt128 WidePrefixOf(UInt128 prefix) => prefix >> 80 << 80;

    /// <summary>The number of an address key as it is kept; false for other keys.</summary>
    internal static bool TryReadPrefix(string text, out UInt128 prefix, out bool isWide)
    {
        prefix = default;
        isWide = text.EndsWith(WideSuffix, StringComparison.Ordinal);
        if (!text.StartsWith("addr:", StringComparison.Ordinal))
        {
            return false;
        }

        var address = text.AsSpan(5);
        var slash = address.IndexOf('/');
        if (!IPAddress.TryParse(slash < 0 ? address : address[..slash], out var parsed))
        {
            return false;
        }

        prefix = PrefixOf(parsed);
        return true;
    }

    /// <summary>What the key counts, by how it begins.</summary>
    public LockoutKind Kind => Text.AsSpan(0, Text.IndexOf(':', StringComparison.Ordinal)) switch
    {
        "user" => LockoutKind.User,
        "place" => LockoutKind.Place,
        "budget" or "budget-strangers" => LockoutKind.Budget,
        "name" => LockoutKind.Name,
        "addr" => LockoutKind.Address,
        _ => LockoutKind.Factor,
    };

    /// <summary>True for a budget's share that strangers may use.</summary>
    public bool IsOfStrangers => Text.StartsWith(StrangersKind, StringComparison.Ordinal);

    /// <inheritdoc />
    public override string ToString() => Text;
}

/// <summary>What a counter counts.</summary>
public enum LockoutKind
{
    /// <summary>Attempts on a user from where he is not known to come from.</summary>
    User,

    /// <summary>Attempts on a user from one of his familiar places.</summary>
    Place,

    /// <summary>Attempts a user's directory may have counted.</summary>
    Budget,

    /// <summary>Attempts on a name nobody knows.</summary>
    Name,

    /// <summary>Attempts from an address.</summary>
    Address,

    /// <summary>Wrong codes of second factors.</summary>
    Factor,
}
