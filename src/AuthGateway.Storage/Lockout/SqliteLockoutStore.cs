using System.Security.Cryptography;
using AuthGateway.Core.Lockout;
using Dapper;

namespace AuthGateway.Storage.Lockout;

/// <summary>Counters in SQLite; each call is one statement.</summary>
internal sealed class SqliteLockoutStore(Database database) : ILockoutStore
{
    private const string Columns = "counter_key AS Key, failures AS Failures, last_at AS LastAtMs, locked_until AS LockedUntilMs";

    // While a lock is in force every column keeps its value, charge_id among them: that is how the caller sees he was not charged.
    private const string Charge =
        """
        INSERT INTO lockout_counter AS c (counter_key, failures, last_at, locked_until, charge_id)
        VALUES (@key, 1, @now, CASE WHEN 1 >= @limit THEN @now + @duration ELSE 0 END, @charge)
        ON CONFLICT (counter_key) DO UPDATE SET
            failures = CASE
                WHEN c.locked_until > @now THEN c.failures
                WHEN c.locked_until > 0 OR c.last_at < @now - @window THEN 1
                ELSE c.failures + 1 END,
            locked_until = CASE
                WHEN c.locked_until > @now THEN c.locked_until
                WHEN CASE WHEN c.locked_until > 0 OR c.last_at < @now - @window THEN 1 ELSE c.failures + 1 END >= @limit THEN @now + @duration
                ELSE 0 END,
            last_at = CASE WHEN c.locked_until > @now THEN c.last_at ELSE @now END,
            charge_id = CASE WHEN c.locked_until > @now THEN c.charge_id ELSE @charge END
        RETURNING counter_key AS Key, failures AS Failures, last_at AS LastAtMs, locked_until AS LockedUntilMs, charge_id AS ChargeId
        """;

    private const string Withdraw =
        $"""
        UPDATE lockout_counter SET
            locked_until = CASE WHEN failures - 1 < @limit THEN 0 ELSE locked_until END,
            failures = CASE WHEN failures > 0 THEN failures - 1 ELSE 0 END
        WHERE counter_key = @key
        RETURNING {Columns}
        """;

    private const string Prune =
        """
        DELETE FROM lockout_counter
        WHERE (locked_until <= @now AND last_at < @forgottenBefore AND NOT (counter_key >= 'factor-total:' AND counter_key < 'factor-total;'))
           OR counter_key IN (
                SELECT counter_key FROM lockout_counter
                WHERE counter_key >= 'name:' AND counter_key < 'name;' AND NOT (locked_until <= @now AND last_at < @forgottenBefore)
                ORDER BY CASE WHEN locked_until > @now THEN 0 ELSE 1 END, last_at DESC, counter_key
                LIMIT 2000000000 OFFSET @maxNames)
        """;

    public async ValueTask<(LockoutEntry Entry, bool Charged)> ChargeAsync(string key, LockoutRule rule, long nowMs, CancellationToken cancellationToken)
    {
        var charge = BitConverter.ToInt64(RandomNumberGenerator.GetBytes(sizeof(long)));
        var row = await database.WriteAsync(
            connection => connection.QuerySingle<Row>(
                Charge, new { key, limit = rule.Limit, window = rule.WindowMs, duration = rule.DurationMs, now = nowMs, charge }),
            cancellationToken);
        return (row.ToEntry(), row.ChargeId == charge);
    }

    public async ValueTask<LockoutEntry?> WithdrawAsync(string key, LockoutRule rule, CancellationToken cancellationToken)
    {
        var row = await database.WriteAsync(
            connection => connection.QuerySingleOrDefault<Row>(Withdraw, new { key, limit = rule.Limit }), cancellationToken);
        return row?.ToEntry();
    }

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

    public ValueTask<int> PruneAsync(long forgottenBeforeMs, long nowMs, int maxNames, CancellationToken cancellationToken) => database.WriteAsync(
        connection => connection.Execute(Prune, new { forgottenBefore = forgottenBeforeMs, now = nowMs, maxNames }), cancellationToken);

    private IReadOnlyList<LockoutEntry> Query(string sql, object parameters) =>
        database.Read(connection => connection.Query<Row>(sql, parameters).Select(row => row.ToEntry()).ToList());

    private sealed class Row
    {
        public string Key { get; set; } = "";

        public long Failures { get; set; }

        public long LastAtMs { get; set; }

        public long LockedUntilMs { get; set; }

        public long ChargeId { get; set; }

        public LockoutEntry ToEntry() => new(Key, (int)Math.Min(Failures, int.MaxValue), LastAtMs, LockedUntilMs);
    }
}
