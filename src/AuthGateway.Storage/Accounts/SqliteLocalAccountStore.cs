using System.Text.Json;
using AuthGateway.Core.Audit;
using AuthGateway.Core.Backends.Local;
using AuthGateway.Storage.Audit;
using Dapper;
using Microsoft.Data.Sqlite;

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

    public ValueTask<LocalAccount?> FindByIdAsync(string id, CancellationToken cancellationToken) => new(database.Read(
        connection => connection.QuerySingleOrDefault<Row>($"{Select} WHERE id = @id", new { id })?.ToAccount()));

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

    public ValueTask<bool> ImportAsync(AccountImport import, IEnumerable<AuditRecord> records, CancellationToken cancellationToken) => database.WriteAsync(
        connection =>
        {
            try
            {
                Stage(import, records, connection, cancellationToken);
                using var transaction = connection.BeginTransaction(deferred: false);
                if (connection.Execute(AddStaged, transaction: transaction) != import.Added.Count
                    || connection.Execute(ChangeStaged, transaction: transaction) != import.Changed.Count)
                {
                    return false;
                }

                SqliteAuditStore.AppendStaged(connection, transaction);
                transaction.Commit();
                return true;
            }
            finally
            {
                // The connection goes back to the pool, and what is staged are password hashes.
                connection.Execute("DROP TABLE IF EXISTS temp.staged_account; DROP TABLE IF EXISTS temp.staged_record;");
            }
        },
        cancellationToken);

    public ValueTask<IReadOnlyList<LocalAccount>> ListAsync(CancellationToken cancellationToken) => new(database.Read<IReadOnlyList<LocalAccount>>(
        connection => connection.Query<Row>($"{Select} ORDER BY login_folded").Select(row => row.ToAccount()).ToList()));

    /// <summary>
    /// Lays everything ready in tables of the connection's own. That takes most of the time, and no lock: a running gateway charges its attempts meanwhile.
    /// </summary>
    private static void Stage(AccountImport import, IEnumerable<AuditRecord> records, SqliteConnection connection, CancellationToken cancellationToken)
    {
        using var transaction = connection.BeginTransaction(deferred: true);
        connection.Execute("CREATE TEMP TABLE staged_account AS SELECT *, 0 AS is_new FROM local_account WHERE 0", transaction: transaction);
        Fill(import.Added, isNew: 1);
        Fill(import.Changed, isNew: 0);
        SqliteAuditStore.Stage(Watched(records), connection, transaction);
        transaction.Commit();

        void Fill(IEnumerable<LocalAccount> accounts, int isNew) => connection.Execute(
            $"""
            INSERT INTO temp.staged_account (id, login, login_folded, password_hash, mail, mail_folded, display_name, groups, disabled, created_at, is_new)
            VALUES (@Id, @Login, @LoginFolded, @PasswordHash, @Mail, @MailFolded, @DisplayName, @Groups, @Disabled, @CreatedAt, {isNew})
            """,
            Watched(accounts).Select(Row.From),
            transaction);

        IEnumerable<T> Watched<T>(IEnumerable<T> all)
        {
            foreach (var one in all)
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return one;
            }
        }
    }

    private const string AddStaged =
        """
        INSERT INTO local_account (id, login, login_folded, password_hash, mail, mail_folded, display_name, groups, disabled, created_at)
        SELECT id, login, login_folded, password_hash, mail, mail_folded, display_name, groups, disabled, created_at FROM temp.staged_account WHERE is_new = 1
        ON CONFLICT (login_folded) DO NOTHING
        """;

    private const string ChangeStaged =
        """
        UPDATE local_account SET
            password_hash = CASE WHEN staged.password_hash = '' THEN local_account.password_hash ELSE staged.password_hash END,
            mail = staged.mail, mail_folded = staged.mail_folded, display_name = staged.display_name, groups = staged.groups, disabled = staged.disabled
        FROM temp.staged_account AS staged
        WHERE staged.is_new = 0 AND staged.id = local_account.id
        """;

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
