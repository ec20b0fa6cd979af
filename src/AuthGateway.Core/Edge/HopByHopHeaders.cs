using System.Collections.Frozen;
using Microsoft.AspNetCore.Http;

namespace AuthGateway.Core.Edge;

/// <summary>Fields that speak to us and not to the upstream (RFC 9110 section 7.6.1).</summary>
internal static class HopByHopHeaders
{
    /// <summary>
    /// What a client cannot take out by naming it in <c>Connection</c>: we judged the request by these, and the upstream must
    /// see what was judged. Without <c>Depth</c> a PROPFIND is infinite; without <c>If</c> or <c>Overwrite</c> a MOVE clobbers.
    /// </summary>
    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Judged = new[]
    {
        "Authorization", "Content-Encoding", "Content-Length", "Content-Type", "Cookie", "Depth", "Destination", "Expect", "Host", "If", "If-Match",
        "If-None-Match", "Lock-Token", "MS-ASProtocolVersion", "Origin", "Overwrite", "X-MS-PolicyKey",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase).GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>
    /// Removes hop-by-hop fields and those the client's <c>Connection</c> names. Call it on the client's headers, before the
    /// gateway sets its own: then no token can reach a gateway-set field.
    /// </summary>
    /// <param name="headers">The request's headers.</param>
    /// <param name="webSocket">Keeps <c>Connection: Upgrade</c> and <c>Upgrade: websocket</c> for an upgrade that was allowed.</param>
    public static void Remove(IHeaderDictionary headers, bool webSocket)
    {
        foreach (var line in headers.Connection)
        {
            var rest = line.AsSpan();
            while (!rest.IsEmpty)
            {
                var comma = rest.IndexOf(',');
                var token = (comma < 0 ? rest : rest[..comma]).Trim(" \t");
                rest = comma < 0 ? default : rest[(comma + 1)..];
                if (token.IsEmpty
                    || token.Equals("close", StringComparison.OrdinalIgnoreCase)
                    || token.Equals("keep-alive", StringComparison.OrdinalIgnoreCase)
                    || (token.Equals("upgrade", StringComparison.OrdinalIgnoreCase) && webSocket)
                    || Judged.Contains(token))
                {
                    continue;
                }

                headers.Remove(token.ToString());
            }
        }

        headers.Remove("Keep-Alive");
        headers.Remove("Proxy-Connection");
        headers.Remove("Proxy-Authorization");
        headers.Remove("Proxy-Authenticate");
        headers.Remove("TE");
        headers.Remove("Trailer");
        headers.Remove("Transfer-Encoding");
        if (webSocket)
        {
            headers.Connection = "Upgrade";
            headers.Upgrade = "websocket";
        }
        else
        {
            headers.Remove("Connection");
            headers.Remove("Upgrade");
        }
    }
}
