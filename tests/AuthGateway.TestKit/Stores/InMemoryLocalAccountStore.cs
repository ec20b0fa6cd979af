using AuthGateway.Core.Audit;
using AuthGateway.Core.Backends.Local;
using AuthGateway.Core.Faults;

namespace AuthGateway.TestKit.Stores;

/// <summary>Local accounts in memory.</summary>
public sealed class InMemoryLocalAccountStore : ILocalAccountStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, LocalAccount> _accounts = new(StringComparer.Ordinal);

    /// <summary>True makes every call fail as a broken database does.</summary>
    public bool IsDown { get; set; }

    /// <inheritdoc />
    public ValueTask<LocalAccount?> FindAsync(string foldedName, CancellationToken cancellationToken) => Run(() =>
    {
        var byMail = _accounts.Values.Where(account => account.Mail?.ToLowerInvariant() == foldedName).ToList();
        return _accounts.Values.SingleOrDefault(account => account.Login.ToLowerInvariant() == foldedName) ?? (byMail.Count == 1 ? byMail[0] : null);
    });

    /// <inheritdoc />
    public ValueTask<LocalAccount?> FindByIdAsync(string id, CancellationToken cancellationToken) => Run(() => _accounts.GetValueOrDefault(id));

    /// <summary>Records that came with imports.</summary>
    public List<AuditRecord> Records { get; } = [];

    /// <inheritdoc />
    public ValueTask<bool> ImportAsync(AccountImport import, IEnumerable<AuditRecord> records, CancellationToken cancellationToken) => Run(() =>
    {
        cancellationToken.ThrowIfCancellationRequested();
        var logins = _accounts.Values.Select(account => account.Login.ToLowerInvariant()).ToHashSet(StringComparer.Ordinal);
        if (!import.Added.All(account => logins.Add(account.Login.ToLowerInvariant())) || !import.Changed.All(account => _accounts.ContainsKey(account.Id)))
        {
            return false;
        }

        foreach (var account in import.Added)
        {
            _accounts.Add(account.Id, account);
        }

        foreach (var account in import.Changed)
        {
            var known = _accounts[account.Id];
            _accounts[account.Id] = account with
            {
                Login = known.Login, CreatedAt = known.CreatedAt, PasswordHash = account.PasswordHash.Length == 0 ? known.PasswordHash : account.PasswordHash,
            };
        }

        Records.AddRange(records);
        return true;
    });

    /// <inheritdoc />
    public ValueTask<bool> AddAsync(LocalAccount account, CancellationToken cancellationToken) => Run(() =>
        !_accounts.Values.Any(other => other.Login.ToLowerInvariant() == account.Login.ToLowerInvariant()) && _accounts.TryAdd(account.Id, account));

    /// <inheritdoc />
    public ValueTask<bool> UpdateAsync(LocalAccount account, CancellationToken cancellationToken) => Run(() =>
    {
        if (!_accounts.TryGetValue(account.Id, out var known))
        {
            return false;
        }

        _accounts[account.Id] = account with { Login = known.Login, CreatedAt = known.CreatedAt };
        return true;
    });

    /// <inheritdoc />
    public ValueTask<bool> ReplaceHashAsync(string id, string oldHash, string newHash, CancellationToken cancellationToken) => Run(() =>
    {
        if (!_accounts.TryGetValue(id, out var account) || account.PasswordHash != oldHash)
        {
            return false;
        }

        _accounts[id] = account with { PasswordHash = newHash };
        return true;
    });

    /// <inheritdoc />
    public ValueTask<IReadOnlyList<LocalAccount>> ListAsync(CancellationToken cancellationToken) => Run<IReadOnlyList<LocalAccount>>(() =>
        [.. _accounts.Values.OrderBy(account => account.Login.ToLowerInvariant(), StringComparer.Ordinal)]);

    private ValueTask<T> Run<T>(Func<T> action)
    {
        lock (_gate)
        {
            return IsDown ? throw new StoreUnavailableException("The store is down.") : new(action());
        }
    }
}
