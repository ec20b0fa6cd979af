using System.Runtime.CompilerServices;
using AuthGateway.Core.Lockout;
using Dapper;
using Microsoft.Data.Sqlite;

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

    private readonly ConditionalWeakTable<SqliteConnection, Statements> _statements = [];

    public async ValueTask<(LockoutEntry Entry, bool Charged)> ChargeAsync(string key, LockoutRule rule, long nowMs, CancellationToken cancellationToken)
    {
        var charge = Random.Shared.NextInt64();
        var (entry, held) = await database.CountAsync(connection => Prepared(connection).ChargeOne(key, rule, nowMs, charge), cancellationToken);
        return (entry, held == charge);
    }

    public ValueTask<LockoutEntry?> WithdrawAsync(string key, LockoutRule rule, CancellationToken cancellationToken) =>
        database.CountAsync(connection => Prepared(connection).WithdrawOne(key, rule), cancellationToken);

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

    /// <summary>Writes go one after another over one kept connection, so its statements are parsed once.</summary>
    private Statements Prepared(SqliteConnection connection) => _statements.GetValue(connection, static connection => new Statements(connection));

    private sealed class Statements
    {
        private readonly SqliteCommand _charge;
        private readonly SqliteCommand _withdraw;

        public Statements(SqliteConnection connection)
        {
            _charge = Prepare(connection, Charge, "@key", "@limit", "@window", "@duration", "@now", "@charge");
            _withdraw = Prepare(connection, Withdraw, "@key", "@limit");
        }

        public (LockoutEntry Entry, long Charge) ChargeOne(string key, LockoutRule rule, long nowMs, long charge)
        {
            Set(_charge, key, (long)rule.Limit, rule.WindowMs, rule.DurationMs, nowMs, charge);
            using var reader = _charge.ExecuteReader();
            reader.Read();
            var result = (Entry(reader), reader.GetInt64(4));
            reader.Read(); // to the end, where the statement commits: a full disk is told here or nowhere
            return result;
        }

        public LockoutEntry? WithdrawOne(string key, LockoutRule rule)
        {
            Set(_withdraw, key, (long)rule.Limit);
            using var reader = _withdraw.ExecuteReader();
            var entry = reader.Read() ? Entry(reader) : null;
            reader.Read();
            return entry;
        }

        private static SqliteCommand Prepare(SqliteConnection connection, string sql, params string[] names)
        {
            var command = connection.CreateCommand();
            command.CommandText = sql;
            foreach (var name in names)
            {
                command.Parameters.Add(new SqliteParameter { ParameterName = name });
            }

            return command;
        }

        private static void Set(SqliteCommand command, params ReadOnlySpan<object> values)
        {
            for (var i = 0; i < values.Length; i++)
            {
                command.Parameters[i].Value = values[i];
            }
        }

        private static LockoutEntry Entry(SqliteDataReader reader) =>
            new(reader.GetString(0), (int)Math.Min(reader.GetInt64(1), int.MaxValue), reader.GetInt64(2), reader.GetInt64(3));
    }

    private sealed class Row
    {
        public string Key { get; set; } = "";

        public long Failures { get; set; }

        public long LastAtMs { get; set; }

        public long LockedUntilMs { get; set; }

        public LockoutEntry ToEntry() => new(Key, (int)Math.Min(Failures, int.MaxValue), LastAtMs, LockedUntilMs);
    }
}
