using System.Net;
using System.Net.Sockets;
using AuthGateway.Core.Identities;

namespace AuthGateway.Core.Lockout;

/// <summary>What a counter counts for: an identity, a typed name nobody knows, or a client address.</summary>
public readonly record struct LockoutKey
{
    private LockoutKey(string text) => Text = text;

    /// <summary>The key as it is kept.</summary>
    public string Text { get; }

    /// <summary>One counter for every spelling of the user's name.</summary>
    public static LockoutKey ForUser(UserIdentity identity) => new($"user:{identity.Key}");

    /// <summary>A name no backend knows, counted as if it were somebody.</summary>
    public static LockoutKey ForName(UserName name) => new($"name:{name.Folded}");

    /// <summary>An IPv4 address, or the /64 of an IPv6 address: a subscriber has that many to choose from.</summary>
    public static LockoutKey ForAddress(IPAddress address)
    {
        if (address.AddressFamily == AddressFamily.InterNetwork)
        {
            return new LockoutKey($"addr:{address}");
        }

        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        bytes[8..].Clear();
        return new LockoutKey($"addr:{new IPAddress(bytes)}/64");
    }

    /// <inheritdoc />
    public override string ToString() => Text;
}
