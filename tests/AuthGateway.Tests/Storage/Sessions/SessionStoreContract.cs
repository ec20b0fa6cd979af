using System.Collections.Frozen;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Policies;
using AuthGateway.Core.Sessions;
using AuthGateway.Storage;
using AuthGateway.Storage.Sessions;
using AuthGateway.TestKit.Stores;
using Dapper;

namespace AuthGateway.Tests.Storage.Sessions;

/// <summary>What every store of sessions must do.</summary>
public abstract class SessionStoreContract
{
    private static readonly DateTimeOffset At = new(2026, 5, 1, 8, 0, 0, 123, TimeSpan.Zero);

    protected abstract ISessionStore Store { get; }

    [Fact]
    public async Task Add_Session_IsListedWhole()
    {
        var session = Session("s1") with { SealedPassword = [1, 2, 3], IsPending = true };
        await Store.AddAsync(session, default);

        ShouldBeSame((await Store.ListAsync(default)).ShouldHaveSingleItem(), session);
    }

    [Fact]
    public async Task Add_IdentityWithNothingOptional_IsListedWhole()
    {
        var session = Session("s1") with { User = new UserIdentity("local", "7", "bob", null, null, [], []) };
        await Store.AddAsync(session, default);

        ShouldBeSame((await Store.ListAsync(default)).ShouldHaveSingleItem(), session);
    }

    [Fact]
    public async Task Add_IdentityWithRolesAndAge_IsListedWhole()
    {
        var user = new UserIdentity("ad", "7", "bob", null, null, [], [])
        {
            Phone = "+49 30 1", Roles = new[] { "Editor", "Ärztin" }.ToFrozenSet(StringComparer.OrdinalIgnoreCase), UsageContexts = new[] { "webmail" }.ToFrozenSet(StringComparer.OrdinalIgnoreCase), AsOf = At,
        };
        await Store.AddAsync(Session("s1") with { User = user }, default);
        await Store.AddAsync(Session("s2") with { User = new UserIdentity("ad", "8", "carol", null, null, [], []) { UsageContexts = [] } }, default);

        var kept = await Store.ListAsync(default);
        var (first, second) = (kept.Single(session => session.Id == "s1").User, kept.Single(session => session.Id == "s2").User);
        (first.Phone, first.AsOf, second.AsOf).ShouldBe(("+49 30 1", At, null));
        (first.Roles.Contains("editor"), first.Roles.Contains("ärztin"), second.Roles.Count).ShouldBe((true, true, 0));
        (first.UsageContexts!.Contains("WEBMAIL"), second.UsageContexts!.Count).ShouldBe((true, 0), "limited to nothing is not unlimited");
    }

    [Fact]
    public async Task Replace_ActingForAnother_IsKeptAndTakenBack()
    {
        var session = Session("s1");
        await Store.AddAsync(session, default);
        var target = new UserIdentity("ad", "7", "bob", "bob@example.org", null, ["Mail"], []) { AsOf = At };
        var acting = session with { Key = SessionToken.New().Key, ActsFor = target };

        (await Store.ReplaceAsync(session.Key, acting, default)).ShouldBeTrue();
        var kept = (await Store.ListAsync(default)).ShouldHaveSingleItem();
        (kept.User.Key, kept.ActsFor!.Key, kept.ActsFor.Login, kept.ActsFor.AsOf).ShouldBe((session.User.Key, target.Key, "bob", At));
        kept.ActsFor.SaysTheSameAs(target).ShouldBeTrue();

        (await Store.ReplaceAsync(acting.Key, session, default)).ShouldBeTrue();
        ShouldBeSame((await Store.ListAsync(default)).ShouldHaveSingleItem(), session);
    }

    [Fact]
    public async Task Replace_UnderTheOldKey_TakesTheNewRecord()
    {
        var session = Session("s1");
        await Store.AddAsync(session, default);
        var next = session with { Key = SessionToken.New().Key, Proven = FactorSet.Password | FactorSet.Totp, ProvenAt = At.AddMinutes(2), SealedPassword = [9] };

        (await Store.ReplaceAsync(session.Key, next, default)).ShouldBeTrue();

        ShouldBeSame((await Store.ListAsync(default)).ShouldHaveSingleItem(), next);
    }

    [Fact]
    public async Task Replace_RevokedOrReplacedMeanwhile_IsRefused()
    {
        var session = Session("s1");
        await Store.AddAsync(session, default);
        (await Store.ReplaceAsync(SessionToken.New().Key, session with { Key = SessionToken.New().Key }, default)).ShouldBeFalse();
        ShouldBeSame((await Store.ListAsync(default)).ShouldHaveSingleItem(), session);

        await Store.RemoveAsync(["s1"], default);
        (await Store.ReplaceAsync(session.Key, session with { Key = SessionToken.New().Key }, default)).ShouldBeFalse();
        (await Store.ListAsync(default)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Replace_SixtyFourAtOnce_OneWins()
    {
        var session = Session("s1");
        await Store.AddAsync(session, default);

        var won = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => Task.Run(
            async () => await Store.ReplaceAsync(session.Key, session with { Key = SessionToken.New().Key }, default))));

        won.Count(one => one).ShouldBe(1);
    }

