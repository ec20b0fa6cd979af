using AuthGateway.Core.Factors.RecoveryCodes;
using AuthGateway.Storage.Factors;
using AuthGateway.TestKit.Stores;

namespace AuthGateway.Tests.Storage.Factors;

/// <summary>What every store of recovery codes must do.</summary>
public abstract class RecoveryCodeStoreContract
{
    private static readonly DateTimeOffset At = new(2026, 5, 1, 8, 0, 0, TimeSpan.Zero);
    private static readonly RecoveryCodeHash[] Set = [new("AA", "hash a"), new("BB", "hash b")];

    protected abstract IRecoveryCodeStore Store { get; }

    [Fact]
    public async Task Find_ByIndex_FindsTheUsersOwn()
    {
        await Store.ReplaceAsync("ad:1", Set, At, default);

        (await Store.FindAsync("ad:1", "BB", default)).ShouldBe(Set[1]);
        (await Store.FindAsync("ad:1", "CC", default)).ShouldBeNull();
        (await Store.FindAsync("ad:2", "BB", default)).ShouldBeNull();
        (await Store.CountAsync("ad:1", default)).ShouldBe(2);
        (await Store.CountAsync("ad:2", default)).ShouldBe(0);
    }

    [Fact]
    public async Task Use_Twice_IsRefusedTheSecondTime()
    {
        await Store.ReplaceAsync("ad:1", Set, At, default);

        (await Store.UseAsync("ad:2", Set[0], At, default)).ShouldBeFalse();
        (await Store.UseAsync("ad:1", Set[0], At, default)).ShouldBeTrue();
        (await Store.UseAsync("ad:1", Set[0], At, default)).ShouldBeFalse();
        (await Store.FindAsync("ad:1", "AA", default)).ShouldBeNull();
        (await Store.CountAsync("ad:1", default)).ShouldBe(1);
    }

    [Fact]
    public async Task Use_SixtyFourAtOnce_OneIsTaken()
    {
        await Store.ReplaceAsync("ad:1", Set, At, default);

        var used = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => Task.Run(async () => await Store.UseAsync("ad:1", Set[0], At, default))));

        used.Count(one => one).ShouldBe(1);
    }

    [Fact]
    public async Task Replace_NewSet_VoidsTheOld()
    {
        await Store.ReplaceAsync("ad:1", Set, At, default);
        await Store.UseAsync("ad:1", Set[0], At, default);
        await Store.ReplaceAsync("ad:1", [new("AA", "hash c"), new("DD", "hash d"), new("EE", "hash e")], At, default);

        (await Store.UseAsync("ad:1", Set[0], At, default)).ShouldBeFalse();
        (await Store.UseAsync("ad:1", Set[1], At, default)).ShouldBeFalse();
        (await Store.FindAsync("ad:1", "AA", default)).ShouldBe(new RecoveryCodeHash("AA", "hash c"));
        (await Store.CountAsync("ad:1", default)).ShouldBe(3);
    }

    [Fact]
    public async Task Replace_EmptySet_RemovesIt()
    {
        await Store.ReplaceAsync("ad:1", Set, At, default);
        await Store.ReplaceAsync("ad:1", [], At, default);

        (await Store.CountAsync("ad:1", default)).ShouldBe(0);
    }
}

public sealed class InMemoryRecoveryCodeStoreTests : RecoveryCodeStoreContract
{
    protected override IRecoveryCodeStore Store { get; } = new InMemoryRecoveryCodeStore();
}

public sealed class SqliteRecoveryCodeStoreTests : RecoveryCodeStoreContract, IDisposable
{
    private readonly TemporaryDatabase _file = new();

    public SqliteRecoveryCodeStoreTests() => Store = new SqliteRecoveryCodeStore(_file.Open());

    protected override IRecoveryCodeStore Store { get; }

    public void Dispose() => _file.Dispose();
}
