using AuthGateway.Core.Audit;

namespace AuthGateway.Core.Backends.Local;

/// <summary>An account of the local backend as it is kept.</summary>
/// <param name="Id">Random, never reused.</param>
/// <param name="Login">Login name as created.</param>
/// <param name="PasswordHash">Tagged hash, see <c>PasswordHasher</c>.</param>
/// <param name="Mail">Mail address, or null.</param>
/// <param name="DisplayName">Name for people, or null.</param>
/// <param name="Groups">Group names.</param>
/// <param name="Disabled">True while the account may not log in.</param>
/// <param name="CreatedAt">When it was made.</param>
public sealed record LocalAccount(
    string Id, string Login, string PasswordHash, string? Mail, string? DisplayName, IReadOnlyList<string> Groups, bool Disabled, DateTimeOffset CreatedAt);

/// <summary>What an import does, worked out beforehand.</summary>
/// <param name="Added">New accounts.</param>
/// <param name="Changed">Accounts that exist, as they are to be; an empty hash leaves the one there is, which a login may replace meanwhile.</param>
public sealed record AccountImport(IReadOnlyList<LocalAccount> Added, IReadOnlyList<LocalAccount> Changed);

/// <summary>Where local accounts are kept. Names are compared by their folded form.</summary>
public interface ILocalAccountStore
{
    /// <summary>Finds by login or mail, folded; null when there is none. A login match goes before a mail match; a mail address two accounts share finds nobody.</summary>
    ValueTask<LocalAccount?> FindAsync(string foldedName, CancellationToken cancellationToken);

    /// <summary>Finds by id; null when the account is gone.</summary>
    ValueTask<LocalAccount?> FindByIdAsync(string id, CancellationToken cancellationToken);

    /// <summary>Adds; false when the login exists already.</summary>
    ValueTask<bool> AddAsync(LocalAccount account, CancellationToken cancellationToken);

    /// <summary>Writes everything but id and login; false when the account is gone.</summary>
    ValueTask<bool> UpdateAsync(LocalAccount account, CancellationToken cancellationToken);

    /// <summary>
    /// Replaces the hash if it is still the one that was read; false otherwise. A rehash at login must not undo what an
    /// administrator changed in the meantime.
    /// </summary>
    ValueTask<bool> ReplaceHashAsync(string id, string oldHash, string newHash, CancellationToken cancellationToken);

    /// <summary>
    /// Adds and changes many accounts, and writes their audit records, all or nothing: false, with nothing written, when a login to add exists by now or
    /// an account to change is gone.
    /// </summary>
    /// <param name="import">The accounts.</param>
    /// <param name="records">Their records; read once.</param>
    /// <param name="cancellationToken">Ends the preparations; what has begun to be written is written to its end.</param>
    ValueTask<bool> ImportAsync(AccountImport import, IEnumerable<AuditRecord> records, CancellationToken cancellationToken);

    /// <summary>Every account by login.</summary>
    ValueTask<IReadOnlyList<LocalAccount>> ListAsync(CancellationToken cancellationToken);
}
