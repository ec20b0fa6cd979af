using System.Net;
using Microsoft.Extensions.Primitives;

namespace AuthGateway.Core.Networks;

/// <summary>Where the client address came from.</summary>
internal enum ClientAddressOutcome
{
    /// <summary>The peer of the connection is the client.</summary>
    Peer = 0,

    /// <summary>A trusted forwarder named the client.</summary>
    Forwarded = 1,

    /// <summary>A trusted forwarder passed on something that is no list of addresses; the request is refused.</summary>
    Refused = 2,
}

/// <summary>The client of a request, the number of forwarded entries read, and how we know.</summary>
internal readonly record struct ClientAddress(IPAddress Address, int Hops, ClientAddressOutcome Outcome);

/// <summary>
/// Decides who the client is when a reverse proxy may stand before us. <c>X-Forwarded-For</c> is read from the right, and
/// only from peers we were told to trust: everything to the left of the first untrusted entry was written by the client.
/// </summary>
internal sealed class ForwarderTrust(NetworkSet trusted)
{
    private const int MostHops = 10;

    /// <param name="peer">The other end of the socket.</param>
    /// <param name="forwardedFor">All lines of <c>X-Forwarded-For</c>, in order.</param>
    public ClientAddress Decide(IPAddress peer, StringValues forwardedFor)
    {
        var client = AddressText.Fold(peer);
        if (trusted.IsEmpty || forwardedFor.Count == 0 || !trusted.Contains(client))
        {
            return new ClientAddress(client, 0, ClientAddressOutcome.Peer);
        }

        var hops = 0;
        for (var line = forwardedFor.Count - 1; line >= 0; line--)
        {
            // Lines are one list (RFC 9110 section 5.3): a client's own line must not shadow the forwarder's.
            var rest = forwardedFor[line].AsSpan();
            while (true)
            {
                var comma = rest.LastIndexOf(',');
                if (++hops > MostHops || !AddressText.TryParse(rest[(comma + 1)..].Trim(" \t"), out var entry))
                {
                    return new ClientAddress(client, hops, ClientAddressOutcome.Refused);
                }

                client = AddressText.Fold(entry);
                if (!trusted.Contains(client))
                {
                    return new ClientAddress(client, hops, ClientAddressOutcome.Forwarded);
                }

                if (comma < 0)
                {
                    break;
                }

                rest = rest[..comma];
            }
        }

        // Every entry is trusted: the request began inside, at the left-most of them.
        return new ClientAddress(client, hops, ClientAddressOutcome.Forwarded);
    }
}
