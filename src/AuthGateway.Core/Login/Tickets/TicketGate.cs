using System.Buffers;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Policies;
using AuthGateway.Core.Telemetry;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;

namespace AuthGateway.Core.Login.Tickets;

/// <summary>What came of a ticket.</summary>
public abstract record TicketOutcome
{
    private TicketOutcome()
    {
    }

    /// <summary>No <c>Negotiate</c> header.</summary>
    public sealed record None : TicketOutcome
    {
        /// <summary>The one instance.</summary>
        public static None Instance { get; } = new();
    }

    /// <summary>A sound ticket of a realm that is trusted.</summary>
    /// <param name="Name">The login name it stands for.</param>
    /// <param name="Principal">As the ticket has it.</param>
    /// <param name="Backend">The one backend to ask, or null.</param>
    /// <param name="Answer">The header value that lets the client know us, or null.</param>
    public sealed record Accepted(UserName Name, string Principal, string? Backend, string? Answer) : TicketOutcome;

    /// <summary>Refused.</summary>
    /// <param name="Reason">Why.</param>
    /// <param name="Detail">More of it, for audit and log.</param>
    public sealed record Refused(VerdictReason Reason, string Detail) : TicketOutcome;
}

/// <summary>From an Authorization header to the principal of a ticket: every token is judged by itself, with no state of the connection.</summary>
public sealed partial class TicketGate(ITicketAcceptor acceptor, ILogger<TicketGate> logger)
{
    /// <summary>The scheme's name.</summary>
    public const string Scheme = "Negotiate";

    /// <summary>Longest token in base64: groups by the hundred make tickets of 12 to 48 KiB.</summary>
    private const int LongestBase64 = 64 * 1024;

    /// <summary>True when the header speaks of a ticket at all.</summary>
    public static bool IsOffered(StringValues authorization) =>
        authorization is [{ } line] && line.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) && (line.Length == Scheme.Length || line[Scheme.Length] == ' ');

    /// <summary>Judges the header.</summary>
    public TicketOutcome Judge(StringValues authorization, KerberosTable table)
    {
        if (!IsOffered(authorization))
        {
            return TicketOutcome.None.Instance;
        }

        var base64 = authorization[0]!.AsSpan(Scheme.Length).Trim(' ');
        if (base64.Length is 0 or > LongestBase64)
        {
            return Refuse(VerdictReason.TicketRefused, base64.IsEmpty ? "no token" : "the token is too long");
        }

        var buffer = ArrayPool<byte>.Shared.Rent(base64.Length);
        try
        {
            return Convert.TryFromBase64Chars(base64, buffer, out var length)
                ? Judge(buffer.AsMemory(0, length), table)
                : Refuse(VerdictReason.TicketRefused, "the token is not base64");
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
        }
    }

    private TicketOutcome Judge(ReadOnlyMemory<byte> token, KerberosTable table)
    {
        switch (NegotiateToken.Classify(token))
        {
            case NegotiateTokenKind.Kerberos:
                break;
            case NegotiateTokenKind.Ntlm:
                return Refuse(VerdictReason.TicketRefused, "NTLM, which is never taken");
            case NegotiateTokenKind.Other:
                return Refuse(VerdictReason.TicketRefused, "another mechanism than Kerberos");
            default:
                return Refuse(VerdictReason.TicketRefused, "the token cannot be read");
        }

        var status = acceptor.Accept(token.Span);
        if (!status.IsAccepted || status.Principal is not { } principal)
        {
            // The library does not say which of them it was.
            return Refuse(
                VerdictReason.TicketRefused, $"{status.Status}: damaged, expired, used before, clocks more than 5 minutes apart, or made for a host or key version the keytab does not have");
        }

        return status.Package is "Kerberos" ? Name(principal, table, status.Answer) : Refuse(VerdictReason.TicketRefused, $"the mechanism was {status.Package}");
    }

    /// <summary>
    /// Exactly one user of exactly one realm. Backslashes quote characters that would otherwise divide the name, so a name with one is not what it looks like.
    /// </summary>
    private TicketOutcome Name(string principal, KerberosTable table, byte[]? answer)
    {
        var at = principal.IndexOf('@', StringComparison.Ordinal);
        if (at <= 0 || principal.LastIndexOf('@') != at || principal.Contains('\\', StringComparison.Ordinal))
        {
            return Refuse(VerdictReason.RealmNotAllowed, $"{principal} is not a user of one realm");
        }

        var user = principal[..at];
        if (table.Find(principal[(at + 1)..]) is not { } realm)
        {
            return Refuse(VerdictReason.RealmNotAllowed, $"the realm of {principal} is not configured");
        }

        if (user.Contains('/', StringComparison.Ordinal) || user[^1] == '$')
        {
            return Refuse(VerdictReason.RealmNotAllowed, $"{principal} is a service or a machine");
        }

        if (!UserName.TryParse(realm.Domain is { } domain ? $"{user}@{domain}" : user, out var name))
        {
            return Refuse(VerdictReason.RealmNotAllowed, $"{principal} is no login name");
        }

        Log.Accepted(logger, principal);
        return new TicketOutcome.Accepted(name, principal, realm.Backend, answer is { Length: > 0 } ? $"{Scheme} {Convert.ToBase64String(answer)}" : null);
    }

    private TicketOutcome.Refused Refuse(VerdictReason reason, string detail)
    {
        Log.Refused(logger, reason, detail);
        return new TicketOutcome.Refused(reason, detail);
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.TicketAccepted, LogLevel.Debug, "The ticket of {Principal} is sound.")]
        public static partial void Accepted(ILogger logger, string principal);

        [LoggerMessage(EventIds.TicketRefused, LogLevel.Information, "A ticket was refused: {Reason} ({Detail}).")]
        public static partial void Refused(ILogger logger, VerdictReason reason, string detail);
    }
}
