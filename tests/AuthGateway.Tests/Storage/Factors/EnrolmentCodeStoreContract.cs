using AuthGateway.Core.Factors.Enrolment;
using AuthGateway.Storage.Factors;
using AuthGateway.TestKit.Stores;

namespace AuthGateway.Tests.Storage.Factors;

/// <summary>What every store of enrolment codes must do.</summary>
public abstract class EnrolmentCodeStoreContract
{
    private static readonly DateTimeOffset At = new(2026, 5, 1, 8, 0, 0, TimeSpan.Zero);
    private static readonly byte[] Hash = [1, 2, 3];

    protected abstract IEnrolmentCodeStore Store { get; }

    [Fact]
    public async Task Exists_OneOfTheNames_LeavesTheCodeThere()
    {
        await Store.PutAsync("anna", Hash, At.AddMinutes(30), default);

        (await Store.ExistsAsync(["anna@example.org", "anna"], Hash, At, default)).ShouldBeTrue();
        (await Store.ExistsAsync(["anna"], Hash, At, default)).ShouldBeTrue();
        (await Store.ExistsAsync(["bob"], Hash, At, default)).ShouldBeFalse();
        (await Store.ExistsAsync([], Hash, At, default)).ShouldBeFalse();
        (await Store.ExistsAsync(["anna"], [1, 2, 4], At, default)).ShouldBeFalse();
    }

    [Fact]
    public async Task Use_Twice_IsRefusedTheSecondTime()
    {
        await Store.PutAsync("anna", Hash, At.AddMinutes(30), default);

        (await Store.UseAsync(["bob"], Hash, At, default)).ShouldBeFalse();
        (await Store.UseAsync(["anna"], [9], At, default)).ShouldBeFalse();
        (await Store.UseAsync(["anna@example.org", "anna"], Hash, At, default)).ShouldBeTrue();
        (await Store.UseAsync(["anna"], Hash, At, default)).ShouldBeFalse();
        (await Store.ExistsAsync(["anna"], Hash, At, default)).ShouldBeFalse();
    }

    [Fact]
    public async Task Use_SixtyFourAtOnce_OneIsTaken()
    {
        await Store.PutAsync("anna", Hash, At.AddMinutes(30), default);

        var used = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => Task.Run(async () => await Store.UseAsync(["anna"], Hash, At, default))));

        used.Count(one => one).ShouldBe(1);
    }

    [Fact]
    public async Task Use_AtItsEnd_IsRefused()
    {
        await Store.PutAsync("anna", Hash, At.AddMinutes(30), default);

        (await Store.ExistsAsync(["anna"], Hash, At.AddMinutes(30), default)).ShouldBeFalse();
        (await Store.UseAsync(["anna"], Hash, At.AddMinutes(30), default)).ShouldBeFalse();
        (await Store.UseAsync(["anna"], Hash, At.AddMinutes(30).AddMilliseconds(-1), default)).ShouldBeTrue();
    }

    [Fact]
    public async Task Put_Again_VoidsTheOneBefore()
    {
        await Store.PutAsync("anna", Hash, At.AddMinutes(30), default);
        await Store.PutAsync("anna", [4, 5], At.AddMinutes(30), default);

        (await Store.UseAsync(["anna"], Hash, At, default)).ShouldBeFalse();
        (await Store.UseAsync(["anna"], [4, 5], At, default)).ShouldBeTrue();
    }
}

public sealed class InMemoryEnrolmentCodeStoreTests : EnrolmentCodeStoreContract
{
    protected override IEnrolmentCodeStore Store { get; } = new InMemoryEnrolmentCodeStore();
}

public sealed class SqliteEnrolmentCodeStoreTests : EnrolmentCodeStoreContract, IDisposable
{
    private readonly TemporaryDatabase _file = new();

    public SqliteEnrolmentCodeStoreTests() => Store = new SqliteEnrolmentCodeStore(_file.Open());

    protected override IEnrolmentCodeStore Store { get; }

    public void Dispose() => _file.Dispose();
}
