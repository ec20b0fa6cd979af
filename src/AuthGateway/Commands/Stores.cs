using AuthGateway.Core.Audit;
using AuthGateway.Core.Backends.Local;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Lockout;

namespace AuthGateway.Commands;

/// <summary>What administrative verbs work on. Opened once a verb by the function the composition root hands over.</summary>
internal sealed class Stores : IAsyncDisposable
{
    /// <summary>Local accounts.</summary>
    public required ILocalAccountStore Accounts { get; init; }

    /// <summary>Counters.</summary>
    public required ILockoutStore Lockouts { get; init; }

    /// <summary>The audit trail.</summary>
    public required IAuditStore Audit { get; init; }

    /// <summary>Hashes a password for keeping.</summary>
    public required Func<Secret, string> HashPassword { get; init; }

    /// <summary>Tells a running gateway that something changed; the argument is one of <see cref="SignalTopics"/>.</summary>
    public required Func<string, CancellationToken, ValueTask> Signal { get; init; }

    /// <summary>Name of the local backend in the configuration: the first half of its identities' keys.</summary>
    public string LocalBackend { get; init; } = "local";

    /// <summary>What to close at the end, or null.</summary>
    public IAsyncDisposable? Owner { get; init; }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => Owner?.DisposeAsync() ?? ValueTask.CompletedTask;
}

/// <summary>What a running gateway is told.</summary>
internal static class SignalTopics
{
    /// <summary>A local account changed: its verified credentials are forgotten.</summary>
    public const string Accounts = "accounts";

    /// <summary>A counter was cleared: the in-memory view is read again.</summary>
    public const string Lockouts = "lockouts";
}
