using AuthGateway.Core.Audit;
using AuthGateway.Storage.Audit;
using AuthGateway.TestKit.Stores;

namespace AuthGateway.Tests.Storage.Audit;

/// <summary>What every audit store must do.</summary>
public abstract class AuditStoreContract
{
    private static readonly DateTimeOffset Day = new(2026, 5, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly AuditRecord Full = new()
    {
        At = Day,
        Event = AuditEvents.Refusal,
        Reason = "wrong-password",
        Verdict = "deny",
        RequestId = "r1",
        TypedName = "Ännä\r\n\u202Ex",
        Identity = "LDAP:9a",
        Contact = new AuditContact("Änna \u202E'Ames", "Änna@Example.ORG", "+49 30 1234"),
        ActedBy = new AuditActor("LDAP:7c", "Cärol"),
        Address = "192.0.2.1",
        Host = "mail.example.org",
        Service = "activesync",
        Policy = "rule 1 → phones",
        Method = "POST",
        Path = "/Microsoft-Server-ActiveSync",
        Command = "Sync",
        DeviceId = "DEV1",
        Certificate = "ABCDEF",
        CertificateOwner = "anna",
        Factors = "password, device",
        UserAgent = "'; DROP TABLE audit_record; --",
        Detail = "why",
        Count = 3,
    };

    protected abstract IAuditStore Store { get; }

    [Fact]
    public async Task Search_WhatWasAppended_ComesBackUnchanged()
    {
        await Store.AppendAsync([Full], default);

        (await Store.SearchAsync(new AuditQuery(), default)).ShouldHaveSingleItem().ShouldBe(Full with { Id = 1 });
    }

    [Fact]
    public async Task Search_EachField_FindsItsOwn()
    {
        var other = new AuditRecord { At = Day.AddDays(1), Event = AuditEvents.SignIn, Reason = "allowed", Verdict = "allow" };
        await Store.AppendAsync([Full, other], default);

        AuditQuery[] queries =
        [
            new() { User = "äNNÄ\r\n\u202EX" }, new() { User = "ldap:9A" }, new() { User = "ldap:7C" }, new() { User = "CÄROL" }, new() { User = "äNNA@example.org" }, new() { Address = "192.0.2.1" }, new() { Reason = "wrong-password" },
            new() { Event = "refusal" }, new() { Service = "activesync" }, new() { RequestId = "r1" }, new() { Device = "dev1" }, new() { Device = "abcdef" },
        ];
        foreach (var query in queries)
        {
            (await Store.SearchAsync(query, default)).ShouldHaveSingleItem(query.ToString()).RequestId.ShouldBe("r1");
        }

        (await Store.SearchAsync(new AuditQuery { Since = Day.AddHours(1) }, default)).ShouldHaveSingleItem().Event.ShouldBe("sign-in");
        (await Store.SearchAsync(new AuditQuery { User = "' OR 1=1 --" }, default)).ShouldBeEmpty();

        // Whatever somebody writes into her own entry, she is not found under another's login.
        await Store.AppendAsync([Full with { RequestId = "r2", Contact = new AuditContact("alice", "alice", "alice") }], default);
        (await Store.SearchAsync(new AuditQuery { User = "alice" }, default)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Search_ActorNobodyKnows_ComesBackUnchanged()
    {
        var record = Full with { Id = 1, Identity = null, ActedBy = new AuditActor(null, "nobody") };
        await Store.AppendAsync([record], default);

        (await Store.SearchAsync(new AuditQuery { User = "nobody" }, default)).ShouldHaveSingleItem().ShouldBe(record);
    }

    [Fact]
    public async Task Search_Many_NewestFirstUpToTheLimit()
    {
        await Store.AppendAsync([.. Enumerable.Range(1, 10).Select(i => Full with { Detail = $"{i}" })], default);

        (await Store.SearchAsync(new AuditQuery { Limit = 3 }, default)).Select(record => record.Detail).ShouldBe(["10", "9", "8"]);
    }

    [Fact]
    public async Task Prune_OldRecords_SaysHowMany()
    {
        await Store.AppendAsync([Full, Full with { At = Day.AddDays(1) }, Full with { At = Day.AddDays(2) }], default);

        (await Store.PruneAsync(Day.AddDays(1), default)).ShouldBe(1);
        (await Store.SearchAsync(new AuditQuery(), default)).Count.ShouldBe(2);
    }
}

public sealed class InMemoryAuditStoreTests : AuditStoreContract
{
    protected override IAuditStore Store { get; } = new InMemoryAuditStore();
}

public sealed class SqliteAuditStoreTests : AuditStoreContract, IDisposable
{
    private readonly TemporaryDatabase _file = new();

    public SqliteAuditStoreTests() => Store = new SqliteAuditStore(_file.Open());

    protected override IAuditStore Store { get; }

    public void Dispose() => _file.Dispose();
}
