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

/// <summary>Where local accounts are kept. Names are compared by their folded form.</summary>
public interface ILocalAccountStore
{
    /// <summary>Finds by login or mail, folded; null when there is none. A login match goes before a mail match; a mail address two accounts share finds nobody.</summary>
    ValueTask<LocalAccount?> FindAsync(string foldedName, CancellationToken cancellationToken);

    /// <summary>Adds; false when the login exists already.</summary>
    ValueTask<bool> AddAsync(LocalAccount account, CancellationToken cancellationToken);

    /// <summary>Writes everything but id and login; false when the account is gone.</summary>
    ValueTask<bool> UpdateAsync(LocalAccount account, CancellationToken cancellationToken);

    /// <summary>
    /// Replaces the hash if it is still the one that was read; false otherwise. A rehash at login must not undo what an
    /// administrator changed in the meantime.
    /// </summary>
    ValueTask<bool> ReplaceHashAsync(string id, string oldHash, string newHash, CancellationToken cancellationToken);

    /// <summary>Every account by login.</summary>
    ValueTask<IReadOnlyList<LocalAccount>> ListAsync(CancellationToken cancellationToken);
}
