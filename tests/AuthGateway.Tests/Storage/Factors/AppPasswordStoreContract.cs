using AuthGateway.Core.Factors.AppPasswords;
using AuthGateway.Core.Identities;
using AuthGateway.Storage;
using AuthGateway.Storage.Factors;
using AuthGateway.Storage.Protection;
using AuthGateway.TestKit.Stores;
using Dapper;

namespace AuthGateway.Tests.Storage.Factors;

/// <summary>What every store of app passwords must do.</summary>
public abstract class AppPasswordStoreContract
{
    private static readonly DateTimeOffset At = new(2026, 5, 1, 8, 0, 0, TimeSpan.Zero);
    private static readonly AppPasswordKey Key = new(new byte[AppPasswordKey.Length]);

    protected abstract IAppPasswordStore Store { get; }

    [Fact]
    public async Task Add_Password_IsListedWholeAndSound()
    {
        var record = Record("1", "ad:1", "phone") with
        {
            For = ["dav", "calendars"], Networks = ["lan", "10.0.0.0/8"], DeviceId = "hex:01", ExpiresAt = At.AddDays(1), LastUse = new AppPasswordUse(At, "203.0.113.7", "DAVx5"),
        };
        record = Key.Seal(record);
        (await AddAsync(record)).ShouldBe(AppPasswordAdding.Added);

        var found = (await Store.ListAsync(default)).ShouldHaveSingleItem();
        Key.IsSound(found).ShouldBeTrue();
        found.For.ShouldBe(record.For);
        found.Networks.ShouldBe(record.Networks);
        (found with { For = record.For, Networks = record.Networks, Seal = record.Seal }).ShouldBe(record);
    }

    [Fact]
    public async Task Add_SameTag_IsTakenUntilItExpires()
    {
        await AddAsync(Record("1", "ad:1", "phone") with { ExpiresAt = At.AddDays(1) });
        (await AddAsync(Record("2", "ad:1", "phone"))).ShouldBe(AppPasswordAdding.TagTaken);
        (await AddAsync(Record("3", "ad:2", "phone"))).ShouldBe(AppPasswordAdding.Added, "somebody else's");

        (await AddAsync(Record("2", "ad:1", "phone"), now: At.AddDays(1))).ShouldBe(AppPasswordAdding.Added);
        (await Store.ListEndedAsync(default)).ShouldHaveSingleItem().Digest.ShouldBe(Record("1", "ad:1", "phone").Digest);
    }

    [Fact]
    public async Task Add_ManyAtOnce_KeepsTheLimit()
    {
        await AddAsync(Record("old", "ad:1", "old") with { ExpiresAt = At });
        var added = await Task.WhenAll(Enumerable.Range(0, 32).Select(i => Task.Run(async () => await AddAsync(Record($"{i}", "ad:1", $"t{i}"), limit: 5))));

        added.Count(one => one == AppPasswordAdding.Added).ShouldBe(5);
        added.Count(one => one == AppPasswordAdding.LimitReached).ShouldBe(27);
        (await AddAsync(Record("x", "ad:2", "x"), limit: 5)).ShouldBe(AppPasswordAdding.Added);
    }

    [Fact]
    public async Task End_ById_MovesThemToTheEnded()
    {
        await AddAsync(Record("1", "ad:1", "a"));
        await AddAsync(Record("2", "ad:1", "b"));
        await AddAsync(Record("3", "ad:1", "c"));

        (await Store.EndAsync(["1", "2", "unknown"], At.AddHours(1), default)).ShouldBe(2);
        (await Store.EndAsync(["1"], At.AddHours(2), default)).ShouldBe(0);
        (await Store.ListAsync(default)).ShouldHaveSingleItem().Tag.ShouldBe("c");
        var ended = await Store.ListEndedAsync(default);
        ended.Select(one => one.Tag).Order(StringComparer.Ordinal).ShouldBe(["a", "b"]);
        ended.ShouldAllBe(one => one.EndedAt == At.AddHours(1) && one.IdentityKey == "ad:1" && one.Login == "alice");
        (await AddAsync(Record("4", "ad:1", "a"))).ShouldBe(AppPasswordAdding.Added, "the tag is free again");
    }

    [Fact]
    public async Task Touch_Uses_KeepsTheLast()
    {
        await AddAsync(Record("1", "ad:1", "a"));
        var late = new AppPasswordUse(At.AddHours(2), "203.0.113.7", "DAVx5");
        await Store.TouchAsync([("1", late), ("unknown", late)], default);
        await Store.TouchAsync([("1", new AppPasswordUse(At.AddHours(1), "192.0.2.1", "older"))], default);
        (await Store.ListAsync(default)).ShouldHaveSingleItem().LastUse.ShouldBe(late);
    }

