using AuthGateway.Core.Factors.Enrolment;
using AuthGateway.Core.Faults;

namespace AuthGateway.TestKit.Stores;

/// <summary>Enrolment codes in memory.</summary>
public sealed class InMemoryEnrolmentCodeStore : IEnrolmentCodeStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, (byte[] Hash, DateTimeOffset ExpiresAt)> _codes = new(StringComparer.Ordinal);

    /// <summary>True makes every call fail as a broken database does.</summary>
    public bool IsDown { get; set; }

    /// <inheritdoc />
    public ValueTask PutAsync(string nameFolded, byte[] hash, DateTimeOffset expiresAt, CancellationToken cancellationToken)
    {
        _ = Run(() => _codes[nameFolded] = (hash, expiresAt));
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc />
    public ValueTask<bool> ExistsAsync(IReadOnlyCollection<string> namesFolded, byte[] hash, DateTimeOffset now, CancellationToken cancellationToken) =>
        Run(() => Fitting(namesFolded, hash, now).Count > 0);

    /// <inheritdoc />
    public ValueTask<bool> UseAsync(IReadOnlyCollection<string> namesFolded, byte[] hash, DateTimeOffset now, CancellationToken cancellationToken) =>
        Run(() => Fitting(namesFolded, hash, now).Count(_codes.Remove) > 0);

    private List<string> Fitting(IReadOnlyCollection<string> names, byte[] hash, DateTimeOffset now) =>
        [.. names.Where(name => _codes.TryGetValue(name, out var code) && code.Hash.AsSpan().SequenceEqual(hash) && code.ExpiresAt > now)];

    private ValueTask<T> Run<T>(Func<T> action)
    {
        lock (_gate)
        {
            return IsDown ? throw new StoreUnavailableException("The store is down.") : new(action());
        }
    }
}
