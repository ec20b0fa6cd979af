using System.Diagnostics;
using System.Globalization;
using AuthGateway.Core.Faults;
using AuthGateway.Core.Telemetry;
using Dapper;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace AuthGateway.Storage;

/// <summary>
/// The one SQLite file. Reads run at once; writes of this process go one after another, which is fairer and faster than
/// having SQLite's busy handler poll, and wait for other processes at most five seconds in all.
/// </summary>
public sealed partial class Database : IDisposable
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);

    private const int Damaged = 11;

    // A year's trail takes seconds to look through, and a start after a crash must not wait for that. Damage in it shows when it is used.
    private const long LargestWholeCheck = 64 * 1024 * 1024;

    private readonly SemaphoreSlim _writing = new(1);
    private readonly string _connectionString;
    private readonly ILogger<Database> _logger;
    private SqliteConnection? _keeper;

    // Kept open and used in turn: opening one, telling it its pragmas and preparing its statements costs more than most writes.
    private SqliteConnection? _writer;
    private SqliteConnection? _counter;

    private Database(string path, ILogger<Database> logger, SqliteOpenMode mode = SqliteOpenMode.ReadWrite, string? source = null)
    {
        Path = path;
        _logger = logger;
        _connectionString = new SqliteConnectionStringBuilder
        {
            DataSource = source ?? path,
            Mode = mode,
            Cache = mode == SqliteOpenMode.Memory ? SqliteCacheMode.Shared : SqliteCacheMode.Default,
            ForeignKeys = true,
            Pooling = true,

            // Microsoft.Data.Sqlite retries on its own on top of SQLite's busy_timeout; the least it can be told.
            DefaultTimeout = 1,
        }.ToString();
    }

    /// <summary>Full path of the file.</summary>
    public string Path { get; }

    /// <summary>
    /// Opens the file, making it when it is missing: checks permissions and integrity, brings the schema up to date. Throws
    /// <see cref="DatabaseRefusedException"/> with a message for the administrator.
    /// </summary>
    public static Database Open(string path, TimeProvider time, ILogger<Database> logger)
    {
        var fullPath = System.IO.Path.GetFullPath(path);
        DatabaseFile.Prepare(fullPath);
        var database = new Database(fullPath, logger);
        try
        {
            using var connection = database.Connect(LongestWait);
            database.CheckIntegrity(connection);
            if (connection.ExecuteScalar<string>("PRAGMA journal_mode=WAL") is not "wal")
            {
                throw new DatabaseRefusedException($"The database {fullPath} cannot use a write-ahead log. It must lie on a local file system.");
            }

            var version = Migrations.Run(connection, fullPath, time, logger);
            Log.Opened(logger, fullPath, version);
            return database;
        }
        catch (SqliteException e)
        {
            database.Dispose();
            throw new DatabaseRefusedException($"The database {fullPath} cannot be opened: {Explain(e)}", e);
        }
        catch (DatabaseRefusedException)
        {
            database.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Opens the file to look at it only: nothing is made, migrated or changed, whoever calls. A file that is missing reads as a
    /// database without a row. Throws <see cref="DatabaseRefusedException"/> when it cannot be read.
    /// </summary>
    public static Database OpenReadOnly(string path, TimeProvider time, ILogger<Database> logger)
    {
        var fullPath = System.IO.Path.GetFullPath(path);
        if (!File.Exists(fullPath))
        {
            return OpenEmpty(fullPath, time, logger);
        }

        // Without a write-ahead log nobody has the file open, and reading it as the log's reader would leave new files beside it.
        var source = File.Exists(fullPath + "-wal") ? fullPath : $"file:{Uri.EscapeDataString(fullPath)}?immutable=1";
        var database = new Database(fullPath, logger, SqliteOpenMode.ReadOnly, source);
        try
        {
            using var connection = database.Connect(LongestWait);
            Migrations.RefuseNewer(connection, fullPath);
            return database;
        }
        catch (SqliteException e)
        {
            database.Dispose();
            throw new DatabaseRefusedException($"The database {fullPath} cannot be read: {Explain(e)}", e);
        }
        catch (DatabaseRefusedException)
        {
            database.Dispose();
            throw;
        }
    }

    /// <summary>The schema without a row, in memory.</summary>
    private static Database OpenEmpty(string path, TimeProvider time, ILogger<Database> logger)
    {
        var database = new Database(path, logger, SqliteOpenMode.Memory, $"empty-{Guid.NewGuid():N}");

        // It lives as long as somebody has it open.
        database._keeper = database.Connect(LongestWait);
        Migrations.Run(database._keeper, path, time, logger);
        return database;
    }

    /// <summary>Closes pooled connections; SQLite then folds the write-ahead log into the file.</summary>
    public void Dispose()
    {
        _writer?.Dispose();
        _counter?.Dispose();
        _keeper?.Dispose();
        using (var connection = new SqliteConnection(_connectionString))
        {
            SqliteConnection.ClearPool(connection);
        }

        _writing.Dispose();
    }

    /// <summary>Reads; writers do not hold readers up.</summary>
    internal T Read<T>(Func<SqliteConnection, T> read)
    {
        try
        {
            using var connection = Connect(LongestWait);
            return read(connection);
        }
        catch (SqliteException e)
        {
            throw Unavailable(e);
        }
    }

    /// <summary>Runs one statement that writes, on its own transaction. What is acknowledged survives a power cut.</summary>
    internal ValueTask<T> WriteAsync<T>(Func<SqliteConnection, T> write, CancellationToken cancellationToken) => WriteAsync(write, isCounter: false, cancellationToken);

    /// <summary>
    /// The same for counters of attempts: what is acknowledged survives the death of this process, and a power cut as soon as the next other write, or
    /// the log's own checkpoint, reached the disk. Decision 0009.
    /// </summary>
    internal ValueTask<T> CountAsync<T>(Func<SqliteConnection, T> write, CancellationToken cancellationToken) => WriteAsync(write, isCounter: true, cancellationToken);

    private async ValueTask<T> WriteAsync<T>(Func<SqliteConnection, T> write, bool isCounter, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        if (!await _writing.WaitAsync(LongestWait, cancellationToken))
        {
            throw Unavailable(null);
        }

        try
        {
            var left = LongestWait - Stopwatch.GetElapsedTime(started);
            ref var kept = ref isCounter ? ref _counter : ref _writer;
            kept ??= Connect(LongestWait, isCounter ? "NORMAL" : "FULL");
            _ = SQLitePCL.raw.sqlite3_busy_timeout(kept.Handle, left > TimeSpan.Zero ? (int)left.TotalMilliseconds : 0);
            return write(kept);
        }
        catch (SqliteException e)
        {
            // Whatever state it is in now, the next write begins with a new one, and not with this one out of the pool.
            ref var failed = ref isCounter ? ref _counter : ref _writer;
            if (failed is not null)
            {
                SqliteConnection.ClearPool(failed);
                failed.Dispose();
                failed = null;
            }

            throw Unavailable(e);
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>Runs several statements as one transaction that holds the write lock from its start.</summary>
    internal ValueTask<T> WriteTogetherAsync<T>(Func<SqliteConnection, SqliteTransaction, T> write, CancellationToken cancellationToken) =>
        WriteAsync(
            connection =>
            {
                using var transaction = connection.BeginTransaction(deferred: false);
                var result = write(connection, transaction);
                transaction.Commit();
                return result;
            },
            cancellationToken);

    private static string Explain(SqliteException e) => e.SqliteErrorCode switch
    {
        5 or 6 => "another process keeps it locked.",
        8 => "it is read-only.",
        Damaged => "it is damaged. Restore the last backup.",
        13 => "the disk is full.",
        14 => "the file cannot be opened.",
        26 => "it is not an SQLite database, or it is encrypted.",
        _ => e.Message,
    };

    private SqliteConnection Connect(TimeSpan busy, string synchronous = "FULL")
    {
        var connection = new SqliteConnection(_connectionString);
        try
        {
            connection.Open();

            // FULL: what is acknowledged survives a power cut.
            connection.Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA busy_timeout={(int)busy.TotalMilliseconds}; PRAGMA synchronous={synchronous};"));
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private void CheckIntegrity(SqliteConnection connection)
    {
        if (FindDamage(connection, whole: new FileInfo(Path).Length <= LargestWholeCheck) is { } finding)
        {
            throw new DatabaseRefusedException($"The database {Path} is damaged ({finding}). Restore the last backup.");
        }
    }

    /// <summary>What is damaged, or null. Not the whole: everything that decides who is let in, which is all but the trail of what was.</summary>
    internal static string? FindDamage(SqliteConnection connection, bool whole)
    {
        // "1" asks for the first finding in the whole file, a table's name for those of the table and its indexes.
        string[] parts = whole ? ["1"] : [.. connection.Query<string>("SELECT '\"' || name || '\"' FROM sqlite_master WHERE type = 'table' AND name <> 'audit_record'")];
        try
        {
            return parts.Select(part => connection.ExecuteScalar<string>($"PRAGMA quick_check({part})")).FirstOrDefault(finding => finding is not "ok");
        }
        catch (SqliteException e) when (e.SqliteErrorCode == Damaged)
        {
            // Some damage ends the check itself.
            return e.Message;
        }
    }

    private StoreUnavailableException Unavailable(SqliteException? e)
    {
        var message = e is null ? "other writers kept it busy for too long." : Explain(e);
        Log.Failed(_logger, e, Path, message);
        return new StoreUnavailableException($"The database cannot be used: {message}", e);
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.DatabaseOpened, LogLevel.Information, "Database {Path} is open, schema version {Version}.")]
        public static partial void Opened(ILogger logger, string path, int version);

        [LoggerMessage(EventIds.DatabaseFailed, LogLevel.Error, "Database {Path} failed: {Why}")]
        public static partial void Failed(ILogger logger, Exception? exception, string path, string why);
    }
}
