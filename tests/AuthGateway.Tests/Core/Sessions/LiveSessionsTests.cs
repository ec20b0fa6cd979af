using AuthGateway.Core.Faults;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Policies;
using AuthGateway.Core.Sessions;
using AuthGateway.TestKit;
using AuthGateway.TestKit.Stores;
using Microsoft.Extensions.Logging.Abstractions;

namespace AuthGateway.Tests.Core.Sessions;

public sealed class LiveSessionsTests
{
    private const string Host = "mail.example.com";
    private static readonly UserIdentity Anna = new("ad", "1", "anna", null, null, [], []);
    private static readonly UserIdentity Bob = new("ad", "2", "bob", null, null, [], []);

    private readonly ManualTimeProvider _clock = new();
    private readonly InMemorySessionStore _store = new();
    private readonly SessionOptions _options = new();
    private readonly LiveSessions _sessions;

    public LiveSessionsTests() => _sessions = Restarted();

    [Fact]
    public async Task Find_ItsTokenAndHost_IsTheSession()
    {
        var opened = await BeginAsync();

        Find(opened.Token).ShouldBeSameAs(opened.Session);
        _sessions.Find(opened.Token, "other.example.com", _options).ShouldBeNull();
        Find(SessionToken.New()).ShouldBeNull();
        (await _store.ListAsync(default)).ShouldHaveSingleItem().Key.ShouldBe(opened.Token.Key);
    }

    [Fact]
    public async Task Find_UnusedForTheIdleTime_HasEnded()
    {
        var used = await BeginAsync();
        var unused = await BeginAsync();

        _clock.Advance(_options.Idle - TimeSpan.FromSeconds(1));
        Find(used.Token).ShouldNotBeNull();
        _clock.Advance(TimeSpan.FromSeconds(1));

        Find(used.Token).ShouldNotBeNull();
        Find(unused.Token).ShouldBeNull();
    }

    [Fact]
    public async Task Find_BusyPastTheAbsoluteEnd_HasEnded()
    {
        var opened = await BeginAsync();
        for (var passed = TimeSpan.FromMinutes(10); passed < _options.Absolute; passed += TimeSpan.FromMinutes(10))
        {
            _clock.Advance(TimeSpan.FromMinutes(10));
            Find(opened.Token).ShouldNotBeNull();
        }

        _clock.Advance(TimeSpan.FromMinutes(10));
        Find(opened.Token).ShouldBeNull();
    }

    [Fact]
    public async Task Find_Pending_EndsAfterFiveMinutesHoweverBusy()
    {
        var opened = await BeginAsync(pending: true);

        _clock.Advance(LiveSessions.PendingLifetime - TimeSpan.FromSeconds(1));
        Find(opened.Token).ShouldNotBeNull();
        _clock.Advance(TimeSpan.FromSeconds(1));
        Find(opened.Token).ShouldBeNull();
    }

    [Theory]
    [InlineData(-60)]
    [InlineData(-60 * 24)]
    public async Task Find_ClockSetBack_IsNoLongerLife(int minutes)
    {
        var idle = await BeginAsync();
        var busy = await BeginAsync();
        _clock.JumpWall(TimeSpan.FromMinutes(minutes));
        Find(idle.Token).ShouldNotBeNull();

        _clock.Advance(_options.Idle);
        Find(idle.Token).ShouldBeNull();

        var other = await BeginAsync();
        _clock.JumpWall(TimeSpan.FromMinutes(minutes));
        for (var passed = TimeSpan.Zero; passed < _options.Absolute; passed += TimeSpan.FromMinutes(20))
        {
            Find(other.Token).ShouldNotBeNull();
            _clock.Advance(TimeSpan.FromMinutes(20));
        }

        Find(other.Token).ShouldBeNull();
        Find(busy.Token).ShouldBeNull();
    }

    [Fact]
    public async Task Find_ClockSetForward_EndsEarlierAtMost()
    {
        var opened = await BeginAsync();
        _clock.JumpWall(TimeSpan.FromMinutes(29));
        Find(opened.Token).ShouldNotBeNull();
        _clock.JumpWall(TimeSpan.FromHours(13));
        Find(opened.Token).ShouldBeNull();
    }

