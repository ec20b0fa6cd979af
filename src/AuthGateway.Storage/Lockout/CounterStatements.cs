using System.Data;
using AuthGateway.Core.Lockout;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace AuthGateway.Storage.Lockout;

/// <summary>
/// The statements that charge counters and settle them, kept for the connection all of them go over, one transaction after another. Every first-time login runs
/// two of these.
/// </summary>
internal sealed class CounterStatements : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly List<KeptStatement> _all = new(6);
    private readonly KeptStatement _begin;
    private readonly KeptStatement _commit;
    private readonly KeptStatement _rollback;
    private readonly KeptStatement _find;
    private readonly KeptStatement _keep;
    private readonly KeptStatement _remove;

    /// <summary>Prepares them; they end when the connection is closed.</summary>
    public CounterStatements(SqliteConnection connection)
    {
        _connection = connection;
        try
        {
            _begin = Prepare("BEGIN IMMEDIATE");
            _commit = Prepare("COMMIT");
            _rollback = Prepare("ROLLBACK");
            _find = Prepare("SELECT failures, last_at, locked_until, total, locks, forgotten_at FROM lockout_counter WHERE counter_key = ?1");
            _keep = Prepare(
                """
                INSERT INTO lockout_counter (counter_key, failures, last_at, locked_until, total, locks, forgotten_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
                ON CONFLICT (counter_key) DO UPDATE SET failures = excluded.failures, last_at = excluded.last_at, locked_until = excluded.locked_until,
                    total = excluded.total, locks = excluded.locks, forgotten_at = excluded.forgotten_at
                """);
            _remove = Prepare("DELETE FROM lockout_counter WHERE counter_key = ?1");
        }
        catch
        {
            // Half of them would keep the file open long after the connection is given up.
            Dispose();
            throw;
        }

        connection.StateChange += (_, change) =>
        {
            if (change.CurrentState == ConnectionState.Closed)
            {
                Dispose();
            }
        };
    }

    /// <summary>Charges all counters in one transaction, or, where one is locked, none: then the outcomes end with that one.</summary>
    public CounterOutcome[] ChargeAll(IReadOnlyList<CounterCharge> charges, long nowMs)
    {
        _begin.Run();
        try
        {
            var outcomes = new CounterOutcome[charges.Count];
            for (var i = 0; i < charges.Count; i++)
            {
                var key = charges[i].Key.Text;
                outcomes[i] = charges[i].Rule.Charge(key, Find(key), nowMs);
                if (outcomes[i].Verdict == CounterVerdict.Locked)
                {
                    _rollback.Run();
                    return outcomes[..(i + 1)];
                }
            }

            foreach (var outcome in outcomes)
            {
                if (outcome.Verdict == CounterVerdict.Counted)
                {
                    Keep(outcome.Entry);
                }
            }

            _commit.Run();
            return outcomes;
        }
        catch
        {
            RollBackWhatIsOpen();
            throw;
        }
    }

    /// <summary>Takes charges back, or removes counters, in one transaction.</summary>
    /// <returns>Each counter as it is now; null for one that is gone.</returns>
    public LockoutEntry?[] SettleAll(IReadOnlyList<CounterSettlement> settlements)
    {
        _begin.Run();
        try
        {
            var entries = new LockoutEntry?[settlements.Count];
            for (var i = 0; i < settlements.Count; i++)
            {
                var (key, rule, clears) = settlements[i];
                if (clears)
                {
                    _remove.Bind(1, key.Text).Run();
                }
                else if (Find(key.Text) is { } known)
                {
                    var entry = rule.Withdraw(known);
                    Keep(entry);
                    entries[i] = entry;
                }
            }

            _commit.Run();
            return entries;
        }
        catch
        {
            RollBackWhatIsOpen();
            throw;
        }
    }

    public void Dispose()
    {
        _all.ForEach(statement => statement.Dispose());
        _all.Clear();
    }

    /// <summary>A number of the table as the counters have it.</summary>
    public static int Count(long number) => (int)Math.Min(number, int.MaxValue);

    private KeptStatement Prepare(string sql)
    {
        var statement = new KeptStatement(_connection, sql);
        _all.Add(statement);
        return statement;
    }

    /// <summary>The next transaction must not find this one. SQLite ends some by itself; where it does not and this fails too, the connection is given up.</summary>
    private void RollBackWhatIsOpen()
    {
        if (raw.sqlite3_get_autocommit(_connection.Handle) == 0)
        {
            _rollback.Run();
        }
    }

    private LockoutEntry? Find(string key)
    {
        _find.Bind(1, key);
        try
        {
            return _find.Step()
                ? new LockoutEntry(key, Count(_find.Number(0)), _find.Number(1), _find.Number(2))
                {
                    Total = Count(_find.Number(3)),
                    Locks = Count(_find.Number(4)),
                    ForgottenAtMs = _find.Number(5),
                }
                : null;
        }
        finally
        {
            _find.Reset();
        }
    }

    private void Keep(LockoutEntry entry) => _keep
        .Bind(1, entry.Key).Bind(2, entry.Failures).Bind(3, entry.LastAtMs).Bind(4, entry.LockedUntilMs).Bind(5, entry.Total).Bind(6, entry.Locks).Bind(7, entry.ForgottenAtMs)
        .Run();
}
