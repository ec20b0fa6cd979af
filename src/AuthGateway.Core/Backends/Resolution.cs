using AuthGateway.Core.Identities;

namespace AuthGateway.Core.Backends;

/// <summary>Who a name is, asked without a secret for somebody whom something else has proven: a ticket, a certificate, a network, a trusted forwarder.</summary>
/// <param name="Trace">Who was asked, in order, and what each answered.</param>
public abstract record Resolution(IReadOnlyList<ChainStep> Trace)
{
    /// <summary>Exactly this user, in a usable state.</summary>
    public sealed record Found(UserIdentity Identity, string Backend, IReadOnlyList<ChainStep> Trace) : Resolution(Trace);

    /// <summary>The account may not log in.</summary>
    public sealed record AccountState(UserIdentity Identity, string State, IReadOnlyList<ChainStep> Trace) : Resolution(Trace);

    /// <summary>No backend knows the name, or one knows it of more than one user and ended the asking.</summary>
    public sealed record UnknownUser(IReadOnlyList<ChainStep> Trace) : Resolution(Trace);

    /// <summary>A backend could not be asked, so nobody knows whose name it is.</summary>
    public sealed record Unavailable(string Why, IReadOnlyList<ChainStep> Trace) : Resolution(Trace);

    /// <summary>The trace in one line, as log and audit show it.</summary>
    public string Told => string.Join(' ', Trace);
}
