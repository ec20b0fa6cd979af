using AuthGateway.Core.Audit;
using AuthGateway.Core.Backends.Local;
using AuthGateway.Storage.Accounts;
using AuthGateway.Storage.Audit;
using AuthGateway.TestKit.Stores;

namespace AuthGateway.Tests.Storage.Accounts;

/// <summary>What every store of local accounts must do.</summary>
public abstract class LocalAccountStoreContract
{
    private static readonly LocalAccount Anna = new(
        "1", "Anna", "hash", "Anna@Example.org", "Anna Ä", ["mail-users", "\"quoted\""], false, new DateTimeOffset(2026, 5, 1, 0, 0, 0, TimeSpan.Zero));

    protected abstract ILocalAccountStore Store { get; }

    [Theory]
    [InlineData("anna")]
    [InlineData("anna@example.org")]
    public async Task Find_LoginOrMailFolded_FindsTheWholeAccount(string name)
    {
        (await Store.AddAsync(Anna, default)).ShouldBeTrue();

        ShouldBeSame(await Store.FindAsync(name, default), Anna);
    }

    [Fact]
    public async Task Find_Unknown_IsNull() => (await Store.FindAsync("nobody", default)).ShouldBeNull();

    [Fact]
    public async Task Find_MailOfTwo_FindsNobody()
    {
        await Store.AddAsync(Anna, default);
        await Store.AddAsync(Anna with { Id = "2", Login = "anna2" }, default);

        (await Store.FindAsync("anna@example.org", default)).ShouldBeNull();
    }

    [Fact]
    public async Task Find_LoginThatIsAnothersMail_MeansTheLogin()
    {
        await Store.AddAsync(Anna, default);
        await Store.AddAsync(Anna with { Id = "2", Login = "anna@example.org", Mail = null }, default);

        (await Store.FindAsync("anna@example.org", default))!.Id.ShouldBe("2");
    }

    [Fact]
    public async Task Add_LoginTaken_IsRefused()
    {
        await Store.AddAsync(Anna, default);

        (await Store.AddAsync(Anna with { Id = "2", Login = "ANNA" }, default)).ShouldBeFalse();
        (await Store.ListAsync(default)).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Update_Known_WritesAllButIdLoginAndBirth()
    {
        await Store.AddAsync(Anna, default);

        var changed = Anna with { PasswordHash = "new", Mail = null, DisplayName = null, Groups = [], Disabled = true };
        (await Store.UpdateAsync(changed with { Login = "eve", CreatedAt = default }, default)).ShouldBeTrue();
        ShouldBeSame(await Store.FindAsync("anna", default), changed);
        (await Store.UpdateAsync(Anna with { Id = "9" }, default)).ShouldBeFalse();
    }

    [Fact]
    public async Task ReplaceHash_ChangedMeanwhile_IsLeftAlone()
    {
        await Store.AddAsync(Anna, default);

        (await Store.ReplaceHashAsync("1", "stale", "new", default)).ShouldBeFalse();
        (await Store.ReplaceHashAsync("1", "hash", "new", default)).ShouldBeTrue();
        (await Store.FindAsync("anna", default))!.PasswordHash.ShouldBe("new");
    }

    [Fact]
    public async Task List_Many_ByLogin()
    {
        await Store.AddAsync(Anna with { Id = "2", Login = "Zoe" }, default);
        await Store.AddAsync(Anna, default);

        (await Store.ListAsync(default)).Select(account => account.Login).ShouldBe(["Anna", "Zoe"]);
    }

    [Fact]
    public async Task FindById_KnownOrNot_SaysSo()
    {
        await Store.AddAsync(Anna, default);

        ShouldBeSame(await Store.FindByIdAsync("1", default), Anna);
        (await Store.FindByIdAsync("2", default)).ShouldBeNull();
    }

    [Fact]
    public async Task Import_NewAndKnown_WritesAccountsAndRecords()
    {
        await Store.AddAsync(Anna, default);
        var bob = Anna with { Id = "2", Login = "Bob", Mail = "bob@example.org" };
        var changed = Anna with { PasswordHash = "", DisplayName = "Anna B", Groups = ["x"], Disabled = true };

        (await Store.ImportAsync(new AccountImport([bob], [changed]), Records("one", "two"), default)).ShouldBeTrue();

        ShouldBeSame(await Store.FindAsync("bob@example.org", default), bob);
        ShouldBeSame(await Store.FindAsync("anna", default), changed with { PasswordHash = "hash" });
        (await Reasons()).ShouldBe(["one", "two"]);

        // The connection is used again, as it is in a pool.
        (await Store.ImportAsync(new AccountImport([], [changed with { PasswordHash = "new" }]), Records("three"), default)).ShouldBeTrue();
        (await Store.FindAsync("anna", default))!.PasswordHash.ShouldBe("new");
        (await Reasons()).ShouldBe(["one", "two", "three"]);
    }

    [Fact]
    public async Task Import_LoginTakenMeanwhileOrAccountGone_WritesNothingAtAll()
    {
        await Store.AddAsync(Anna, default);
        var bob = Anna with { Id = "2", Login = "Bob", Mail = null };

        (await Store.ImportAsync(new AccountImport([bob, Anna with { Id = "3", Login = "ANNA" }], []), Records("one"), default)).ShouldBeFalse();
        (await Store.ImportAsync(new AccountImport([bob], [Anna with { Id = "9" }]), Records("two"), default)).ShouldBeFalse();

        ShouldBeSame((await Store.ListAsync(default)).ShouldHaveSingleItem(), Anna);
        (await Reasons()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Import_Cancelled_WritesNothingAtAll()
    {
        using var source = new CancellationTokenSource();
        await source.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(async () => await Store.ImportAsync(new AccountImport([Anna], []), Records("one"), source.Token));

        (await Store.ListAsync(default)).ShouldBeEmpty();
        (await Reasons()).ShouldBeEmpty();
    }

    protected abstract ValueTask<IEnumerable<string>> Reasons();

    private static IEnumerable<AuditRecord> Records(params string[] reasons) =>
        reasons.Select(reason => new AuditRecord { At = Anna.CreatedAt, Event = AuditEvents.Administration, Reason = reason, Verdict = "done" });

    private static void ShouldBeSame(LocalAccount? actual, LocalAccount expected)
    {
        actual.ShouldNotBeNull().Groups.ShouldBe(expected.Groups);
        (actual with { Groups = expected.Groups }).ShouldBe(expected);
    }
}

public sealed class InMemoryLocalAccountStoreTests : LocalAccountStoreContract
{
    private readonly InMemoryLocalAccountStore _store = new();

    protected override ILocalAccountStore Store => _store;

    protected override ValueTask<IEnumerable<string>> Reasons() => new(_store.Records.Select(record => record.Reason));
}

public sealed class SqliteLocalAccountStoreTests : LocalAccountStoreContract, IDisposable
{
    private readonly TemporaryDatabase _file = new();

    private readonly SqliteAuditStore _audit;

    public SqliteLocalAccountStoreTests()
    {
        var database = _file.Open();
        Store = new SqliteLocalAccountStore(database);
        _audit = new SqliteAuditStore(database);
    }

    protected override ILocalAccountStore Store { get; }

    protected override async ValueTask<IEnumerable<string>> Reasons() => (await _audit.SearchAsync(new AuditQuery(), default)).Reverse().Select(record => record.Reason);

    public void Dispose() => _file.Dispose();
}
