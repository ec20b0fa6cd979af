using System.Text.Json;
using AuthGateway.Core.Factors.AppPasswords;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AuthGateway.Storage.Factors;

/// <summary>App passwords in SQLite. A revoked one leaves its table, so nothing that is undone by an edit brings it back.</summary>
internal sealed class SqliteAppPasswordStore(Database database) : IAppPasswordStore
{
    public ValueTask<AppPasswordAdding> AddAsync(AppPasswordRecord record, int limit, DateTimeOffset now, CancellationToken cancellationToken) => database.WriteTogetherAsync(
        (connection, transaction) =>
        {
            var at = now.ToUnixTimeMilliseconds();
            var own = new { record.IdentityKey, record.Tag, at };
            End(connection, transaction, connection.Query<string>("SELECT id FROM app_password WHERE identity_key = @IdentityKey AND tag = @Tag AND expires_at <= @at", own, transaction), at);
            if (connection.ExecuteScalar<long>("SELECT COUNT(*) FROM app_password WHERE identity_key = @IdentityKey AND tag = @Tag", own, transaction) > 0)
            {
                return AppPasswordAdding.TagTaken;
            }

            if (connection.ExecuteScalar<long>("SELECT COUNT(*) FROM app_password WHERE identity_key = @IdentityKey AND (expires_at IS NULL OR expires_at > @at)", own, transaction) >= limit)
            {
                return AppPasswordAdding.LimitReached;
            }

            connection.Execute(
                """
                INSERT INTO app_password (id, digest, identity_key, login, tag, opens, networks, device_id, created_at, expires_at, used_at, used_address, used_agent, seal)
                VALUES (@Id, @Digest, @IdentityKey, @Login, @Tag, @Opens, @Networks, @DeviceId, @CreatedAt, @ExpiresAt, @UsedAt, @UsedAddress, @UsedAgent, @Seal)
                """,
                Row.From(record),
                transaction);
            return AppPasswordAdding.Added;
        },
        cancellationToken);

    public ValueTask<IReadOnlyList<AppPasswordRecord>> ListAsync(CancellationToken cancellationToken) => new(database.Read<IReadOnlyList<AppPasswordRecord>>(
        connection => connection.Query<Row>(
            """
            SELECT id AS Id, digest AS Digest, identity_key AS IdentityKey, login AS Login, tag AS Tag, opens AS Opens, networks AS Networks, device_id AS DeviceId,
                created_at AS CreatedAt, expires_at AS ExpiresAt, used_at AS UsedAt, used_address AS UsedAddress, used_agent AS UsedAgent, seal AS Seal
            FROM app_password ORDER BY login, identity_key, tag
            """).Select(row => row.ToRecord()).ToList()));

    public ValueTask<IReadOnlyList<EndedAppPassword>> ListEndedAsync(CancellationToken cancellationToken) => new(database.Read<IReadOnlyList<EndedAppPassword>>(
        connection => connection.Query<EndedRow>("SELECT digest AS Digest, identity_key AS IdentityKey, login AS Login, tag AS Tag, ended_at AS EndedAt FROM app_password_ended ORDER BY ended_at, digest")
            .Select(row => new EndedAppPassword(AppPasswordDigest.FromBytes(row.Digest), row.IdentityKey, row.Login, row.Tag, DateTimeOffset.FromUnixTimeMilliseconds(row.EndedAt)))
            .ToList()));

    public ValueTask<int> EndAsync(IReadOnlyCollection<string> ids, DateTimeOffset now, CancellationToken cancellationToken) => database.WriteTogetherAsync(
        (connection, transaction) => End(connection, transaction, ids, now.ToUnixTimeMilliseconds()), cancellationToken);

    public async ValueTask TouchAsync(IReadOnlyCollection<(string Id, AppPasswordUse Use)> uses, CancellationToken cancellationToken) => await database.WriteTogetherAsync(
        (connection, transaction) => connection.Execute(
            "UPDATE app_password SET used_at = @at, used_address = @Address, used_agent = @UserAgent WHERE id = @id AND (used_at IS NULL OR used_at < @at)",
            uses.Select(use => new { id = use.Id, at = use.Use.At.ToUnixTimeMilliseconds(), use.Use.Address, use.Use.UserAgent }),
            transaction),
        cancellationToken);

