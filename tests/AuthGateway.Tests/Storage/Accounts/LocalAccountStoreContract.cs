using AuthGateway.Core.Backends.Local;
using AuthGateway.Storage.Accounts;
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

    private static void ShouldBeSame(LocalAccount? actual, LocalAccount expected)
    {
        actual.ShouldNotBeNull().Groups.ShouldBe(expected.Groups);
        (actual with { Groups = expected.Groups }).ShouldBe(expected);
    }
}

public sealed class InMemoryLocalAccountStoreTests : LocalAccountStoreContract
{
    protected override ILocalAccountStore Store { get; } = new InMemoryLocalAccountStore();
}

public sealed class SqliteLocalAccountStoreTests : LocalAccountStoreContract, IDisposable
{
    private readonly TemporaryDatabase _file = new();

    public SqliteLocalAccountStoreTests() => Store = new SqliteLocalAccountStore(_file.Open());

    protected override ILocalAccountStore Store { get; }

    public void Dispose() => _file.Dispose();
}
