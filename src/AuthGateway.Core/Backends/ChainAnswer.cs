using AuthGateway.Core.Identities;

namespace AuthGateway.Core.Backends;

/// <summary>What one backend of the chain answered, for log and audit.</summary>
/// <param name="Backend">Its name.</param>
/// <param name="Answer">A word of <see cref="ChainWords"/>.</param>
public readonly record struct ChainStep(string Backend, string Answer)
{
    /// <summary>True for a no that may have been said to the right secret as well.</summary>
    public bool IsUncertain { get; init; }

    /// <inheritdoc />
    public override string ToString() => $"{Backend}={Answer}";
}

/// <summary>The words of a trace. They are stable: audit searches hang on them.</summary>
public static class ChainWords
{
    public const string Accepted = "accepted";
    public const string Found = "found";
    public const string Rejected = "rejected";
    public const string AccountState = "account-state";
    public const string UnknownUser = "unknown-user";
    public const string Ambiguous = "ambiguous";
    public const string Unavailable = "unavailable";
    public const string Busy = "busy";
    public const string Locked = "locked";
    public const string KnownWrong = "known-wrong";
    public const string BudgetSpent = "budget-spent";
}

/// <summary>What the backends together say to a name and a secret.</summary>
/// <param name="Trace">Who was asked, in order, and what each answered.</param>
public abstract record ChainAnswer(IReadOnlyList<ChainStep> Trace)
{
    /// <summary>Right secret. The charge on the identity still stands: its end is the business of whoever knows about further factors.</summary>
    public sealed record Accepted(UserIdentity Identity, string Backend, IReadOnlyList<ChainStep> Trace) : ChainAnswer(Trace)
    {
        /// <summary>What the directory said about the password beside yes, or null.</summary>
        public PasswordNotice? Notice { get; init; }
    }

    /// <summary>Wrong secret; the charge stays.</summary>
    /// <param name="Identity">The user of the first backend that said so.</param>
    /// <param name="Trace">Who was asked.</param>
    public sealed record Rejected(UserIdentity Identity, IReadOnlyList<ChainStep> Trace) : ChainAnswer(Trace);

    /// <summary>The account may not log in; the charge was withdrawn when the secret was proven and stays otherwise.</summary>
    public sealed record AccountState(UserIdentity Identity, string State, bool SecretProven, IReadOnlyList<ChainStep> Trace) : ChainAnswer(Trace)
    {
        /// <summary>True when a new password ends the state, and the secret was right.</summary>
        public bool CanChangePassword { get; init; }
    }

    /// <summary>No backend knows the name, or one knows it of more than one user and ended the asking. Nothing was charged.</summary>
    public sealed record UnknownUser(IReadOnlyList<ChainStep> Trace) : ChainAnswer(Trace);

    /// <summary>The account is locked; the secret was not looked at.</summary>
    public sealed record Locked(UserIdentity Identity, IReadOnlyList<ChainStep> Trace) : ChainAnswer(Trace)
    {
        /// <summary>True when the gateway's own counter is not at its limit, but one more failure would bring the user near the lock of his directory.</summary>
        public bool OfDirectory { get; init; }
    }

    /// <summary>Nobody accepted and at least one backend could not be asked. Only what a backend judged stays charged.</summary>
    public sealed record Unavailable(string Why, IReadOnlyList<ChainStep> Trace) : ChainAnswer(Trace);

    /// <summary>Too many checks at once on our side; nothing was charged by the busy backend.</summary>
    public sealed record Busy(IReadOnlyList<ChainStep> Trace) : ChainAnswer(Trace);

    /// <summary>The trace in one line, as log and audit show it.</summary>
    public string Told => string.Join(' ', Trace);
}
