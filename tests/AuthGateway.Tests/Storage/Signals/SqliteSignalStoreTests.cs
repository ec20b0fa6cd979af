using AuthGateway.Storage.Signals;
using AuthGateway.TestKit.Stores;

namespace AuthGateway.Tests.Storage.Signals;

public sealed class SqliteSignalStoreTests
{
    [Fact]
    public async Task Raise_InAnotherProcess_IsReadHere()
    {
        using var file = new TemporaryDatabase();
        var here = new SqliteSignalStore(file.Open());
        var there = new SqliteSignalStore(file.Open());

        (await here.ReadAsync("accounts-changed", default)).ShouldBe(0);
        await there.RaiseAsync("accounts-changed", default);
        await there.RaiseAsync("accounts-changed", default);
        (await here.ReadAsync("accounts-changed", default)).ShouldBe(2);
        (await here.ReadAsync("lockouts-changed", default)).ShouldBe(0);
    }
}
