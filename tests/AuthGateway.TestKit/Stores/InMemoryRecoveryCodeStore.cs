using AuthGateway.Core.Factors.RecoveryCodes;
using AuthGateway.Core.Faults;

namespace AuthGateway.TestKit.Stores;

/// <summary>Recovery codes in memory.</summary>
public sealed class InMemoryRecoveryCodeStore : IRecoveryCodeStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, List<RecoveryCodeHash>> _sets = new(StringComparer.Ordinal);

    /// <summary>True makes every call fail as a broken database does.</summary>
    public bool IsDown { get; set; }

    /// <inheritdoc />
    public ValueTask ReplaceAsync(string identityKey, IReadOnlyList<RecoveryCodeHash> codes, DateTimeOffset now, CancellationToken cancellationToken)
    {
        _ = Run(() => _sets[identityKey] = [.. codes]);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc />
    public ValueTask<RecoveryCodeHash?> FindAsync(string identityKey, string index, CancellationToken cancellationToken) =>
        Run(() => Of(identityKey).Find(code => code.Index == index));

    /// <inheritdoc />
    public ValueTask<bool> UseAsync(string identityKey, RecoveryCodeHash code, DateTimeOffset now, CancellationToken cancellationToken) =>
        Run(() => Of(identityKey).Remove(code));

    /// <inheritdoc />
    public ValueTask<int> CountAsync(string identityKey, CancellationToken cancellationToken) => Run(() => Of(identityKey).Count);

    private List<RecoveryCodeHash> Of(string identityKey) => _sets.GetValueOrDefault(identityKey) ?? [];

    private ValueTask<T> Run<T>(Func<T> action)
    {
        lock (_gate)
        {
            return IsDown ? throw new StoreUnavailableException("The store is down.") : new(action());
        }
    }
}
