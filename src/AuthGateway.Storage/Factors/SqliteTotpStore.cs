using AuthGateway.Core.Factors.Totp;
using AuthGateway.Core.Faults;
using AuthGateway.Storage.Protection;
using Dapper;

namespace AuthGateway.Storage.Factors;

/// <summary>Authenticator apps in SQLite; every decision is one statement. Only what touches a seed asks for the key.</summary>
internal sealed class SqliteTotpStore(Database database, Func<FieldProtector> protector) : ITotpStore
{
    private static readonly ProtectedField Seed = new("totp_credential", "seed");

    public ValueTask<IReadOnlyList<TotpCredential>> ListAsync(string identityKey, CancellationToken cancellationToken)
    {
        var rows = database.Read(connection => connection.Query<Row>(
            """
            SELECT id AS Id, identity_key AS IdentityKey, login AS Login, label AS Label, seed AS Seed, algorithm AS Algorithm, digits AS Digits,
                created_at AS CreatedAt, last_step AS LastStep, used_at AS UsedAt
            FROM totp_credential WHERE identity_key = @identityKey ORDER BY created_at, id
            """,
            new { identityKey }).ToList());
        return new(rows.ConvertAll(Open));
    }

    public ValueTask<bool> AddAsync(TotpCredential credential, int limit, CancellationToken cancellationToken)
    {
        var row = new
        {
            credential.Id,
            credential.IdentityKey,
            IdentityKeyFolded = credential.IdentityKey.ToLowerInvariant(),
            credential.Login,
            LoginFolded = credential.Login.ToLowerInvariant(),
            credential.Label,
            Seed = protector().Protect(Seed, RowOf(credential.Id, credential.IdentityKey), credential.Seed.Bytes),
            Algorithm = (long)credential.Algorithm,
            Digits = (long)credential.Digits,
            CreatedAt = credential.CreatedAt.ToUnixTimeMilliseconds(),
            credential.LastStep,
            UsedAt = credential.UsedAt?.ToUnixTimeMilliseconds(),
            limit,
        };
        return database.WriteAsync(
            connection => connection.Execute(
                """
                INSERT INTO totp_credential (id, identity_key, identity_key_folded, login, login_folded, label, seed, algorithm, digits, created_at, last_step, used_at)
                SELECT @Id, @IdentityKey, @IdentityKeyFolded, @Login, @LoginFolded, @Label, @Seed, @Algorithm, @Digits, @CreatedAt, @LastStep, @UsedAt
                WHERE (SELECT COUNT(*) FROM totp_credential WHERE identity_key = @IdentityKey) < @limit
                """,
                row) == 1,
            cancellationToken);
    }

    public ValueTask<bool> UseStepAsync(string id, long step, DateTimeOffset now, CancellationToken cancellationToken) => database.WriteAsync(
        connection => connection.Execute(
            "UPDATE totp_credential SET last_step = @step, used_at = @now WHERE id = @id AND last_step < @step",
            new { id, step, now = now.ToUnixTimeMilliseconds() }) == 1,
        cancellationToken);

    public ValueTask<bool> RemoveAsync(string identityKey, string id, CancellationToken cancellationToken) => database.WriteAsync(
        connection => connection.Execute("DELETE FROM totp_credential WHERE id = @id AND identity_key = @identityKey", new { id, identityKey }) == 1,
        cancellationToken);

    public ValueTask<int> RemoveAllAsync(string identityKey, CancellationToken cancellationToken) => database.WriteAsync(
        connection => connection.Execute("DELETE FROM totp_credential WHERE identity_key = @identityKey", new { identityKey }), cancellationToken);

    public ValueTask<IReadOnlyList<string>> FindOwnersAsync(string loginOrKey, CancellationToken cancellationToken)
    {
        var folded = loginOrKey.ToLowerInvariant();
        return new(database.Read<IReadOnlyList<string>>(connection => connection.Query<string>(
            "SELECT DISTINCT identity_key FROM totp_credential WHERE login_folded = @folded OR identity_key_folded = @folded ORDER BY identity_key",
            new { folded }).ToList()));
    }

    private TotpCredential Open(Row row)
    {
        // A seed of another row or another key is no seed: the code it would make is somebody else's.
        var seed = protector().Unprotect(Seed, RowOf(row.Id, row.IdentityKey), row.Seed)
            ?? throw new StoreUnavailableException($"The seed of the authenticator app {row.Id} cannot be decrypted: it was changed, or belongs to another row or key.");
        return new TotpCredential
        {
            Id = row.Id,
            IdentityKey = row.IdentityKey,
            Login = row.Login,
            Label = row.Label,
            Seed = TotpSeed.FromBytes(seed),
            Algorithm = (TotpAlgorithm)row.Algorithm,
            Digits = (int)row.Digits,
            CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(row.CreatedAt),
            LastStep = row.LastStep,
            UsedAt = row.UsedAt is { } used ? DateTimeOffset.FromUnixTimeMilliseconds(used) : null,
        };
    }

    /// <summary>The owner belongs to it: an app given to somebody else by an edit of its row would open his account.</summary>
    private static string RowOf(string id, string identityKey) => $"{id}|{identityKey}";

    private sealed class Row
    {
        public string Id { get; set; } = "";

        public string IdentityKey { get; set; } = "";

        public string Login { get; set; } = "";

        public string Label { get; set; } = "";

        public byte[] Seed { get; set; } = [];

        public long Algorithm { get; set; }

        public long Digits { get; set; }

        public long CreatedAt { get; set; }

        public long LastStep { get; set; }

        public long? UsedAt { get; set; }
    }
}
