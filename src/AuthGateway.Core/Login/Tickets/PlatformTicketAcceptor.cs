using System.ComponentModel;
using System.Net.Security;

namespace AuthGateway.Core.Login.Tickets;

/// <summary>The framework's acceptor, which asks MIT Kerberos (package libgssapi-krb5-2).</summary>
internal sealed class PlatformTicketAcceptor : ITicketAcceptor
{
    public TicketStatus Accept(ReadOnlySpan<byte> token)
    {
        try
        {
            using var negotiation = new NegotiateAuthentication(new NegotiateAuthenticationServerOptions { Package = "Negotiate" });
            var answer = negotiation.GetOutgoingBlob(token, out var status);

            // By the status alone: IsAuthenticated has been seen to be true after failures, and the rest throws then.
            return status == NegotiateAuthenticationStatusCode.Completed
                ? new TicketStatus(true, negotiation.RemoteIdentity.Name, negotiation.Package, answer, status.ToString())
                : new TicketStatus(false, null, null, null, status.ToString());
        }
        catch (Exception e) when (e is PlatformNotSupportedException or DllNotFoundException or Win32Exception or InvalidOperationException)
        {
            return new TicketStatus(false, null, null, null, e.Message);
        }
    }
}
