using System.Text.Json;
using AuthGateway.Core.Backends.Local;
using Dapper;

namespace AuthGateway.Storage.Accounts;

/// <summary>Local accounts in SQLite.</summary>
internal sealed class SqliteLocalAccountStore(Database database) : ILocalAccountStore
{
    private const string Select =
        """
        SELECT id AS Id, login AS Login, password_hash AS PasswordHash, mail AS Mail, display_name AS DisplayName, groups AS Groups,
            disabled AS Disabled, created_at AS CreatedAt
        FROM local_account
        """;

    public ValueTask<LocalAccount?> FindAsync(string foldedName, CancellationToken cancellationToken) => new(database.Read(connection =>
    {
        var byLogin = connection.QuerySingleOrDefault<Row>($"{Select} WHERE login_folded = @foldedName", new { foldedName });
        if (byLogin is not null)
        {
            return byLogin.ToAccount();
        }

        var byMail = connection.Query<Row>($"{Select} WHERE mail_folded = @foldedName LIMIT 2", new { foldedName }).AsList();
        return byMail.Count == 1 ? byMail[0].ToAccount() : null;
    }));

    public ValueTask<bool> AddAsync(LocalAccount account, CancellationToken cancellationToken) => database.WriteAsync(
        connection => connection.Execute(
            """
            INSERT INTO local_account (id, login, login_folded, password_hash, mail, mail_folded, display_name, groups, disabled, created_at)
            VALUES (@Id, @Login, @LoginFolded, @PasswordHash, @Mail, @MailFolded, @DisplayName, @Groups, @Disabled, @CreatedAt)
            ON CONFLICT (login_folded) DO NOTHING
            """,
            Row.From(account)) == 1,
        cancellationToken);

    public ValueTask<bool> UpdateAsync(LocalAccount account, CancellationToken cancellationToken) => database.WriteAsync(
        connection => connection.Execute(
            """
            UPDATE local_account SET password_hash = @PasswordHash, mail = @Mail, mail_folded = @MailFolded, display_name = @DisplayName,
                groups = @Groups, disabled = @Disabled
            WHERE id = @Id
            """,
            Row.From(account)) == 1,
        cancellationToken);

    public ValueTask<bool> ReplaceHashAsync(string id, string oldHash, string newHash, CancellationToken cancellationToken) => database.WriteAsync(
        connection => connection.Execute(
            "UPDATE local_account SET password_hash = @newHash WHERE id = @id AND password_hash = @oldHash", new { id, oldHash, newHash }) == 1,
        cancellationToken);

    public ValueTask<IReadOnlyList<LocalAccount>> ListAsync(CancellationToken cancellationToken) => new(database.Read<IReadOnlyList<LocalAccount>>(
        connection => connection.Query<Row>($"{Select} ORDER BY login_folded").Select(row => row.ToAccount()).ToList()));

    private sealed class Row
    {
        public string Id { get; set; } = "";

        public string Login { get; set; } = "";

        public string LoginFolded => Login.ToLowerInvariant();

        public string PasswordHash { get; set; } = "";

        public string? Mail { get; set; }

        public string? MailFolded => Mail?.ToLowerInvariant();

        public string? DisplayName { get; set; }

        public string Groups { get; set; } = "[]";

        public long Disabled { get; set; }

        public long CreatedAt { get; set; }

        public static Row From(LocalAccount account) => new()
        {
            Id = account.Id,
            Login = account.Login,
            PasswordHash = account.PasswordHash,
            Mail = account.Mail,
            DisplayName = account.DisplayName,
            Groups = JsonSerializer.Serialize(account.Groups),
            Disabled = account.Disabled ? 1 : 0,
            CreatedAt = account.CreatedAt.ToUnixTimeMilliseconds(),
        };

        public LocalAccount ToAccount() => new(
            Id, Login, PasswordHash, Mail, DisplayName, JsonSerializer.Deserialize<List<string>>(Groups) ?? [], Disabled != 0,
            DateTimeOffset.FromUnixTimeMilliseconds(CreatedAt));
    }
}
