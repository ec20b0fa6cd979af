using AuthGateway.Core.Login.Tickets;

namespace AuthGateway.Tests.Core.Login.Tickets;

/// <summary>A Kerberos library that takes every ticket for this principal, once.</summary>
internal sealed class ScriptedTickets : ITicketAcceptor
{
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);

    public string Principal { get; set; } = "alice@A.TEST";

    public string Package { get; set; } = "Kerberos";

    public int Asked { get; private set; }

    /// <summary>A token as curl and browsers send it: SPNEGO with a Kerberos ticket first; the serial makes it another one.</summary>
    public static byte[] Token(byte serial = 1) => TokenWriter.Offer([TokenWriter.Kerberos], TokenWriter.Request(serial));

    public static string Header(byte serial = 1) => "Negotiate " + Convert.ToBase64String(Token(serial));

    public TicketStatus Accept(ReadOnlySpan<byte> token)
    {
        Asked++;
        return _seen.Add(Convert.ToHexString(token))
            ? new TicketStatus(true, Principal, Package, [1, 2, 3], "Completed")
            : new TicketStatus(false, null, null, null, "InvalidToken");
    }
}