    [Fact]
    public async Task Prune_LongAgo_ForgetsThem()
    {
        await AddAsync(Record("1", "ad:1", "a"));
        await AddAsync(Record("2", "ad:1", "b"));
        await Store.EndAsync(["1"], At, default);
        await Store.EndAsync(["2"], At.AddDays(9), default);
        (await Store.PruneAsync(At.AddDays(5), default)).ShouldBe(1);
        (await Store.ListEndedAsync(default)).ShouldHaveSingleItem().Tag.ShouldBe("b");
    }

    private static AppPasswordRecord Record(string id, string identity, string tag)
    {
        // A digest of its own for each id: the letters of base32 have neither 0 nor 1.
        var text = string.Concat(id.Select(c => c is '0' ? 'o' : c is '1' ? 'l' : c is '8' ? 'b' : c is '9' ? 'g' : c)).PadRight(AppPasswordSecret.Length, 'a');
        Key.TryDigest(Secret.FromText(text), out var digest).ShouldBeTrue(text);
        return new AppPasswordRecord { Id = id, Digest = digest, IdentityKey = identity, Login = "alice", Tag = tag, For = ["dav"], CreatedAt = At, Seal = [1] };
    }

    private ValueTask<AppPasswordAdding> AddAsync(AppPasswordRecord record, int limit = 20, DateTimeOffset? now = null) => Store.AddAsync(record, limit, now ?? At, default);
}

public sealed class InMemoryAppPasswordStoreTests : AppPasswordStoreContract
{
    protected override IAppPasswordStore Store { get; } = new InMemoryAppPasswordStore();
}

public sealed class SqliteAppPasswordStoreTests : AppPasswordStoreContract, IDisposable
{
    private readonly TemporaryDatabase _file = new();
    private readonly Database _database;

    public SqliteAppPasswordStoreTests()
    {
        _database = _file.Open();
        Store = new SqliteAppPasswordStore(_database);
    }

    protected override IAppPasswordStore Store { get; }

    public void Dispose() => _file.Dispose();

    [Theory]
    [InlineData("UPDATE app_password SET opens = 'no json'")]
    [InlineData("UPDATE app_password SET opens = '[null]'")]
    [InlineData("UPDATE app_password SET opens = '[\"dav\",\"activesync\"]'")]
    [InlineData("UPDATE app_password SET identity_key = 'ad:2'")]
    [InlineData("UPDATE app_password SET expires_at = NULL")]
    [InlineData("UPDATE app_password SET seal = x''")]
    public async Task List_RowEditedByHand_IsReadAndNotSound(string edit)
    {
        var key = _file.OpenKey(_database).MakeAppPasswordKey();
        key.TryDigest(Secret.FromText(AppPasswordSecret.New()), out var digest).ShouldBeTrue();
        var record = key.Seal(new AppPasswordRecord
        {
            Id = "1", Digest = digest, IdentityKey = "ad:1", Login = "alice", Tag = "phone", For = ["dav"], CreatedAt = DateTimeOffset.UnixEpoch, ExpiresAt = DateTimeOffset.UnixEpoch.AddDays(1),
        });
        await Store.AddAsync(record, 20, DateTimeOffset.UnixEpoch, default);
        key.IsSound((await Store.ListAsync(default)).Single()).ShouldBeTrue();

        await _database.WriteAsync(connection => connection.Execute(edit), default);

        key.IsSound((await Store.ListAsync(default)).Single()).ShouldBeFalse();
    }

    [Fact]
    public async Task Key_IsOfTheKeyFile_AndTheDatabaseIsNotOpenedWithoutIt()
    {
        var key = _file.OpenKey(_database).MakeAppPasswordKey();
        var secret = Secret.FromText(AppPasswordSecret.New());
        key.TryDigest(secret, out var digest);
        _file.OpenKey(_database).MakeAppPasswordKey().TryDigest(secret, out var again);
        again.ShouldBe(digest);

        await Store.AddAsync(
            key.Seal(new AppPasswordRecord { Id = "1", Digest = digest, IdentityKey = "ad:1", Login = "alice", Tag = "phone", For = ["dav"], CreatedAt = DateTimeOffset.UnixEpoch }), 20, DateTimeOffset.UnixEpoch, default);
        File.Delete(_file.KeyPath);
        Should.Throw<MasterKeyRefusedException>(() => _file.OpenKey(_database)).Message.ShouldContain("app passwords");
        File.Exists(_file.KeyPath).ShouldBeFalse("no new key is made where one is owed");
    }
}
