using AuthGateway.Core.Identities;

namespace AuthGateway.Core.Login.Tickets;

/// <summary>Says whether the user a directory found for a ticket's name is the one the ticket was made for.</summary>
internal static class TicketOwner
{
    /// <summary>
    /// True when the user's login name is the ticket's name, with its domain or without, without case. An alias is not enough: <c>jsmith</c> is one person
    /// to the KDC, and <c>jsmith@corp.example.org</c> may be another one's mail.
    /// </summary>
    /// <param name="identity">Who was found.</param>
    /// <param name="name">What was looked up: <c>user</c> or <c>user@domain</c>, with one <c>@</c> at most (<see cref="TicketGate"/>).</param>
    public static bool Matches(UserIdentity identity, UserName name)
    {
        var at = name.Text.IndexOf('@', StringComparison.Ordinal);
        return string.Equals(identity.Login, name.Text, StringComparison.OrdinalIgnoreCase)
            || (at > 0 && identity.Login.AsSpan().Equals(name.Text.AsSpan(0, at), StringComparison.OrdinalIgnoreCase));
    }
}