    [Fact]
    public async Task Begin_OneMoreThanAllowed_EndsTheOneUnusedForLongest()
    {
        _options.PerUser = 3;
        var opened = new List<OpenedSession>();
        for (var i = 0; i < 3; i++)
        {
            opened.Add(await BeginAsync());
            _clock.Advance(TimeSpan.FromSeconds(1));
        }

        Find(opened[0].Token).ShouldNotBeNull();
        var bobs = await BeginAsync(Bob);
        var fourth = await BeginAsync();

        Find(opened[1].Token).ShouldBeNull();
        opened[1].Session.Ended.IsCancellationRequested.ShouldBeTrue();
        foreach (var kept in (OpenedSession[])[opened[0], opened[2], fourth, bobs])
        {
            Find(kept.Token).ShouldNotBeNull();
        }

        (await _store.ListAsync(default)).Count.ShouldBe(4);
    }

    [Fact]
    public async Task MeetsFirst_EachServiceOnce_AgainAfterAFailure_AndKeepsItOverAStepUp()
    {
        var opened = await BeginAsync(pending: true);
        opened.Session.MeetsFirst("mail").ShouldBeTrue();
        opened.Session.MeetsFirst("mail").ShouldBeFalse();
        opened.Session.ForgetMeeting("mail");
        opened.Session.MeetsFirst("mail").ShouldBeTrue();
        opened.Session.KeepCookie("theirs");
        var next = (await _sessions.StepUpAsync(opened.Session, opened.Token, FactorSet.Totp, _options, default)).ShouldNotBeNull();
        next.Session.MeetsFirst("mail").ShouldBeFalse();
        (next.Session.OwnsCookie("theirs"), next.Session.OwnsCookie("mail")).ShouldBe((true, false));
    }

    [Fact]
    public async Task Begin_ManyPending_SignNobodyOut()
    {
        _options.PerUser = 2;
        var complete = await BeginAsync();
        var pending = new List<OpenedSession>();
        for (var i = 0; i < 3; i++)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            pending.Add(await BeginAsync(pending: true));
        }

