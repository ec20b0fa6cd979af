using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace AuthGateway.Storage;

/// <summary>
/// A statement that is parsed once and run many times on one connection, bound and read without a command, a parameter or a reader made for each run: for
/// the few statements every login waits for. It ends with its connection.
/// </summary>
internal sealed class KeptStatement : IDisposable
{
    private const int StackBytes = 256;

    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;

    /// <summary>Parses it.</summary>
    /// <exception cref="SqliteException">It cannot be parsed.</exception>
    public KeptStatement(SqliteConnection connection, string sql)
    {
        _database = connection.Handle ?? throw new InvalidOperationException("The connection is closed.");
        SqliteException.ThrowExceptionForRC(raw.sqlite3_prepare_v3(_database, sql, raw.SQLITE_PREPARE_PERSISTENT, out _statement), _database);
    }

    /// <summary>Gives the parameter at a position, counted from 1, a text; an empty one would be taken for none.</summary>
    public KeptStatement Bind(int at, string text)
    {
        ArgumentException.ThrowIfNullOrEmpty(text);
        Span<byte> buffer = stackalloc byte[StackBytes];
        var bytes = Encoding.UTF8.TryGetBytes(text, buffer, out var length) ? buffer[..length] : Encoding.UTF8.GetBytes(text);
        Check(raw.sqlite3_bind_text(_statement, at, bytes));
        return this;
    }

    /// <summary>Gives such a parameter a number.</summary>
    public KeptStatement Bind(int at, long number)
    {
        Check(raw.sqlite3_bind_int64(_statement, at, number));
        return this;
    }

    /// <summary>Goes to the next row; false when there is none. Whoever called this calls <see cref="Reset"/> in the end.</summary>
    /// <exception cref="SqliteException">It failed.</exception>
    public bool Step()
    {
        var code = raw.sqlite3_step(_statement);
        if (code is raw.SQLITE_ROW)
        {
            return true;
        }

        if (code is not raw.SQLITE_DONE)
        {
            Check(code);
        }

        return false;
    }

    /// <summary>A column of the row, counted from 0.</summary>
    public long Number(int column) => raw.sqlite3_column_int64(_statement, column);

    /// <summary>Ends the run, so that the statement holds nothing up. What it says was said by <see cref="Step"/> already.</summary>
    public void Reset() => _ = raw.sqlite3_reset(_statement);

    /// <summary>Runs a statement that returns no row.</summary>
    /// <exception cref="SqliteException">It failed.</exception>
    public void Run()
    {
        try
        {
            Step();
        }
        finally
        {
            Reset();
        }
    }

    public void Dispose() => _statement.Dispose();

    private void Check(int code)
    {
        if (code != raw.SQLITE_OK)
        {
            SqliteException.ThrowExceptionForRC(code, _database);
        }
    }
}
