using AuthGateway.Core.Factors.Totp;
using AuthGateway.Core.Faults;
using AuthGateway.Storage;
using AuthGateway.Storage.Factors;
using AuthGateway.TestKit.Stores;
using Dapper;

namespace AuthGateway.Tests.Storage.Factors;

/// <summary>What every store of authenticator apps must do.</summary>
public abstract class TotpStoreContract
{
    private static readonly DateTimeOffset At = new(2026, 5, 1, 8, 0, 0, TimeSpan.Zero);

    protected abstract ITotpStore Store { get; }

    [Fact]
    public async Task Add_App_IsListedWhole()
    {
        var app = App("1", "ad:1") with { Algorithm = TotpAlgorithm.Sha512, Digits = 8, UsedAt = At.AddMinutes(1), LastStep = 59_000_000 };
        (await Store.AddAsync(app, 5, default)).ShouldBeTrue();

        var found = (await Store.ListAsync("ad:1", default)).ShouldHaveSingleItem();
        found.Seed.Bytes.SequenceEqual(app.Seed.Bytes).ShouldBeTrue();
        (found with { Seed = app.Seed }).ShouldBe(app);
        (await Store.ListAsync("ad:2", default)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Add_AtTheLimit_IsRefused()
    {
        (await Store.AddAsync(App("1", "ad:1"), 2, default)).ShouldBeTrue();
        (await Store.AddAsync(App("2", "ad:1") with { CreatedAt = At.AddDays(-1) }, 2, default)).ShouldBeTrue();

        (await Store.AddAsync(App("3", "ad:1"), 2, default)).ShouldBeFalse();
        (await Store.AddAsync(App("4", "ad:2"), 2, default)).ShouldBeTrue();
        (await Store.ListAsync("ad:1", default)).Select(app => app.Id).ShouldBe(["2", "1"]);
    }

    [Fact]
    public async Task Add_ManyAtOnce_KeepsTheLimit()
    {
        var added = await Task.WhenAll(Enumerable.Range(0, 32).Select(i => Task.Run(async () => await Store.AddAsync(App($"{i}", "ad:1"), 5, default))));

        added.Count(one => one).ShouldBe(5);
        (await Store.ListAsync("ad:1", default)).Count.ShouldBe(5);
    }

    [Fact]
    public async Task UseStep_SameOrEarlier_IsRefused()
    {
        await Store.AddAsync(App("1", "ad:1") with { LastStep = 100 }, 5, default);

        (await Store.UseStepAsync("1", 100, At, default)).ShouldBeFalse();
        (await Store.UseStepAsync("1", 99, At, default)).ShouldBeFalse();
        (await Store.UseStepAsync("1", 101, At, default)).ShouldBeTrue();
        (await Store.UseStepAsync("1", 101, At, default)).ShouldBeFalse();
        (await Store.UseStepAsync("unknown", 101, At, default)).ShouldBeFalse();
        var app = (await Store.ListAsync("ad:1", default)).ShouldHaveSingleItem();
        (app.LastStep, app.UsedAt).ShouldBe((101, At));
    }

    [Fact]
    public async Task UseStep_SixtyFourAtOnce_OneIsTaken()
    {
        await Store.AddAsync(App("1", "ad:1"), 5, default);

        var used = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => Task.Run(async () => await Store.UseStepAsync("1", 100, At, default))));

        used.Count(one => one).ShouldBe(1);
    }