        Find(complete.Token).ShouldNotBeNull();
        Find(pending[0].Token).ShouldBeNull();
        Find(pending[1].Token).ShouldNotBeNull();
    }

    [Fact]
    public async Task Begin_ManyWithThePasswordAlone_EndNoneThatProvedTwoFactors()
    {
        _options.PerUser = 2;
        var pending = await BeginAsync(pending: true);
        var strong = (await _sessions.StepUpAsync(pending.Session, pending.Token, FactorSet.Totp, _options, default)).ShouldNotBeNull();
        for (var i = 0; i < 4; i++)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            await BeginAsync();
        }

        Find(strong.Token).ShouldNotBeNull();
        (await _store.ListAsync(default)).Count.ShouldBe(3);
    }

    [Fact]
    public async Task StepUp_OfOneMoreThanAllowed_EndsTheOneUnusedForLongest()
    {
        _options.PerUser = 2;
        var opened = new List<OpenedSession>();
        for (var i = 0; i < 3; i++)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            var pending = await BeginAsync(pending: true);
            opened.Add((await _sessions.StepUpAsync(pending.Session, pending.Token, FactorSet.Totp, _options, default)).ShouldNotBeNull());
        }

        Find(opened[0].Token).ShouldBeNull();
        Find(opened[1].Token).ShouldNotBeNull();
        var again = (await _sessions.StepUpAsync(opened[2].Session, opened[2].Token, FactorSet.Totp, _options, default)).ShouldNotBeNull();
        Find(again.Token).ShouldNotBeNull();
        Find(opened[1].Token).ShouldNotBeNull();
    }

    [Fact]
    public async Task Begin_StoreDown_IsNoSession()
    {
        _store.IsDown = true;

        await Should.ThrowAsync<StoreUnavailableException>(async () => await BeginAsync());

        _sessions.Count.ShouldBe(0);
    }

    [Fact]
    public async Task Begin_LongUserAgent_KeepsItsBeginning()
    {
        var opened = await _sessions.BeginAsync(new SessionStart(Host, Anna, FactorSet.Password, false, null, "192.0.2.1", new string('x', 1000)), _options, default);

        opened.Session.Record.UserAgent.Length.ShouldBe(256);
    }

    [Fact]
    public async Task StepUp_Session_HasANewTokenAndTheOldOneIsDead()
    {
        var opened = await BeginAsync(pending: true, password: "secret");
        _clock.Advance(TimeSpan.FromMinutes(2));

        var next = (await _sessions.StepUpAsync(opened.Session, opened.Token, FactorSet.Totp, _options, default)).ShouldNotBeNull();

        Find(opened.Token).ShouldBeNull();
        var session = Find(next.Token).ShouldNotBeNull();
        (session.Id, session.Proven, session.IsPending).ShouldBe((opened.Session.Id, FactorSet.Password | FactorSet.Totp, false));
        session.Record.EndsAt.ShouldBe(opened.Session.Record.CreatedAt + _options.Absolute);
        session.Record.ProvenAt.ShouldBe(_clock.GetUtcNow());
        session.OpenPassword(next.Token).ShouldNotBeNull().FixedTimeEquals(Secret.FromText("secret")).ShouldBeTrue();
        session.OpenPassword(opened.Token).ShouldBeNull();
        opened.Session.Ended.IsCancellationRequested.ShouldBeFalse();
        (await _store.ListAsync(default)).ShouldHaveSingleItem().Key.ShouldBe(next.Token.Key);
    }

    [Fact]
    public async Task StepUp_RevokedBefore_ComesToNothing()
    {
        var opened = await BeginAsync();
        await _sessions.EndAsync(opened.Session.Id, default);

        (await _sessions.StepUpAsync(opened.Session, opened.Token, FactorSet.Totp, _options, default)).ShouldBeNull();

        _sessions.Count.ShouldBe(0);
        (await _store.ListAsync(default)).ShouldBeEmpty();
    }

    [Fact]
    public async Task StepUp_RevokedByAnotherProcess_ComesToNothing()
    {
        var opened = await BeginAsync();
        await _store.RemoveAsync([opened.Session.Id], default);

        (await _sessions.StepUpAsync(opened.Session, opened.Token, FactorSet.Totp, _options, default)).ShouldBeNull();
    }

    [Fact]
    public async Task StepUp_RacedByRevocations_NeverLeavesALiveSession()
    {
        for (var round = 0; round < 50; round++)
        {
            var opened = await BeginAsync();
            var stepping = Task.Run(async () => await _sessions.StepUpAsync(opened.Session, opened.Token, FactorSet.Totp, _options, default));
            var ending = Task.Run(async () => await _sessions.EndAsync(opened.Session.Id, default));
            await Task.WhenAll(stepping, ending);

            if (await stepping is { } next)
            {
                Find(next.Token).ShouldBeNull();
            }

            opened.Session.Ended.IsCancellationRequested.ShouldBeTrue();
            _sessions.Count.ShouldBe(0);
            (await _store.ListAsync(default)).ShouldBeEmpty();
        }
    }

    [Fact]
    public async Task StepUp_TwiceAtOnce_OneWins()
    {
        var opened = await BeginAsync();

        var steps = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(
            async () => await _sessions.StepUpAsync(opened.Session, opened.Token, FactorSet.Totp, _options, default))));

        steps.Count(step => step is not null).ShouldBe(1);
        _sessions.Count.ShouldBe(1);
    }

    [Fact]
    public async Task StepUp_StoreDown_LeavesTheOldSession()
    {
        var opened = await BeginAsync();
        _store.IsDown = true;

        await Should.ThrowAsync<StoreUnavailableException>(async () => await _sessions.StepUpAsync(opened.Session, opened.Token, FactorSet.Totp, _options, default));

        Find(opened.Token).ShouldBeSameAs(opened.Session);
    }

    [Fact]
    public async Task End_OneOrAllOfAUser_CutsWhatRuns()
    {
        var first = await BeginAsync();
        var second = await BeginAsync();
        var third = await BeginAsync();
        var bobs = await BeginAsync(Bob);

        (await _sessions.EndAsync(first.Session.Id, default)).ShouldBeTrue();
        (await _sessions.EndAsync(first.Session.Id, default)).ShouldBeFalse();
        (await _sessions.EndAllOfAsync(Anna.Key, second.Session.Id, default)).ShouldBeTrue();
        (await _sessions.EndAllOfAsync(Anna.Key, second.Session.Id, default)).ShouldBeFalse();

        (first.Session.Ended.IsCancellationRequested, third.Session.Ended.IsCancellationRequested).ShouldBe((true, true));
        Find(third.Token).ShouldBeNull();
        Find(second.Token).ShouldNotBeNull();
        Find(bobs.Token).ShouldNotBeNull();
        _sessions.OfUser(Anna.Key, _options).ShouldBe([second.Session]);
    }

    [Fact]
    public async Task End_StoreDown_StaysEndedAndIsRemovedLater()
    {
        var opened = await BeginAsync();
        _store.IsDown = true;
        await Should.ThrowAsync<StoreUnavailableException>(async () => await _sessions.EndAsync(opened.Session.Id, default));
        Find(opened.Token).ShouldBeNull();

        _store.IsDown = false;
        await _sessions.RefreshAsync(default);
        Find(opened.Token).ShouldBeNull();

        await _sessions.SweepAsync(_options, default);
        (await _store.ListAsync(default)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Refresh_RemovedByAnotherProcess_EndsItHereToo()
    {
        var gone = await BeginAsync();
        var kept = await BeginAsync();
        await _store.RemoveAsync([gone.Session.Id], default);

        await _sessions.RefreshAsync(default);

        Find(gone.Token).ShouldBeNull();
        gone.Session.Ended.IsCancellationRequested.ShouldBeTrue();
        Find(kept.Token).ShouldBeSameAs(kept.Session);
    }

    [Fact]
    public async Task Refresh_AfterARestart_TakesSessionsOverWithTheirAge()
    {
        var opened = await BeginAsync(password: "secret");
        _clock.Advance(TimeSpan.FromMinutes(20));
        var restarted = Restarted();
        await restarted.RefreshAsync(default);
        restarted.Find(opened.Token, Host, _options).ShouldNotBeNull().OpenPassword(opened.Token).ShouldNotBeNull();

        var later = Restarted();
        await later.RefreshAsync(default);
        _clock.Advance(TimeSpan.FromMinutes(10));
        later.Find(opened.Token, Host, _options).ShouldBeNull();
    }

    [Fact]
    public async Task Sweep_UsedAndEnded_AreWrittenDownAndRemoved()
    {
        var used = await BeginAsync();
        await BeginAsync(Bob);
        _clock.Advance(_options.Idle - TimeSpan.FromSeconds(1));
        Find(used.Token).ShouldNotBeNull();
        var seen = _clock.GetUtcNow();
        _clock.Advance(TimeSpan.FromSeconds(1));

        await _sessions.SweepAsync(_options, default);

        var kept = (await _store.ListAsync(default)).ShouldHaveSingleItem();
        (kept.Id, kept.SeenAt).ShouldBe((used.Session.Id, seen));
        _sessions.Count.ShouldBe(1);
    }

    private LiveSessions Restarted() => new(_store, _clock, NullLogger<LiveSessions>.Instance);

    private Session? Find(SessionToken token) => _sessions.Find(token, Host, _options);

    private ValueTask<OpenedSession> BeginAsync(UserIdentity? user = null, bool pending = false, string? password = null) => _sessions.BeginAsync(
        new SessionStart(Host, user ?? Anna, FactorSet.Password, pending, password is null ? null : Secret.FromText(password), "192.0.2.1", "Browser"), _options, default);
}
