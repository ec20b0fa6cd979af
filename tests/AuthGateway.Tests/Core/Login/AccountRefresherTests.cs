using System.Collections.Frozen;
using System.Net;
using AuthGateway.Core.Audit;
using AuthGateway.Core.Backends;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Lockout;
using AuthGateway.Core.Login;
using AuthGateway.Core.Login.ActFor;
using AuthGateway.Core.Networks;
using AuthGateway.Core.Policies;
using AuthGateway.Core.Sessions;
using AuthGateway.TestKit;
using AuthGateway.TestKit.Gateway;
using AuthGateway.TestKit.Stores;
using AuthGateway.Tests.Core.Backends;
using Microsoft.Extensions.Logging.Abstractions;

namespace AuthGateway.Tests.Core.Login;

public sealed class AccountRefresherTests
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMinutes(5);

    private readonly ManualTimeProvider _clock = new();
    private readonly InMemorySessionStore _store = new();
    private readonly InMemoryAuditStore _audit = new();
    private readonly PeopleBackend _directory = new("ad");
    private readonly LiveSessions _sessions;
    private readonly LoginFlow _login;
    private readonly AccountRefresher _refresher;
    private BackendChain _chain;

    public AccountRefresherTests()
    {
        _sessions = new LiveSessions(_store, _clock, NullLogger<LiveSessions>.Instance);
        _login = new LoginFlow(new LockoutGuard(new InMemoryLockoutStore(), _clock, NullLogger<LockoutGuard>.Instance), _clock, NullLogger<LoginFlow>.Instance);
        _refresher = new AccountRefresher(_sessions, _login, new AuditLog(_audit, _clock, NullLogger<AuditLog>.Instance), _clock, NullLogger<AccountRefresher>.Instance);
        _chain = new BackendChain([new ChainLink(_directory)]);
    }

    public static TheoryData<string, string> Ends => new()
    {
        { "disabled", "disabled" },
        { "locked", "locked" },
        { "deleted", "deleted, or no longer among those the backend serves" },
        { "unconfigured", "the backend is no longer configured" },
    };

    [Theory]
    [MemberData(nameof(Ends))]
    public async Task Round_AccountEnded_EndsSessionsAndForgetsTheCredentialWithinTheInterval(string how, string why)
    {
        var alice = _directory.Add("alice", "pw");
        var bob = _directory.Add("bob", "pw");
        var (hers, his) = (await BeginAsync(alice), await BeginAsync(bob));
        (await ProveAsync("alice", "pw")).ShouldBeOfType<LoginResult.Proven>().FromCache.ShouldBeFalse();
        (await ProveAsync("alice", "pw")).ShouldBeOfType<LoginResult.Proven>().FromCache.ShouldBeTrue();
        switch (how)
        {
            case "deleted":
                _directory.People.Remove("alice", out _);
                break;
            case "unconfigured":
                _chain = new BackendChain([new ChainLink(new PeopleBackend("other"))]);
                break;
            default:
                alice.State = how;
                break;
        }

        await PassAsync(s_interval, TimeSpan.FromSeconds(5));

        hers.Session.Ended.IsCancellationRequested.ShouldBeTrue();
        Find(hers).ShouldBeNull();
        (await _store.ListAsync(default)).Select(session => session.User.Login).ShouldBe(how == "unconfigured" ? [] : ["bob"]);
        (Find(his) is null).ShouldBe(how == "unconfigured");
        _login.CachedUsers().ShouldBeEmpty();
        var record = _audit.Records.Single(record => record.TypedName == "alice");
        (record.Event, record.Reason, record.Verdict, record.Identity).ShouldBe((AuditEvents.Session, "account-ended", "done", "ad:id-alice"));
        record.Detail.ShouldBe($"{why}; 1 session ended, cached credentials forgotten");
    }

    /// <summary>What becomes of carol, who acts for alice, and what becomes of alice.</summary>
    [Theory]
    [InlineData("nothing", true)]
    [InlineData("actor disabled", false)]
    [InlineData("actor deleted", false)]
    [InlineData("actor out of the group", false)]
    [InlineData("target disabled", false)]
    [InlineData("target deleted", false)]
    [InlineData("target in the group", false)]
    [InlineData("target moved", false)]
    [InlineData("right withdrawn", false)]
    public async Task Round_SomebodyActsForAnother_EndsWithTheRightOrEitherAccount(string change, bool lives)
    {
        var (carol, alice) = (_directory.Add("carol", "pw", "postmasters"), _directory.Add("alice", "pw"));
        var own = await BeginAsync(carol);
        var acting = (await _sessions.ActForAsync(own.Session, own.Token, alice.Identity, own.Session.Record.EndsAt, default)).ShouldNotBeNull();
        var grants = change == "right withdrawn" ? ActForTable.Off : Postmasters();
        var person = change.StartsWith("actor", StringComparison.Ordinal) ? carol : alice;
        switch (change.Split(' ')[^1])
        {
            case "disabled":
                person.State = AccountStates.Disabled;
                break;
            case "deleted":
                _directory.People.Remove(person.Identity.Login, out _);
                break;
            case "group":
                person.Identity = new UserIdentity("ad", person.Identity.ObjectId, person.Identity.Login, person.Identity.Mail, null, change.StartsWith("actor", StringComparison.Ordinal) ? [] : ["postmasters"], []);
                break;
            case "moved":
                person.Identity = new UserIdentity("ad", person.Identity.ObjectId, person.Identity.Login, "alice@board.example", null, [], []);
                break;
            default:
                break;
        }

        for (var passed = TimeSpan.Zero; passed <= s_interval; passed += TimeSpan.FromSeconds(5))
        {
            await _refresher.RoundAsync(new(_chain, s_interval) { ActFor = grants }, default);
            _clock.Advance(TimeSpan.FromSeconds(5));
        }

        acting.Session.Ended.IsCancellationRequested.ShouldBe(!lives);
        (Find(acting) is not null).ShouldBe(lives);
        (await _store.ListAsync(default)).Count.ShouldBe(lives ? 1 : 0);
        _audit.Records.Count(record => record.Event == AuditEvents.Session).ShouldBe(lives ? 0 : 1);
    }

    [Fact]
    public async Task Round_OnlyACachedCredential_IsForgottenToo()
    {
        var alice = _directory.Add("alice", "pw");
        await ProveAsync("alice", "pw");
        alice.State = AccountStates.Disabled;

        await PassAsync(TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(20));

        _login.CachedUsers().ShouldBeEmpty();
        _audit.Records.ShouldHaveSingleItem().Detail.ShouldBe("disabled; 0 sessions ended, cached credentials forgotten");
    }

    [Fact]
    public async Task Round_GroupsAndRolesChanged_AreInForceWithoutANewSignIn()
    {
        var alice = _directory.Add("alice", "pw", "mobile");
        var opened = await BeginAsync(alice);
        await ProveAsync("alice", "pw");
        var seen = opened.Session.SeenAt;
        alice.Identity = new UserIdentity("ad", "id-alice", "alice", "new@example.com", "Alice B.", ["office"], []) { Roles = new[] { "Editor" }.ToFrozenSet(StringComparer.OrdinalIgnoreCase) };

        await PassAsync(s_interval, TimeSpan.FromSeconds(5));

        var session = Find(opened).ShouldNotBeNull();
        session.ShouldBeSameAs(opened.Session);
        (session.User.Groups.Single(), session.User.Roles.Single(), session.User.Mail).ShouldBe(("office", "Editor", "new@example.com"));
        session.User.AsOf.ShouldNotBeNull().ShouldBeGreaterThan(_clock.GetUtcNow() - s_interval);
        session.Ended.IsCancellationRequested.ShouldBeFalse();
        var kept = (await _store.ListAsync(default)).ShouldHaveSingleItem();
        (kept.User.Groups.Single(), kept.SeenAt).ShouldBe(("office", seen));
        _login.CachedUsers().ShouldBeEmpty("proven for another identity");
        _audit.Records.ShouldBeEmpty();
    }

    [Fact]
    public async Task Round_NothingChanged_KeepsEverythingAndWritesNothing()
    {
        var alice = _directory.Add("alice", "pw", "mobile");
        var opened = await BeginAsync(alice);
        await ProveAsync("alice", "pw");
        _store.IsDown = true;

        await PassAsync(TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(60));

        _directory.Refreshed.ShouldNotBeEmpty();
        Find(opened).ShouldNotBeNull().User.AsOf.ShouldNotBeNull().ShouldBeGreaterThan(opened.Session.Record.CreatedAt);
        _login.CachedUsers().ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Round_Outage_EndsNothing()
    {
        var alice = _directory.Add("alice", "pw");
        var opened = await BeginAsync(alice);
        (_directory.IsDown, alice.State) = (true, AccountStates.Disabled);

        await PassAsync(3 * s_interval, TimeSpan.FromSeconds(30));
        Find(opened).ShouldNotBeNull();
        _audit.Records.ShouldBeEmpty();

        _directory.IsDown = false;
        await PassAsync(s_interval, TimeSpan.FromSeconds(5));
        Find(opened).ShouldBeNull();
    }

    [Fact]
    public async Task Round_BackendThatFailsOrAnswersSomebodyElse_EndsNothing()
    {
        var alice = _directory.Add("alice", "pw");
        var opened = await BeginAsync(alice);
        _directory.Asked = _ => throw new InvalidOperationException("a fault of ours");
        await PassAsync(s_interval, TimeSpan.FromSeconds(30));
        _directory.Asked = _ =>
        {
            alice.Identity = new UserIdentity("ad", "id-alice", "alice", null, null, [], []);
            return Task.CompletedTask;
        };
        await PassAsync(s_interval, TimeSpan.FromSeconds(30));

        Find(opened).ShouldNotBeNull().User.Key.ShouldBe("ad:id-alice");
    }

    [Fact]
    public async Task Round_StoreFailsWhileRolesChange_IsInForceAndWrittenWithTheNextSweep()
    {
        var alice = _directory.Add("alice", "pw", "mobile");
        var opened = await BeginAsync(alice);
        alice.Identity = new UserIdentity("ad", "id-alice", "alice", null, null, [], []);
        _store.IsDown = true;

        await _refresher.RefreshAsync(_chain, opened.Session.User, default);
        Find(opened).ShouldNotBeNull().User.Groups.ShouldBeEmpty();
        _store.IsDown = false;
        await _sessions.SweepAsync(new SessionOptions(), default);

        (await _store.ListAsync(default)).ShouldHaveSingleItem().User.Groups.ShouldBeEmpty();
    }

    [Fact]
    public async Task Round_ThousandUsersAtOnce_AreSpreadOverTheInterval()
    {
        for (var i = 0; i < 1000; i++)
        {
            await BeginAsync(_directory.Add($"user{i}", "pw"));
        }

        var asked = new List<int>();
        for (var round = 0; round < 60; round++)
        {
            var before = _directory.Refreshed.Count;
            await _refresher.RoundAsync(new(_chain, s_interval), default);
            asked.Add(_directory.Refreshed.Count - before);
            _clock.Advance(TimeSpan.FromSeconds(5));
        }

        _directory.Refreshed.Distinct(StringComparer.Ordinal).Count().ShouldBe(1000, "everybody within one interval");
        asked.Max().ShouldBeLessThan(60, "a thousand in 48 rounds are 21 each");
        asked.Sum().ShouldBeLessThan(1600);
    }

    [Fact]
    public async Task Round_ManyAtOnce_AsksAboutTwoAtATime()
    {
        var (now, most) = (0, 0);
        var gate = new Lock();
        _directory.Asked = async _ =>
        {
            lock (gate)
            {
                most = Math.Max(most, ++now);
            }

            await Task.Yield();
            lock (gate)
            {
                now--;
            }
        };
        for (var i = 0; i < 50; i++)
        {
            await BeginAsync(_directory.Add($"user{i}", "pw"));
        }

        await _refresher.RoundAsync(new(_chain, s_interval), default);
        _clock.Advance(s_interval);
        await _refresher.RoundAsync(new(_chain, s_interval), default);

        _directory.Refreshed.Count.ShouldBe(50);
        most.ShouldBeInRange(1, 2);
    }

    [Fact]
    public async Task Round_SessionOfAnOlderRelease_IsAskedAboutAtOnce()
    {
        var alice = _directory.Add("alice", "pw");
        var opened = await BeginAsync(alice);
        var record = opened.Session.Record with { User = alice.Identity };
        await _store.ReplaceAsync(record.Key, record, default);
        var restarted = new LiveSessions(_store, _clock, NullLogger<LiveSessions>.Instance);
        await restarted.RefreshAsync(default);
        var refresher = new AccountRefresher(restarted, _login, new AuditLog(_audit, _clock, NullLogger<AuditLog>.Instance), _clock, NullLogger<AccountRefresher>.Instance);

        await refresher.RoundAsync(new(_chain, s_interval), default);

        _directory.Refreshed.ShouldBe(["id-alice"]);
    }

    [Theory]
    [InlineData(59, 60, true)]
    [InlineData(60, 60, false)]
    [InlineData(61, 60, false)]
    [InlineData(61, 90, true)]
    public async Task Round_BackendThatCannotBeAsked_EndsSessionsProvenTooLongAgo(int minutes, int lifetime, bool stands)
    {
        var script = new ScriptedBackend("helper", "yes");
        _chain = new BackendChain([new ChainLink(_directory), new ChainLink(script)]);
        var old = await BeginAsync(script.Identity);
        var asked = await BeginAsync(_directory.Add("bob", "pw"));
        _clock.Advance(TimeSpan.FromMinutes(minutes - 10));
        var young = await BeginAsync(script.Identity);
        _clock.Advance(TimeSpan.FromMinutes(10));

        await _refresher.RoundAsync(new(_chain, s_interval) { UnconfirmedLifetime = TimeSpan.FromMinutes(lifetime) }, default);

        old.Session.Ended.IsCancellationRequested.ShouldBe(!stands);
        (young.Session.Ended.IsCancellationRequested, asked.Session.Ended.IsCancellationRequested).ShouldBe((false, false));
        (await _store.ListAsync(default)).Count.ShouldBe(stands ? 3 : 2);
        if (!stands)
        {
            var record = _audit.Records.ShouldHaveSingleItem();
            (record.Event, record.Reason, record.Identity).ShouldBe((AuditEvents.Session, "account-ended", script.Identity.Key));
            record.Detail.ShouldBe("the backend cannot be asked about its users; proven longer ago than Login:UnconfirmedLifetime; 1 session ended");
        }
    }

    [Fact]
    public async Task Round_StateThatNobodyMayRead_EndsTheSessionSomeTimeAfterTheLastPassword()
    {
        var bob = _directory.Add("bob", "pw");
        bob.IsStateHidden = true;
        var session = await BeginAsync(bob.Identity);
        var settings = new AccountRefreshSettings(_chain, s_interval) { UnconfirmedLifetime = TimeSpan.FromMinutes(20) };

        // Asked again and again, and nobody says that the account still stands.
        for (var i = 0; i < 12; i++)
        {
            _clock.Advance(TimeSpan.FromMinutes(1));
            await _refresher.RoundAsync(settings, default);
        }

        _directory.Refreshed.Count.ShouldBeGreaterThan(1);
        session.Session.Ended.IsCancellationRequested.ShouldBeFalse();
        session.Session.User.IsStateUnknown.ShouldBeTrue();

        // Another password of hers, in another browser: both go on from there.
        var other = await BeginAsync(bob.Identity);
        for (var i = 0; i < 19; i++)
        {
            _clock.Advance(TimeSpan.FromMinutes(1));
            await _refresher.RoundAsync(settings, default);
        }

        (session.Session.Ended.IsCancellationRequested, other.Session.Ended.IsCancellationRequested).ShouldBe((false, false));
        _clock.Advance(TimeSpan.FromMinutes(1));
        await _refresher.RoundAsync(settings, default);
        (session.Session.Ended.IsCancellationRequested, other.Session.Ended.IsCancellationRequested).ShouldBe((true, true));
        _audit.Records.ShouldAllBe(record => record.Detail == "nobody may read whether the account is still usable; proven longer ago than Login:UnconfirmedLifetime; 1 session ended");
        _audit.Records.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Round_OneBackendHangs_AnotherOnesDisabledUserIsOutAllTheSame()
    {
        var hung = new PeopleBackend("pam");
        var never = new TaskCompletionSource();
        hung.Asked = _ => never.Task;
        _chain = new BackendChain([new ChainLink(hung), new ChainLink(_directory)]);
        for (var i = 0; i < 10; i++)
        {
            await BeginAsync(hung.Add($"user{i}", "pw"));
        }

        _clock.Advance(s_interval);
        var alice = _directory.Add("alice", "pw");
        var opened = await BeginAsync(alice);
        alice.State = AccountStates.Disabled;
        var rounds = new List<Task>();
        for (var passed = TimeSpan.Zero; passed <= s_interval; passed += TimeSpan.FromSeconds(5))
        {
            rounds.Add(_refresher.RoundAsync(new(_chain, s_interval), default));
            _clock.Advance(TimeSpan.FromSeconds(5));
        }

        await Deadline.PollAsync(TimeSpan.FromSeconds(5), () => opened.Session.Ended.IsCancellationRequested);
        opened.Session.Ended.IsCancellationRequested.ShouldBeTrue();
        hung.Refreshed.Count.ShouldBeLessThanOrEqualTo(2, "its own lanes and no more");
        never.SetResult();
        await Task.WhenAll(rounds);
    }

    [Fact]
    public async Task Round_BackendAway_IsLeftAloneForTheRoundAndEverybodyStaysDue()
    {
        for (var i = 0; i < 50; i++)
        {
            await BeginAsync(_directory.Add($"user{i}", "pw"));
        }

        await _refresher.RoundAsync(new(_chain, s_interval), default);
        _directory.Refreshed.Clear();
        _clock.Advance(s_interval);
        _directory.IsDown = true;
        await _refresher.RoundAsync(new(_chain, s_interval), default);
        _directory.Refreshed.Count.ShouldBeInRange(3, 4, "the other lane may have begun one more");

        _directory.IsDown = false;
        var away = _directory.Refreshed.ToArray();
        await _refresher.RoundAsync(new(_chain, s_interval), default);
        _directory.Refreshed.Skip(away.Length).Concat(away).Distinct(StringComparer.Ordinal).Count().ShouldBe(50);
    }

    [Fact]
    public async Task Round_NewBackends_AskAboutEverybodyAtOnceAndOnce()
    {
        for (var i = 0; i < 20; i++)
        {
            await BeginAsync(_directory.Add($"user{i}", "pw"));
        }

        await _refresher.RoundAsync(new(_chain, s_interval), default);
        _directory.Refreshed.Count.ShouldBeLessThan(5);
        _chain = new BackendChain([new ChainLink(_directory) { LimitsServices = true }]);
        _directory.Refreshed.Clear();
        await _refresher.RoundAsync(new(_chain, s_interval), default);
        _directory.Refreshed.Distinct(StringComparer.Ordinal).Count().ShouldBe(20);

        _directory.Refreshed.Clear();
        await _refresher.RoundAsync(new(_chain, s_interval), default);
        _directory.Refreshed.ShouldBeEmpty();
    }

    [Fact]
    public async Task Worker_OnItsOwn_AsksWithinTheInterval()
    {
        var alice = _directory.Add("alice", "pw");
        var opened = await BeginAsync(alice);
        alice.State = AccountStates.Disabled;
        using var worker = new AccountRefreshWorker(_refresher, () => new AccountRefreshSettings(_chain, TimeSpan.FromSeconds(10)), _clock);
        await worker.StartAsync(default);

        for (var i = 0; i < 40 && !opened.Session.Ended.IsCancellationRequested; i++)
        {
            _clock.Advance(TimeSpan.FromMilliseconds(500));
            await Deadline.PollAsync(TimeSpan.FromSeconds(5), () => _clock.ActiveTimers > 0 || opened.Session.Ended.IsCancellationRequested);
        }

        await Deadline.PollAsync(TimeSpan.FromSeconds(5), () => opened.Session.Ended.IsCancellationRequested);
        opened.Session.Ended.IsCancellationRequested.ShouldBeTrue();
        await worker.StopAsync(default);
    }

    private async Task PassAsync(TimeSpan time, TimeSpan step, TimeSpan? interval = null)
    {
        for (var passed = TimeSpan.Zero; passed <= time; passed += step)
        {
            await _refresher.RoundAsync(new(_chain, interval ?? s_interval), default);
            _clock.Advance(step);
        }
    }

    private static ActForTable Postmasters()
    {
        string[] nobody = [];
        return new ActForTable(
            [new ActForGrant(nobody.ToFrozenSet(StringComparer.OrdinalIgnoreCase), Set("postmasters"), Set("example.com"), IsForAll: false, Set("webmail"), NetworkSet.Any)], nobody, TimeSpan.FromHours(1));

        static FrozenSet<string> Set(string one) => new[] { one }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);
    }

    private ValueTask<OpenedSession> BeginAsync(Person person) => BeginAsync(person.Identity);

    private ValueTask<OpenedSession> BeginAsync(UserIdentity user) => _sessions.BeginAsync(
        new SessionStart("mail.example.com", user, FactorSet.Password, false, null, "192.0.2.1", "Browser"), new SessionOptions(), default);

    private Session? Find(OpenedSession opened) => _sessions.Find(opened.Token, "mail.example.com", new SessionOptions { Idle = TimeSpan.FromHours(1) });

    private ValueTask<LoginResult> ProveAsync(string login, string password)
    {
        UserName.TryParse(login, out var name).ShouldBeTrue();
        return _login.ProveAsync(
            new LoginRequest(
                _chain, 1, LockoutPolicy.From(new LockoutOptions()), new LoginOptions { FailureFloor = TimeSpan.Zero, CacheLifetime = TimeSpan.FromMinutes(10) }, name, Secret.FromText(password),
                IPAddress.Parse("192.0.2.1"), "webmail", null),
            default);
    }
}