    [Fact]
    public async Task Remove_OwnersOnly_RemovesOneOrAll()
    {
        await Store.AddAsync(App("1", "ad:1"), 5, default);
        await Store.AddAsync(App("2", "ad:1"), 5, default);
        await Store.AddAsync(App("3", "ad:1"), 5, default);
        await Store.AddAsync(App("4", "ad:2"), 5, default);

        (await Store.RemoveAsync("ad:2", "1", default)).ShouldBeFalse();
        (await Store.RemoveAsync("ad:1", "1", default)).ShouldBeTrue();
        (await Store.RemoveAsync("ad:1", "1", default)).ShouldBeFalse();
        (await Store.RemoveAllAsync("ad:1", default)).ShouldBe(2);
        (await Store.ListAsync("ad:1", default)).ShouldBeEmpty();
        (await Store.ListAsync("ad:2", default)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task FindOwners_LoginOrKeyInAnyCase_NamesEveryOwner()
    {
        await Store.AddAsync(App("1", "ad:1F"), 5, default);
        await Store.AddAsync(App("2", "ad:1F"), 5, default);
        await Store.AddAsync(App("3", "local:x"), 5, default);
        await Store.AddAsync(App("4", "local:y") with { Login = "Bob" }, 5, default);

        (await Store.FindOwnersAsync("ANNA", default)).ShouldBe(["ad:1F", "local:x"]);
        (await Store.FindOwnersAsync("AD:1f", default)).ShouldBe(["ad:1F"]);
        (await Store.FindOwnersAsync("bob", default)).ShouldBe(["local:y"]);
        (await Store.FindOwnersAsync("bo_", default)).ShouldBeEmpty();
    }

    protected static TotpCredential App(string id, string owner) => new()
    {
        Id = id,
        IdentityKey = owner,
        Login = "Anna",
        Label = "Phone Ä",
        Seed = TotpSeed.New(),
        Algorithm = TotpAlgorithm.Sha1,
        Digits = 6,
        CreatedAt = At,
        LastStep = 0,
    };
}

public sealed class InMemoryTotpStoreTests : TotpStoreContract
{
    protected override ITotpStore Store { get; } = new InMemoryTotpStore();
}

public sealed class SqliteTotpStoreTests : TotpStoreContract, IDisposable
{
    private readonly TemporaryDatabase _file = new();
    private readonly Database _database;

    public SqliteTotpStoreTests()
    {
        _database = _file.Open();
        var protector = _file.OpenKey(_database);
        Store = new SqliteTotpStore(_database, () => protector);
    }

    protected override ITotpStore Store { get; }

    public void Dispose() => _file.Dispose();

    [Fact]
    public async Task Add_Seed_IsNowhereInTheFiles()
    {
        var app = App("1", "ad:1");
        await Store.AddAsync(app, 5, default);

        foreach (var file in _file.Directory.GetFiles("authgateway.db*"))
        {
            await using var stream = new FileStream(file.FullName, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            var bytes = new byte[stream.Length];
            await stream.ReadExactlyAsync(bytes);
            bytes.AsSpan().IndexOf(app.Seed.Bytes).ShouldBe(-1, file.Name);
        }
    }

    [Theory]
    [InlineData("UPDATE totp_credential SET seed = (SELECT seed FROM totp_credential WHERE id = '2') WHERE id = '1'")]
    [InlineData("UPDATE totp_credential SET identity_key = 'ad:1' WHERE id = '2'")]
    [InlineData("UPDATE totp_credential SET seed = zeroblob(length(seed)) WHERE id = '1'")]
    [InlineData("UPDATE totp_credential SET seed = x'' WHERE id = '1'")]
    [InlineData("UPDATE totp_credential SET seed = x'01' WHERE id = '1'")]
    public async Task List_RowEditedByHand_FailsClosed(string edit)
    {
        await Store.AddAsync(App("1", "ad:1"), 5, default);
        await Store.AddAsync(App("2", "ad:2"), 5, default);
        await _database.WriteAsync(connection => connection.Execute(edit), default);

        (await Should.ThrowAsync<StoreUnavailableException>(async () => await Store.ListAsync("ad:1", default))).Message.ShouldContain("cannot be decrypted");
    }

    [Fact]
    public async Task RemoveAllAndFindOwners_WithoutAKey_Work()
    {
        await Store.AddAsync(App("1", "ad:1"), 5, default);
        var keyless = new SqliteTotpStore(_database, () => throw new InvalidOperationException("no key"));

        (await keyless.FindOwnersAsync("anna", default)).ShouldBe(["ad:1"]);
        (await keyless.RemoveAllAsync("ad:1", default)).ShouldBe(1);
    }
}
