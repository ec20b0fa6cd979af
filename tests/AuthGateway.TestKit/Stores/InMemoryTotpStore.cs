using AuthGateway.Core.Factors.Totp;
using AuthGateway.Core.Faults;

namespace AuthGateway.TestKit.Stores;

/// <summary>Authenticator apps in memory.</summary>
public sealed class InMemoryTotpStore : ITotpStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, TotpCredential> _apps = new(StringComparer.Ordinal);

    /// <summary>True makes every call fail as a broken database does.</summary>
    public bool IsDown { get; set; }

    /// <inheritdoc />
    public ValueTask<IReadOnlyList<TotpCredential>> ListAsync(string identityKey, CancellationToken cancellationToken) => Run<IReadOnlyList<TotpCredential>>(() =>
        [.. Of(identityKey).OrderBy(app => app.CreatedAt).ThenBy(app => app.Id, StringComparer.Ordinal)]);

    /// <inheritdoc />
    public ValueTask<bool> AddAsync(TotpCredential credential, int limit, CancellationToken cancellationToken) =>
        Run(() => Of(credential.IdentityKey).Count() < limit && _apps.TryAdd(credential.Id, credential));

    /// <inheritdoc />
    public ValueTask<bool> UseStepAsync(string id, long step, DateTimeOffset now, CancellationToken cancellationToken) => Run(() =>
    {
        if (!_apps.TryGetValue(id, out var app) || app.LastStep >= step)
        {
            return false;
        }

        _apps[id] = app with { LastStep = step, UsedAt = now };
        return true;
    });

    /// <inheritdoc />
    public ValueTask<bool> RemoveAsync(string identityKey, string id, CancellationToken cancellationToken) =>
        Run(() => Of(identityKey).Any(app => app.Id == id) && _apps.Remove(id));

    /// <inheritdoc />
    public ValueTask<int> RemoveAllAsync(string identityKey, CancellationToken cancellationToken) => Run(() => Of(identityKey).ToList().Count(app => _apps.Remove(app.Id)));

    /// <inheritdoc />
    public ValueTask<IReadOnlyList<string>> FindOwnersAsync(string loginOrKey, CancellationToken cancellationToken) => Run<IReadOnlyList<string>>(() =>
        [.. _apps.Values.Where(app => Same(app.Login, loginOrKey) || Same(app.IdentityKey, loginOrKey))
            .Select(app => app.IdentityKey).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)]);

    private static bool Same(string a, string b) => a.ToLowerInvariant() == b.ToLowerInvariant();

    private IEnumerable<TotpCredential> Of(string identityKey) => _apps.Values.Where(app => app.IdentityKey == identityKey);

    private ValueTask<T> Run<T>(Func<T> action)
    {
        lock (_gate)
        {
            return IsDown ? throw new StoreUnavailableException("The store is down.") : new(action());
        }
    }
}