    public ValueTask<int> PruneAsync(DateTimeOffset endedBefore, CancellationToken cancellationToken) => database.WriteAsync(
        connection => connection.Execute("DELETE FROM app_password_ended WHERE ended_at < @before", new { before = endedBefore.ToUnixTimeMilliseconds() }), cancellationToken);

    private static int End(SqliteConnection connection, SqliteTransaction transaction, IEnumerable<string> ids, long at)
    {
        var ended = 0;
        foreach (var id in ids.ToArray())
        {
            connection.Execute(
                """
                INSERT INTO app_password_ended (digest, identity_key, login, tag, ended_at)
                SELECT digest, identity_key, login, tag, @at FROM app_password WHERE id = @id
                """,
                new { id, at },
                transaction);
            ended += connection.Execute("DELETE FROM app_password WHERE id = @id", new { id }, transaction);
        }

        return ended;
    }

    private sealed class Row
    {
        public string Id { get; set; } = "";

        public byte[] Digest { get; set; } = [];

        public string IdentityKey { get; set; } = "";

        public string Login { get; set; } = "";

        public string Tag { get; set; } = "";

        public string Opens { get; set; } = "";

        public string Networks { get; set; } = "";

        public string? DeviceId { get; set; }

        public long CreatedAt { get; set; }

        public long? ExpiresAt { get; set; }

        public long? UsedAt { get; set; }

        public string? UsedAddress { get; set; }

        public string? UsedAgent { get; set; }

        public byte[] Seal { get; set; } = [];

        public static Row From(AppPasswordRecord record) => new()
        {
            Id = record.Id,
            Digest = record.Digest.ToBytes(),
            IdentityKey = record.IdentityKey,
            Login = record.Login,
            Tag = record.Tag,
            Opens = JsonSerializer.Serialize(record.For),
            Networks = JsonSerializer.Serialize(record.Networks),
            DeviceId = record.DeviceId,
            CreatedAt = record.CreatedAt.ToUnixTimeMilliseconds(),
            ExpiresAt = record.ExpiresAt?.ToUnixTimeMilliseconds(),
            UsedAt = record.LastUse?.At.ToUnixTimeMilliseconds(),
            UsedAddress = record.LastUse?.Address,
            UsedAgent = record.LastUse?.UserAgent,
            Seal = record.Seal,
        };

        /// <summary>Whatever somebody wrote into the row: words that cannot be read open nothing, for the seal does not fit them.</summary>
        public AppPasswordRecord ToRecord() => new()
        {
            Id = Id,
            Digest = Digest.Length == 32 ? AppPasswordDigest.FromBytes(Digest) : default,
            IdentityKey = IdentityKey,
            Login = Login,
            Tag = Tag,
            For = Words(Opens),
            Networks = Words(Networks),
            DeviceId = DeviceId,
            CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(CreatedAt),
            ExpiresAt = ExpiresAt is { } end ? DateTimeOffset.FromUnixTimeMilliseconds(end) : null,
            LastUse = UsedAt is { } used ? new AppPasswordUse(DateTimeOffset.FromUnixTimeMilliseconds(used), UsedAddress ?? "", UsedAgent ?? "") : null,
            Seal = Seal,
        };

        private static string[] Words(string json)
        {
            try
            {
                return JsonSerializer.Deserialize<string[]>(json)?.OfType<string>().ToArray() ?? [];
            }
            catch (JsonException)
            {
                return ["(unreadable)"];
            }
        }
    }

    private sealed class EndedRow
    {
        public byte[] Digest { get; set; } = [];

        public string IdentityKey { get; set; } = "";

        public string Login { get; set; } = "";

        public string Tag { get; set; } = "";

        public long EndedAt { get; set; }
    }
}
