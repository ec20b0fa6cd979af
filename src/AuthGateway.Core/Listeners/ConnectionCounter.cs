using System.Net;
using System.Net.Sockets;

namespace AuthGateway.Core.Listeners;

/// <summary>Open connections, in all and by client address. Counts exactly: what is entered leaves once.</summary>
internal sealed class ConnectionCounter(int limit, int limitPerAddress)
{
    private readonly Stripe[] _stripes = [.. Enumerable.Range(0, 64).Select(_ => new Stripe())];
    private int _total;

    /// <summary>Open now.</summary>
    public int Total => Volatile.Read(ref _total);

    /// <summary>Counts a connection in; false when there is no room, and then nothing was counted.</summary>
    public bool TryEnter(IPAddress peer)
    {
        if (Interlocked.Increment(ref _total) > limit)
        {
            Interlocked.Decrement(ref _total);
            return false;
        }

        var key = Key(peer);
        var stripe = StripeOf(key);
        lock (stripe.Gate)
        {
            ref var count = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(stripe.Open, key, out _);
            if (count < limitPerAddress)
            {
                count++;
                return true;
            }
        }

        Interlocked.Decrement(ref _total);
        return false;
    }

    /// <summary>Counts a connection out.</summary>
    public void Leave(IPAddress peer)
    {
        Interlocked.Decrement(ref _total);
        var key = Key(peer);
        var stripe = StripeOf(key);
        lock (stripe.Gate)
        {
            ref var count = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrNullRef(stripe.Open, key);
            if (--count == 0)
            {
                stripe.Open.Remove(key);
            }
        }
    }

    /// <summary>Of IPv6 the first 64 bits: a subscriber has a whole network of that size and could change address for each connection.</summary>
    private static UInt128 Key(IPAddress peer)
    {
        Span<byte> bytes = stackalloc byte[16];
        peer.TryWriteBytes(bytes, out var length);
        return peer.AddressFamily == AddressFamily.InterNetwork
            ? new UInt128(1, System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(bytes[..length]))
            : new UInt128(2, System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(bytes));
    }

    private Stripe StripeOf(UInt128 key) => _stripes[key.GetHashCode() & 63];

    private sealed class Stripe
    {
        public readonly Lock Gate = new();
        public readonly Dictionary<UInt128, int> Open = [];
    }
}
