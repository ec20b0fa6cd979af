using System.Runtime.CompilerServices;
using AuthGateway.Core.Lockout;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AuthGateway.Storage.Lockout;

/// <summary>
/// Counters and familiar places in SQLite. A charge reads its counters, asks their rules and writes them, in one transaction that holds the write lock from
/// its start: nobody comes between.
/// </summary>
internal sealed class SqliteLockoutStore(Database database) : ILockoutStore
{
    private const string Columns =
        "counter_key AS Key, failures AS Failures, last_at AS LastAtMs, locked_until AS LockedUntilMs, total AS Total, locks AS Locks, forgotten_at AS ForgottenAtMs";

    private const string PruneKind =
        """
        DELETE FROM lockout_counter WHERE counter_key IN (
            SELECT counter_key FROM lockout_counter
            WHERE counter_key >= @first AND counter_key < @end
            ORDER BY CASE WHEN locked_until > @now THEN 0 ELSE 1 END, last_at DESC, counter_key
            LIMIT 2000000000 OFFSET @most)
        """;

    private readonly ConditionalWeakTable<SqliteConnection, CounterStatements> _statements = [];

    public ValueTask<IReadOnlyList<CounterOutcome>> ChargeAllAsync(IReadOnlyList<CounterCharge> charges, long nowMs, CancellationToken cancellationToken) =>
        database.CountAsync<IReadOnlyList<CounterOutcome>>(connection => Prepared(connection).ChargeAll(charges, nowMs), cancellationToken);

    public ValueTask<IReadOnlyList<LockoutEntry?>> SettleAllAsync(IReadOnlyList<CounterSettlement> settlements, CancellationToken cancellationToken) =>
        database.CountAsync<IReadOnlyList<LockoutEntry?>>(connection => Prepared(connection).SettleAll(settlements), cancellationToken);

    public ValueTask<bool> ClearAsync(string key, CancellationToken cancellationToken) => database.WriteAsync(
        connection => connection.Execute("DELETE FROM lockout_counter WHERE counter_key = @key", new { key }) > 0, cancellationToken);

    public ValueTask<IReadOnlyList<LockoutEntry>> ListAsync(string? keyPart, int limit, CancellationToken cancellationToken) => new(Query(
        $"""
        SELECT {Columns} FROM lockout_counter WHERE (failures > 0 OR locked_until > 0) AND lower(counter_key) LIKE lower(@pattern) ESCAPE '\'
        ORDER BY locked_until DESC, last_at DESC, counter_key LIMIT @limit
        """,
        new { pattern = Like.Containing(keyPart), limit }));

    public ValueTask<IReadOnlyList<LockoutEntry>> ListLockedAsync(long nowMs, CancellationToken cancellationToken) => new(Query(
        $"SELECT {Columns} FROM lockout_counter WHERE locked_until > 0 AND locked_until > @nowMs", new { nowMs }));

    public ValueTask<int> PruneAsync(long nowMs, CounterBounds bounds, CancellationToken cancellationToken) => database.WriteTogetherAsync(
        (connection, transaction) =>
        {
            var removed = connection.Execute("DELETE FROM lockout_counter WHERE locked_until <= @nowMs AND forgotten_at < @nowMs", new { nowMs }, transaction);
            foreach (var (kind, most) in new[] { ("name", bounds.Names), ("addr", bounds.Addresses), ("place", bounds.Places) })
            {
                // The character after the colon ends the range of a kind.
                var range = new { first = kind + ":", end = kind + ";", now = nowMs, most };
                if (connection.ExecuteScalar<long>("SELECT COUNT(*) FROM lockout_counter WHERE counter_key >= @first AND counter_key < @end", range, transaction) > most)
                {
                    removed += connection.Execute(PruneKind, range, transaction);
                }
            }

            return removed;
        },
        cancellationToken);

    public ValueTask<IReadOnlyList<FamiliarPlace>> ListPlacesAsync(string identityKey, CancellationToken cancellationToken) => new(database.Read<IReadOnlyList<FamiliarPlace>>(
        connection => connection.Query<(string Hash, long LastAtMs)>("SELECT place_hash, last_at FROM familiar_place WHERE identity_key = @identityKey", new { identityKey })
            .Select(row => new FamiliarPlace(row.Hash, row.LastAtMs)).ToList()));

    public ValueTask RememberPlaceAsync(string identityKey, FamiliarPlace place, int most, CancellationToken cancellationToken)
    {
        var written = database.WriteTogetherAsync(
            (connection, transaction) =>
            {
                var row = new { identityKey, place.Hash, place.LastAtMs, most };
                connection.Execute(
                    """
                    INSERT INTO familiar_place (identity_key, place_hash, last_at) VALUES (@identityKey, @Hash, @LastAtMs)
                    ON CONFLICT (identity_key, place_hash) DO UPDATE SET last_at = excluded.last_at
                    """,
                    row,
                    transaction);
                return connection.Execute(
                    """
                    DELETE FROM familiar_place WHERE identity_key = @identityKey AND place_hash NOT IN (
                        SELECT place_hash FROM familiar_place WHERE identity_key = @identityKey ORDER BY last_at DESC, place_hash LIMIT @most)
                    """,
                    row,
                    transaction);
            },
            cancellationToken);
        return Ignore(written);
    }

    public ValueTask<int> PrunePlacesAsync(long beforeMs, CancellationToken cancellationToken) =>
        database.WriteAsync(connection => connection.Execute("DELETE FROM familiar_place WHERE last_at < @beforeMs", new { beforeMs }), cancellationToken);

    private static async ValueTask Ignore(ValueTask<int> written) => await written;

    private IReadOnlyList<LockoutEntry> Query(string sql, object parameters) =>
        database.Read(connection => connection.Query<Row>(sql, parameters).Select(row => row.ToEntry()).ToList());

    /// <summary>Writes go one after another over one kept connection, so its statements are parsed once.</summary>
    private CounterStatements Prepared(SqliteConnection connection) => _statements.GetValue(connection, static connection => new CounterStatements(connection));

    private sealed class Row
    {
        public string Key { get; set; } = "";

        public long Failures { get; set; }

        public long LastAtMs { get; set; }

        public long LockedUntilMs { get; set; }

        public long Total { get; set; }

        public long Locks { get; set; }

        public long ForgottenAtMs { get; set; }

        public LockoutEntry ToEntry() => new(Key, CounterStatements.Count(Failures), LastAtMs, LockedUntilMs) { Total = CounterStatements.Count(Total), Locks = CounterStatements.Count(Locks), ForgottenAtMs = ForgottenAtMs };
    }
}
