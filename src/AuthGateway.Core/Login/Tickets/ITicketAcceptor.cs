namespace AuthGateway.Core.Login.Tickets;

/// <summary>What the platform's library said to a token.</summary>
/// <param name="IsAccepted">True when it is a sound ticket for one of our keys, and the negotiation is over.</param>
/// <param name="Principal">Whose, <c>user@REALM</c>; null when not accepted.</param>
/// <param name="Package">The mechanism, <c>Kerberos</c>; null when not accepted.</param>
/// <param name="Answer">For the client, so that it knows us; may be null.</param>
/// <param name="Status">The library's word, for the log.</param>
public readonly record struct TicketStatus(bool IsAccepted, string? Principal, string? Package, byte[]? Answer, string Status);

/// <summary>Opens tickets.</summary>
public interface ITicketAcceptor
{
    /// <summary>Judges one token by itself: there is no second round, and nothing is kept for the connection.</summary>
    TicketStatus Accept(ReadOnlySpan<byte> token);
}
