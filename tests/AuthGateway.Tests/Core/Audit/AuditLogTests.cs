using AuthGateway.Core.Audit;
using AuthGateway.Core.Faults;
using AuthGateway.Core.Identities;
using AuthGateway.TestKit;
using AuthGateway.TestKit.Stores;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace AuthGateway.Tests.Core.Audit;

public sealed class AuditLogTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly InMemoryAuditStore _store = new();
    private readonly AuditLog _log;

    public AuditLogTests() => _log = CreateLog();

    [Fact]
    public async Task Record_Returned_IsInTheStore()
    {
        await _log.RecordAsync(Record(AuditEvents.Administration), default);

        _store.Records.ShouldHaveSingleItem().Event.ShouldBe(AuditEvents.Administration);
    }

    [Fact]
    public async Task Record_ManyWhileOneIsWritten_ShareATransaction()
    {
        var (hold, begun) = (new TaskCompletionSource(), new TaskCompletionSource());
        (_store.Hold, _store.Appending) = (hold.Task, () => begun.TrySetResult());
        var first = _log.RecordAsync(Record(AuditEvents.SignIn), default).AsTask();
        await begun.Task;
        var others = Enumerable.Range(0, 100).Select(_ => _log.RecordAsync(Record(AuditEvents.SignIn), default).AsTask()).ToList();
        first.IsCompleted.ShouldBeFalse();
        hold.SetResult();
        await Task.WhenAll([first, .. others]);

        _store.Batches.ShouldBe([1, 100]);
    }

    [Fact]
    public async Task Record_FromManyThreads_LosesNone()
    {
        await Task.WhenAll(Enumerable.Range(0, 2000).Select(_ => Task.Run(async () => await _log.RecordAsync(Record(AuditEvents.SignIn), default))));

        _store.Records.Count.ShouldBe(2000);
    }

    [Theory]
    [InlineData(AuditEvents.Administration)]
    [InlineData(AuditEvents.Lockout)]
    [InlineData(AuditEvents.SignIn)]
    public async Task Record_StoreDown_Throws(string kind)
    {
        _store.IsDown = true;

        await Should.ThrowAsync<StoreUnavailableException>(async () => await _log.RecordAsync(Record(kind), default));
        await Should.ThrowAsync<StoreUnavailableException>(async () => await _log.RecordFoldedAsync(Record(kind), default));
        _log.TryCountRepeat(AuditRepeatKey.Of(Record(kind))).ShouldBeFalse();
    }

    [Fact]
    public async Task Record_RefusalWhileStoreIsDown_RemainsARefusal()
    {
        _store.IsDown = true;

        await _log.RecordAsync(Record(AuditEvents.Refusal), default);
        await _log.RecordFoldedAsync(Record(AuditEvents.Refusal), default);
    }

    [Fact]
    public async Task Record_StoreStuck_FailsClosedInTime()
    {
        var (hold, begun) = (new TaskCompletionSource(), new TaskCompletionSource());
        (_store.Hold, _store.Appending) = (hold.Task, () => begun.TrySetResult());
        var signIn = _log.RecordAsync(Record(AuditEvents.SignIn), default).AsTask();
        var refusal = _log.RecordAsync(Record(AuditEvents.Refusal), default).AsTask();
        await begun.Task;

        _time.Advance(TimeSpan.FromSeconds(1));
        await refusal;
        _time.Advance(TimeSpan.FromSeconds(4));
        await Should.ThrowAsync<StoreUnavailableException>(signIn);
        hold.SetResult();
    }

    [Fact]
    public async Task Record_LongStrings_AreCut()
    {
        await _log.RecordAsync(Record(AuditEvents.SignIn) with { UserAgent = new string('a', 300), Path = new string('b', 255) + "😀" }, default);

        _store.Records[0].UserAgent!.Length.ShouldBe(256);
        _store.Records[0].Path.ShouldBe(new string('b', 255));
    }

    [Fact]
    public async Task RecordFolded_FirstRefusals_HaveARecordEachBeforeTheyAreCounted()
    {
        for (var i = 0; i < 10; i++)
        {
            await _log.RecordFoldedAsync(Record(AuditEvents.Refusal) with { RequestId = $"request-{i}" }, default);
        }

        _store.Records.Select(record => record.RequestId).ShouldBe(Enumerable.Range(0, 6).Select(i => $"request-{i}"));
        _time.Advance(TimeSpan.FromSeconds(61));
        await _log.FlushAsync(all: false, default);
        _store.Records[^1].Count.ShouldBe(4);
    }

    [Theory]
    [InlineData(AuditEvents.SignIn, 3600)]
    public async Task RecordFolded_EqualEvents_AreOneRecordAndACount(string kind, int seconds)
    {
        var tally = await _log.RecordFoldedAsync(Record(kind), default);
        for (var i = 0; i < 3; i++)
        {
            (await _log.RecordFoldedAsync(Record(kind) with { Path = $"/{i}" }, default)).ShouldBeSameAs(tally);
            tally.TryCount().ShouldBeTrue();
            _log.TryCountRepeat(AuditRepeatKey.Of(Record(kind))).ShouldBeTrue();
        }

        _time.Advance(TimeSpan.FromSeconds(seconds - 1));
        await _log.FlushAsync(all: false, default);
        _store.Records.Count.ShouldBe(1);

        _time.Advance(TimeSpan.FromSeconds(2));
        await _log.FlushAsync(all: false, default);
        _store.Records.Select(record => record.Count).ShouldBe([1, 9]);
        _store.Records[1].Path.ShouldBeNull();
        _store.Records[1].At.ShouldBe(DateTimeOffset.FromUnixTimeMilliseconds(_time.GetUtcNow().ToUnixTimeMilliseconds()));
        tally.TryCount().ShouldBeFalse();
        (await _log.RecordFoldedAsync(Record(kind), default)).ShouldNotBeSameAs(tally);
        _store.Records.Count.ShouldBe(3);
    }

    [Fact]
    public async Task RecordFolded_NoRepeats_LeaveNoSecondRecord()
    {
        await _log.RecordFoldedAsync(Record(AuditEvents.Refusal), default);
        await _log.FlushAsync(all: true, default);

        _store.Records.Count.ShouldBe(1);
    }

    [Fact]
    public async Task RecordFolded_OtherAddressOrReason_IsAnotherEvent()
    {
        await _log.RecordFoldedAsync(Record(AuditEvents.Refusal), default);
        await _log.RecordFoldedAsync(Record(AuditEvents.Refusal) with { Address = "192.0.2.9" }, default);
        await _log.RecordFoldedAsync(Record(AuditEvents.Refusal) with { Reason = "no-rule" }, default);

        _store.Records.Count.ShouldBe(3);
    }

    [Fact]
    public async Task RecordFolded_MoreKeysThanTheTableHolds_ShareOneRecord()
    {
        var log = CreateLog(maxTallies: 2);
        for (var i = 0; i < 10; i++)
        {
            await log.RecordFoldedAsync(Record(AuditEvents.Refusal) with { Address = $"192.0.2.{i}" }, default);
        }

        await log.FlushAsync(all: true, default);
        _store.Records.Select(record => (record.Address, record.Count)).ShouldBe([("192.0.2.0", 1), ("192.0.2.1", 1), (null, 1), (null, 7)]);
    }

    [Fact]
    public async Task RecordFolded_CountedWhileWindowsEnd_LosesNone()
    {
        const int Events = 4000;
        var counting = Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < Events / 4; i++)
            {
                await _log.RecordFoldedAsync(Record(AuditEvents.Refusal), default);
            }
        })));
        while (!counting.IsCompleted)
        {
            await _log.FlushAsync(all: true, default);
        }

        await counting;
        await _log.FlushAsync(all: true, default);
        _store.Records.Sum(record => record.Count).ShouldBe(Events);
    }

    [Fact]
    public async Task TryCount_WarmPath_AllocatesNothing()
    {
        var tally = await _log.RecordFoldedAsync(Record(AuditEvents.SignIn), default);
        var key = AuditRepeatKey.Of(Record(AuditEvents.SignIn));
        _log.TryCountRepeat(key);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            tally.TryCount();
            _log.TryCountRepeat(key);
        }

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
    }

    [Fact]
    public async Task Worker_Stopped_WritesTheCounts()
    {
        var services = new ServiceCollection().AddLogging().AddSingleton<TimeProvider>(_time).AddSingleton<IAuditStore>(_store).AddAudit(_ => () => TimeSpan.FromDays(1));
        await using var provider = services.BuildServiceProvider();
        var worker = provider.GetServices<IHostedService>().ShouldHaveSingleItem();
        var log = provider.GetRequiredService<AuditLog>();
        await worker.StartAsync(default);
        (await log.RecordFoldedAsync(Record(AuditEvents.SignIn), default)).TryCount();

        await worker.StopAsync(default);
        _store.Records.Count.ShouldBe(2);
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData(23, true)]
    [InlineData(25, false)]
    public async Task Record_Contact_IsKeptShortAndNotOutdated(int? ageHours, bool isKept)
    {
        var log = new AuditLog(_store, _time, NullLogger<AuditLog>.Instance) { ContactMaxAge = () => TimeSpan.FromDays(1) };
        DateTimeOffset? asOf = ageHours is { } hours ? _time.GetUtcNow().AddHours(-hours) : null;

        await log.RecordAsync(Record(AuditEvents.SignIn) with { Contact = new AuditContact(new string('n', 500), "anna@example.org", null) { AsOf = asOf } }, default);

        _store.Records.ShouldHaveSingleItem().Contact.ShouldBe(isKept ? new AuditContact(new string('n', 256), "anna@example.org", null) : null);
    }

    [Fact]
    public void ContactOf_NobodyOrNothingSaid_IsNull()
    {
        AuditContact.Of(null).ShouldBeNull();
        AuditContact.Of(new UserIdentity("ad", "7", "anna", null, null, [], [])).ShouldBeNull();
        AuditContact.Of(new UserIdentity("ad", "7", "anna", null, null, [], []) { Phone = "1" }).ShouldBe(new AuditContact(null, null, "1"));
    }

    private AuditLog CreateLog(int maxTallies = 50_000) => new(_store, _time, NullLogger<AuditLog>.Instance) { MaxTallies = maxTallies };

    private AuditRecord Record(string kind) => new()
    {
        At = _time.GetUtcNow(),
        Event = kind,
        Reason = "wrong-password",
        Verdict = "deny",
        TypedName = "anna",
        Address = "192.0.2.1",
        Service = "activesync",
        Path = "/x",
    };
}
