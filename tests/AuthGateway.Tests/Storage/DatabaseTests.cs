using AuthGateway.Core.Faults;
using AuthGateway.Core.Lockout;
using AuthGateway.Storage;
using AuthGateway.Storage.Lockout;
using AuthGateway.TestKit.Stores;
using Dapper;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace AuthGateway.Tests.Storage;

public sealed class DatabaseTests : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private static readonly LockoutRule Rule = new(Limit: 5, WindowMs: 1000, DurationMs: 1000);

    private readonly TemporaryDatabase _file = new();

    public void Dispose() => _file.Dispose();

    [Fact]
    public async Task Open_NewFile_GivesItToItsOwnerOnly()
    {
        var database = _file.Open();
        await new SqliteLockoutStore(database).ClearAsync("user:x", default);

        foreach (var file in _file.Directory.GetFiles())
        {
            File.GetUnixFileMode(file.FullName).ShouldBe(OwnerOnly, file.Name);
        }
    }

    [Fact]
    public void Open_MissingDirectory_MakesItForItsOwnerOnly()
    {
        var path = Path.Combine(_file.Directory.FullName, "state", "x.db");
        using var database = Database.Open(path, TimeProvider.System, NullLogger<Database>.Instance);

        File.GetUnixFileMode(Path.GetDirectoryName(path)!).ShouldBe(OwnerOnly | UnixFileMode.UserExecute);
    }

    [Theory]
    [InlineData(UnixFileMode.GroupRead)]
    [InlineData(UnixFileMode.OtherRead)]
    [InlineData(UnixFileMode.GroupWrite)]
    public void Open_FileOpenToOthers_RefusesWithRemedy(UnixFileMode open)
    {
        _file.Open().Dispose();
        File.SetUnixFileMode(_file.Path, OwnerOnly | open);

        Should.Throw<DatabaseRefusedException>(_file.Open).Message.ShouldContain($"chmod 600 {_file.Path}");
    }

    [Fact]
    public void Open_DirectoryOpenToOthers_RefusesWithRemedy()
    {
        File.SetUnixFileMode(_file.Directory.FullName, OwnerOnly | UnixFileMode.UserExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);

        Should.Throw<DatabaseRefusedException>(_file.Open).Message.ShouldContain("chmod 700");
    }

    /// <summary>In a large file the trail is left out of the check at the start, and nothing else.</summary>
    [Theory]
    [InlineData("lockout_counter", true, true)]
    [InlineData("local_account", true, true)]
    [InlineData("audit_record", true, false)]
    public void FindDamage_OnePageOverwritten_IsFound(string table, bool foundInAll, bool foundInPart)
    {
        _file.Open().Dispose();
        using var connection = new SqliteConnection($"Data Source={_file.Path};Pooling=False");
        var page = connection.QuerySingle<int>("SELECT rootpage FROM sqlite_master WHERE name = @table", new { table });
        var size = connection.QuerySingle<int>("PRAGMA page_size");
        Database.FindDamage(connection, whole: true).ShouldBeNull();
        Database.FindDamage(connection, whole: false).ShouldBeNull();
        connection.Close();
        using (var file = File.OpenWrite(_file.Path))
        {
            file.Position = (page - 1L) * size;
            file.Write(Enumerable.Repeat((byte)0xEE, size).ToArray());
        }

        (Database.FindDamage(connection, whole: true) is not null).ShouldBe(foundInAll);
        (Database.FindDamage(connection, whole: false) is not null).ShouldBe(foundInPart);
    }

    [Fact]
    public void Open_SymbolicLink_Refuses()
    {
        _file.Open().Dispose();
        var link = Path.Combine(_file.Directory.FullName, "link.db");
        File.CreateSymbolicLink(link, _file.Path);

        Should.Throw<DatabaseRefusedException>(() => Database.Open(link, TimeProvider.System, NullLogger<Database>.Instance))
            .Message.ShouldContain("symbolic link");
    }

    [Fact]
    public void Open_NoDatabase_RefusesAndLeavesItAlone()
    {
        File.WriteAllText(_file.Path, new string('x', 8192));
        File.SetUnixFileMode(_file.Path, OwnerOnly);

        Should.Throw<DatabaseRefusedException>(_file.Open).Message.ShouldContain("not an SQLite database");
        File.ReadAllText(_file.Path).ShouldBe(new string('x', 8192));
    }

    [Fact]
    public void Open_Twice_IsHarmless()
    {
        _file.Open().Dispose();
        using var again = _file.Open();

        again.Read(connection => connection.Query<long>("SELECT version FROM schema_version").ToList()).ShouldBe([1L, 2L, 3L, 4L, 5L, 6L]);
    }

    [Fact]
    public async Task Open_ManyAtOnce_MigratesOnce()
    {
        var databases = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(
            () => Database.Open(_file.Path, TimeProvider.System, NullLogger<Database>.Instance))));

        databases[0].Read(connection => connection.ExecuteScalar<long>("SELECT COUNT(*) FROM schema_version")).ShouldBe(6);
        Array.ForEach(databases, database => database.Dispose());
    }

    [Fact]
    public void Open_NewerSchema_RefusesAndSaysWhatToDo()
    {
        using (var database = _file.Open())
        {
            database.Read(connection => connection.Execute("INSERT INTO schema_version VALUES (9999, 'V9999_later.sql', 0)"));
        }

        Should.Throw<DatabaseRefusedException>(_file.Open).Message.ShouldContain("schema version 9999, made by a newer release");
    }

    [Fact]
    public void Connections_EveryOne_WaitSyncAndCheckAsWeSay()
    {
        var database = _file.Open();

        database.Read(connection => connection.ExecuteScalar<string>("PRAGMA journal_mode")).ShouldBe("wal");
        database.Read(connection => connection.ExecuteScalar<long>("PRAGMA synchronous")).ShouldBe(2);
        database.Read(connection => connection.ExecuteScalar<long>("PRAGMA foreign_keys")).ShouldBe(1);
        database.Read(connection => connection.ExecuteScalar<long>("PRAGMA busy_timeout")).ShouldBe(5000);
    }

    [Fact]
    public async Task Write_ReadOnlyOrFull_IsStoreUnavailable()
    {
        var database = _file.Open();

        await Should.ThrowAsync<StoreUnavailableException>(
            async () => await database.WriteAsync(connection => connection.Execute("PRAGMA query_only=1; DELETE FROM signal; "), default));
    }

    [Fact]
    public async Task Write_DiskFull_IsStoreUnavailableAndRecovers()
    {
        var database = _file.Open();
        await Should.ThrowAsync<StoreUnavailableException>(async () => await database.WriteAsync(
            connection =>
            {
                connection.Execute("PRAGMA max_page_count=1");
                try
                {
                    return connection.Execute("INSERT INTO signal VALUES ('big', zeroblob(5000000))");
                }
                finally
                {
                    connection.Execute("PRAGMA max_page_count=1073741823");
                }
            },
            default));

        var store = new SqliteLockoutStore(database);
        (await store.ChargeAsync("user:x", new LockoutRule(5, 1000, 1000), 0, default)).Charged.ShouldBeTrue();
    }

    [Fact]
    public async Task Charge_ProcessKilledAfterwards_IsNotForgotten()
    {
        var store = new SqliteLockoutStore(_file.Open());
        for (var i = 0; i < 4; i++)
        {
            await store.ChargeAsync("user:x", new LockoutRule(5, 1000, 1000), i, default);
        }

        // What a killed process leaves behind: the file and its write-ahead log, nothing folded, no shared memory.
        using var crashed = new TemporaryDatabase();
        File.Copy(_file.Path, crashed.Path);
        File.Copy(_file.Path + "-wal", crashed.Path + "-wal");

        var entry = (await new SqliteLockoutStore(crashed.Open()).ListAsync(null, 10, default)).ShouldHaveSingleItem();
        entry.Failures.ShouldBe(4);
    }

    [Fact]
    public async Task Write_OtherProcessHoldsTheLock_FailsClosedWithinItsTime()
    {
        var database = _file.Open();
        using var other = new SqliteConnection($"Data Source={_file.Path};Pooling=false");
        other.Open();
        using var transaction = other.BeginTransaction(deferred: false);
        var started = TimeProvider.System.GetTimestamp();

        var store = new SqliteLockoutStore(database);
        await other.ExecuteAsync("DELETE FROM signal", transaction: transaction);
        Task[] attempts =
        [
            .. Enumerable.Range(0, 3).Select(_ => Task.Run(async () => await store.ClearAsync("user:x", default))),
            Task.Run(async () => await store.ChargeAsync("user:x", Rule, 0, default)),
            Task.Run(async () => await store.WithdrawAsync("user:x", Rule, default)),
        ];
        foreach (var attempt in attempts)
        {
            await Should.ThrowAsync<StoreUnavailableException>(attempt);
        }

        TimeProvider.System.GetElapsedTime(started).ShouldBeLessThan(TimeSpan.FromSeconds(12), "five seconds and what a busy machine adds");
        (await store.ListAsync(null, 1, default)).ShouldBeEmpty();

        transaction.Rollback();
        (await store.ChargeAsync("user:x", Rule, 0, default)).Charged.ShouldBeTrue("nothing of the attempts that failed stands in the way");
    }

    [Fact]
    public async Task Charge_DiskFull_ChargesAllOrNoneAndRecovers()
    {
        var database = _file.Open();
        var store = new SqliteLockoutStore(database);
        await store.ChargeAsync("user:first", Rule, 0, default);
        await database.CountAsync(connection => connection.Execute("PRAGMA max_page_count=1"), default);
        CounterCharge[] many = [.. Enumerable.Range(0, 2000).Select(i => new CounterCharge(LockoutKey.FromText($"user:{i}"), Rule))];

        await Should.ThrowAsync<StoreUnavailableException>(async () => await store.ChargeAllAsync(many, 1, default));

        (await store.ListAsync(null, 10, default)).ShouldHaveSingleItem().Key.ShouldBe("user:first");
        (await store.ChargeAllAsync(many, 2, default))[^1].Verdict.ShouldBe(CounterVerdict.Counted);
    }

    [Fact]
    public async Task Charge_KeyLongerThanUsual_IsKeptWhole()
    {
        var store = new SqliteLockoutStore(_file.Open());
        var key = $"name:{new string('ü', 400)}";
        await store.ChargeAsync(key, Rule, 0, default);

        (await store.ChargeAsync(key, Rule, 1, default)).Entry.Failures.ShouldBe(2);
        (await store.ListAsync("üü", 10, default)).ShouldHaveSingleItem().Key.ShouldBe(key);
    }

    [Fact]
    public async Task Dispose_AfterCharges_LeavesNothingOpen()
    {
        using (var database = Database.Open(_file.Path, TimeProvider.System, NullLogger<Database>.Instance))
        {
            await new SqliteLockoutStore(database).ChargeAsync("user:x", Rule, 0, default);
            File.Exists(_file.Path + "-wal").ShouldBeTrue();
        }

        File.Exists(_file.Path + "-wal").ShouldBeFalse("a statement that is still open keeps the file open, and the log with it");
    }
}
