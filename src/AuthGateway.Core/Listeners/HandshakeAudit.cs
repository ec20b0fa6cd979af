using System.Net;
using AuthGateway.Core.Audit;
using AuthGateway.Core.Policies;
using Microsoft.AspNetCore.Connections;

namespace AuthGateway.Core.Listeners;

/// <summary>
/// Records handshakes that failed on hosts which ask for a device certificate. Nearly every bad certificate passes the handshake and
/// is refused in HTTP with a reason; one whose signature does not verify can already fail in OpenSSL (TLS 1.3, when the client sends
/// the authority along), and the helpdesk must find that too.
/// </summary>
internal sealed class HandshakeAudit(AuditLog log, TimeProvider time)
{
    private static readonly object Key = new();

    /// <summary>A handshake that asks for a certificate has begun.</summary>
    public static void Begun(ConnectionContext connection, string host) => connection.Items[Key] = host;

    /// <summary>The handshake is over and well.</summary>
    public static void Done(ConnectionContext connection) => connection.Items.Remove(Key);

    /// <summary>The connection is over; what was begun and never done has failed.</summary>
    public async ValueTask EndedAsync(ConnectionContext connection, IPAddress peer)
    {
        if (connection.Items.TryGetValue(Key, out var begun) && begun is string host)
        {
            await log.RecordFoldedAsync(
                new AuditRecord
                {
                    At = time.GetUtcNow(),
                    Event = AuditEvents.Refusal,
                    Reason = VerdictReason.HandshakeFailed.Code,
                    Verdict = "deny",
                    Address = peer.ToString(),
                    Host = host,
                },
                CancellationToken.None);
        }
    }
}