    [Fact]
    public async Task Remove_Some_SaysHowManyThereWere()
    {
        await Store.AddAsync(Session("s1"), default);
        await Store.AddAsync(Session("s2"), default);
        await Store.AddAsync(Session("s3"), default);

        (await Store.RemoveAsync(["s1", "s3", "unknown"], default)).ShouldBe(2);
        (await Store.RemoveAsync([], default)).ShouldBe(0);
        (await Store.ListAsync(default)).Select(session => session.Id).ShouldBe(["s2"]);
    }

    [Fact]
    public async Task Touch_Known_WritesTheUseAndNothingElse()
    {
        var session = Session("s1");
        await Store.AddAsync(session, default);

        await Store.TouchAsync([("s1", At.AddMinutes(5)), ("unknown", At)], default);

        ShouldBeSame((await Store.ListAsync(default)).ShouldHaveSingleItem(), session with { SeenAt = At.AddMinutes(5) });
    }

    protected static SessionRecord Session(string id) => new()
    {
        Id = id,
        Key = SessionToken.New().Key,
        Host = "mail.example.com",
        User = new UserIdentity("ad", "0a-1", "Anna", "Anna@Example.org", "Anna Ä \"quoted\"", ["Mail", "CN=Staff,DC=example"], ["anna@corp.example.org"]),
        Proven = FactorSet.Password,
        IsPending = false,
        CreatedAt = At,
        ProvenAt = At.AddSeconds(1),
        SeenAt = At.AddSeconds(2),
        EndsAt = At.AddHours(12),
        Address = "2001:db8::1",
        UserAgent = "Mozilla/5.0 Ünicode",
    };

    private static void ShouldBeSame(SessionRecord actual, SessionRecord expected)
    {
        (actual.User.Key, actual.User.Login, actual.User.Mail, actual.User.DisplayName).ShouldBe((expected.User.Key, expected.User.Login, expected.User.Mail, expected.User.DisplayName));
        actual.User.Groups.ShouldBe(expected.User.Groups, ignoreOrder: true);
        actual.User.Aliases.ShouldBe(expected.User.Aliases, ignoreOrder: true);
        actual.SealedPassword.ShouldBe(expected.SealedPassword);
        (actual with { User = expected.User, SealedPassword = expected.SealedPassword }).ShouldBe(expected);
    }
}

public sealed class InMemorySessionStoreTests : SessionStoreContract
{
    protected override ISessionStore Store { get; } = new InMemorySessionStore();
}

public sealed class SqliteSessionStoreTests : SessionStoreContract, IDisposable
{
    private readonly TemporaryDatabase _file = new();
    private readonly Database _database;

    public SqliteSessionStoreTests()
    {
        _database = _file.Open();
        Store = new SqliteSessionStore(_database);
    }

    protected override ISessionStore Store { get; }

    public void Dispose() => _file.Dispose();

    [Fact]
    public async Task List_IdentityOfTheReleaseBefore_HasNoRolesAndIsOfUnknownAge()
    {
        await Store.AddAsync(Session("s1"), default);
        const string Before = """{"Version":1,"Backend":"ad","ObjectId":"1","Login":"anna","Mail":"a@example.org","DisplayName":"Anna","Groups":["Mail"],"Aliases":["a2"]}""";
        await _database.WriteAsync(connection => connection.Execute("UPDATE session SET identity = @Before", new { Before }), default);

        var user = (await Store.ListAsync(default)).ShouldHaveSingleItem().User;
        (user.Key, user.Mail, user.DisplayName, user.Groups.Single(), user.Roles.Count, user.UsageContexts, user.AsOf).ShouldBe(("ad:1", "a@example.org", "Anna", "Mail", 0, null, null));
    }

    [Theory]
    [InlineData("no json")]
    [InlineData("null")]
    [InlineData("""{"Version":3,"Backend":"ad","ObjectId":"1","Login":"anna","Groups":[],"Aliases":[]}""")]
    [InlineData("""{"Version":1,"Backend":"ad","ObjectId":"","Login":"anna","Groups":[],"Aliases":[]}""")]
    [InlineData("""{"Version":1,"Backend":"ad","ObjectId":"1","Login":"anna"}""")]
    public async Task List_IdentityOfAnotherRelease_LeavesTheSessionOut(string identity)
    {
        await Store.AddAsync(Session("s1"), default);
        await Store.AddAsync(Session("s2"), default);
        await _database.WriteAsync(connection => connection.Execute("UPDATE session SET identity = @identity WHERE id = 's1'", new { identity }), default);

        (await Store.ListAsync(default)).ShouldHaveSingleItem().Id.ShouldBe("s2");
    }
}
