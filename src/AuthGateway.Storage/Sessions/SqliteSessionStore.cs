using AuthGateway.Core.Identities;
using AuthGateway.Core.Policies;
using AuthGateway.Core.Sessions;
using Dapper;

namespace AuthGateway.Storage.Sessions;

/// <summary>Sessions in SQLite.</summary>
internal sealed class SqliteSessionStore(Database database) : ISessionStore
{
    public async ValueTask AddAsync(SessionRecord session, CancellationToken cancellationToken) => await database.WriteAsync(
        connection => connection.Execute(
            """
            INSERT INTO session (
                id, token_hash, host, identity_key, identity, proven, pending, created_at, proven_at, seen_at, ends_at, address, user_agent, sealed_password,
                acting_for)
            VALUES (
                @Id, @TokenHash, @Host, @IdentityKey, @Identity, @Proven, @Pending, @CreatedAt, @ProvenAt, @SeenAt, @EndsAt, @Address, @UserAgent, @SealedPassword,
                @ActingFor)
            """,
            Row.From(session)),
        cancellationToken);

    public ValueTask<bool> ReplaceAsync(SessionKey old, SessionRecord session, CancellationToken cancellationToken)
    {
        var row = Row.From(session);
        row.OldHash = old.ToBytes();
        return database.WriteAsync(
            connection => connection.Execute(
                """
                UPDATE session SET token_hash = @TokenHash, host = @Host, identity_key = @IdentityKey, identity = @Identity, proven = @Proven,
                    pending = @Pending, created_at = @CreatedAt, proven_at = @ProvenAt, seen_at = @SeenAt, ends_at = @EndsAt, address = @Address,
                    user_agent = @UserAgent, sealed_password = @SealedPassword, acting_for = @ActingFor
                WHERE id = @Id AND token_hash = @OldHash
                """,
                row) == 1,
            cancellationToken);
    }

    public ValueTask<int> RemoveAsync(IReadOnlyCollection<string> ids, CancellationToken cancellationToken) => database.WriteTogetherAsync(
        (connection, transaction) => connection.Execute("DELETE FROM session WHERE id = @id", ids.Select(id => new { id }), transaction), cancellationToken);

    public ValueTask<IReadOnlyList<SessionRecord>> ListAsync(CancellationToken cancellationToken) => new(database.Read<IReadOnlyList<SessionRecord>>(
        connection => connection.Query<Row>(
            """
            SELECT id AS Id, token_hash AS TokenHash, host AS Host, identity AS Identity, proven AS Proven, pending AS Pending, created_at AS CreatedAt,
                proven_at AS ProvenAt, seen_at AS SeenAt, ends_at AS EndsAt, address AS Address, user_agent AS UserAgent, sealed_password AS SealedPassword, acting_for AS ActingFor
            FROM session ORDER BY created_at, id
            """).Select(row => row.ToRecord()).OfType<SessionRecord>().ToList()));

    public async ValueTask TouchAsync(IReadOnlyCollection<(string Id, DateTimeOffset SeenAt)> seen, CancellationToken cancellationToken) => await database.WriteTogetherAsync(
        (connection, transaction) => connection.Execute(
            "UPDATE session SET seen_at = @at WHERE id = @id",
            seen.Select(use => new { id = use.Id, at = use.SeenAt.ToUnixTimeMilliseconds() }),
            transaction),
        cancellationToken);

    private sealed class Row
    {
        public string Id { get; set; } = "";

        public byte[] TokenHash { get; set; } = [];

        public byte[] OldHash { get; set; } = [];

        public string Host { get; set; } = "";

        public string IdentityKey { get; set; } = "";

        public string Identity { get; set; } = "";

        public long Proven { get; set; }

        public long Pending { get; set; }

        public long CreatedAt { get; set; }

        public long ProvenAt { get; set; }

        public long SeenAt { get; set; }

        public long EndsAt { get; set; }

        public string Address { get; set; } = "";

        public string UserAgent { get; set; } = "";

        public byte[]? SealedPassword { get; set; }

        public string? ActingFor { get; set; }

        public static Row From(SessionRecord record) => new()
        {
            Id = record.Id,
            TokenHash = record.Key.ToBytes(),
            Host = record.Host,
            IdentityKey = record.User.Key,
            Identity = KeptIdentity.Write(record.User),
            Proven = (long)record.Proven,
            Pending = record.IsPending ? 1 : 0,
            CreatedAt = record.CreatedAt.ToUnixTimeMilliseconds(),
            ProvenAt = record.ProvenAt.ToUnixTimeMilliseconds(),
            SeenAt = record.SeenAt.ToUnixTimeMilliseconds(),
            EndsAt = record.EndsAt.ToUnixTimeMilliseconds(),
            Address = record.Address,
            UserAgent = record.UserAgent,
            SealedPassword = record.SealedPassword,
            ActingFor = record.ActsFor is { } target ? KeptIdentity.Write(target) : null,
        };

        /// <summary>Null for a row this release cannot read: whose session it is cannot be said, so it opens nothing.</summary>
        public SessionRecord? ToRecord() =>
            KeptIdentity.Read(Identity) is not { } user ? null
            : ActingFor is null ? ToRecord(user, null)
            : KeptIdentity.Read(ActingFor) is { } target ? ToRecord(user, target) : null;

        private SessionRecord ToRecord(UserIdentity user, UserIdentity? target) => new()
        {
            Id = Id,
            Key = SessionKey.FromBytes(TokenHash),
            Host = Host,
            User = user,
            Proven = (FactorSet)Proven,
            IsPending = Pending != 0,
            CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(CreatedAt),
            ProvenAt = DateTimeOffset.FromUnixTimeMilliseconds(ProvenAt),
            SeenAt = DateTimeOffset.FromUnixTimeMilliseconds(SeenAt),
            EndsAt = DateTimeOffset.FromUnixTimeMilliseconds(EndsAt),
            Address = Address,
            UserAgent = UserAgent,
            SealedPassword = SealedPassword,
            ActsFor = target,
        };
    }
}
