using System.Collections.Frozen;
using System.Net;
using AuthGateway.Core.Audit;
using AuthGateway.Core.Backends;
using AuthGateway.Core.Faults;
using AuthGateway.Core.Identities;
using AuthGateway.Core.Lockout;
using AuthGateway.Core.Login;
using AuthGateway.Core.Login.ActFor;
using AuthGateway.Core.Networks;
using AuthGateway.Core.Policies;
using AuthGateway.Core.Sessions;
using AuthGateway.TestKit;
using AuthGateway.TestKit.Stores;
using AuthGateway.Tests.Core.Backends;
using Microsoft.Extensions.Logging.Abstractions;

namespace AuthGateway.Tests.Core.Login.ActFor;

public sealed class ActingFlowTests
{
    private const string Host = "mail.example.com";

    private readonly ManualTimeProvider _clock = new();
    private readonly InMemorySessionStore _store = new();
    private readonly InMemoryAuditStore _trail = new();
    private readonly PeopleBackend _people = new("ad");
    private readonly LiveSessions _sessions;
    private readonly ActForFlow _resolving;
    private readonly ActingFlow _flow;
    private readonly UserIdentity _carol;
    private readonly Person _anna;

    public ActingFlowTests()
    {
        _sessions = new LiveSessions(_store, _clock, NullLogger<LiveSessions>.Instance);
        var login = new LoginFlow(new LockoutGuard(new InMemoryLockoutStore(), _clock, NullLogger<LockoutGuard>.Instance), _clock, NullLogger<LoginFlow>.Instance);
        _resolving = new ActForFlow(login, _clock, NullLogger<ActForFlow>.Instance);
        _flow = new ActingFlow(_resolving, _sessions, new AuditLog(_trail, _clock, NullLogger<AuditLog>.Instance), _clock, NullLogger<ActingFlow>.Instance);
        _carol = _people.Add("carol", "pw", "postmasters").Identity;
        _anna = _people.Add("anna", "pw");
        _people.Add("grace", "pw", "postmasters");
    }

    [Fact]
    public async Task Begin_HolderOfTheRight_ActsUnderANewTokenForAShortWhile()
    {
        var own = await OpenAsync();

        var opened = (await BeginAsync(own, "anna@example.com")).ShouldBeOfType<SignInResult.Refused>("the directory of this test knows logins only");
        opened.Reason.ShouldBe(VerdictReason.ActForDenied);
        var begun = (await BeginAsync(own, "anna")).ShouldBeOfType<SignInResult.Proven>().Opened;

        (begun.Session.User.Login, begun.Session.ActsFor!.Login, begun.Session.Id).ShouldBe(("carol", "anna", own.Session.Id));
        (begun.Session.Record.EndsAt - _clock.GetUtcNow()).ShouldBe(TimeSpan.FromMinutes(60));
        own.Session.Ended.IsCancellationRequested.ShouldBeTrue("what ran as carol must not be answered to anna's browser");
        (Find(own), Find(begun)).ShouldBe((null, begun.Session));
        var record = _trail.Records[^1];
        (record.Event, record.Reason, record.Verdict, record.Identity, record.TypedName, record.ActedBy).ShouldBe(
            (AuditEvents.Session, "act-for-begun", "allow", "ad:id-anna", "anna", new AuditActor("ad:id-carol", "carol")));
        record.Detail.ShouldBe($"because: ticket 17; session {own.Session.Id}");
    }

    [Fact]
    public async Task Begin_NearTheEndOfTheSession_ProlongsNothing()
    {
        var own = await OpenAsync();
        _clock.Advance(TimeSpan.FromHours(11.5));
        own = (await _sessions.StepUpAsync(own.Session, own.Token, FactorSet.Totp, Options, default)).ShouldNotBeNull();

        var begun = (await BeginAsync(own, "anna")).ShouldBeOfType<SignInResult.Proven>().Opened;

        begun.Session.Record.EndsAt.ShouldBe(own.Session.Record.EndsAt);
    }

    [Fact]
    public async Task Begin_TimeOver_TheSessionEnds()
    {
        var begun = (await BeginAsync(await OpenAsync(), "anna")).ShouldBeOfType<SignInResult.Proven>().Opened;

        _clock.Advance(TimeSpan.FromMinutes(59.9));
        Find(begun).ShouldNotBeNull();
        _clock.Advance(TimeSpan.FromMinutes(0.1));
        Find(begun).ShouldBeNull();
    }

    [Theory]
    [InlineData("no right")]
    [InlineData("proven long ago")]
    [InlineData("pending")]
    [InlineData("acting already")]
    [InlineData("no reason")]
    [InlineData("long reason")]
    [InlineData("himself")]
    [InlineData("holder")]
    [InlineData("unknown")]
    [InlineData("disabled")]
    [InlineData("another service")]
    [InlineData("not served")]
    public async Task Begin_AnythingElse_IsRefusedAlikeAndWrittenDown(string fault)
    {
        var own = await OpenAsync(fault == "no right" ? _people.Add("bob", "pw").Identity : _carol, pending: fault == "pending");
        if (fault == "acting already")
        {
            own = (await _sessions.ActForAsync(own.Session, own.Token, _anna.Identity, own.Session.Record.EndsAt, default)).ShouldNotBeNull();
        }

        _anna.State = fault == "disabled" ? AccountStates.Disabled : null;
        _clock.Advance(fault == "proven long ago" ? TimeSpan.FromSeconds(301) : TimeSpan.FromSeconds(299));
        var reason = fault switch { "no reason" => " ", "long reason" => new string('x', 201), _ => "ticket 17" };
        var target = fault switch { "himself" => "carol", "holder" => "grace", "unknown" => "nobody", _ => "anna" };

        var result = await BeginAsync(
            own, target, reason, fault == "another service" ? "other" : "webmail", fault == "not served" ? new ChainLink(_people) { LimitsServices = true } : new ChainLink(_people));

        result.ShouldBeOfType<SignInResult.Refused>().Reason.ShouldBe(VerdictReason.ActForDenied);
        _sessions.All().ShouldHaveSingleItem().ActsFor?.Login.ShouldBe(fault == "acting already" ? "anna" : null);
        var record = _trail.Records.ShouldHaveSingleItem();
        (record.Event, record.Reason, record.Verdict, record.ActedBy!.Login).ShouldBe((AuditEvents.Refusal, "act-for-denied", "deny", fault == "no right" ? "bob" : "carol"));
    }

    [Theory]
    [InlineData("audit")]
    [InlineData("sessions")]
    public async Task Begin_NotWrittenDown_DoesNotHappen(string broken)
    {
        var own = await OpenAsync();
        (_trail.IsDown, _store.IsDown) = (broken == "audit", broken == "sessions");

        (await BeginAsync(own, "anna")).ShouldBeOfType<SignInResult.Unavailable>().Reason.ShouldBe(VerdictReason.StoreUnavailable);

        Find(own)!.ActsFor.ShouldBeNull();
        _trail.Records.Select(record => (record.Reason, record.Verdict)).ShouldBe(broken == "audit" ? [] : [("act-for-begun", "allow"), ("act-for-begun", "failed")]);
    }

    [Fact]
    public async Task Begin_DirectoryAway_IsNoRefusal()
    {
        var own = await OpenAsync();
        _people.IsDown = true;

        (await BeginAsync(own, "anna")).ShouldBeOfType<SignInResult.Unavailable>().Reason.ShouldBe(VerdictReason.BackendUnavailable);
    }

    [Fact]
    public async Task Begin_RevokedMeanwhile_OpensNothing()
    {
        var own = await OpenAsync();
        await _sessions.EndAsync(own.Session.Id, default);

        (await BeginAsync(own, "anna")).ShouldBeOfType<SignInResult.Refused>().Reason.ShouldBe(VerdictReason.SessionEnded);
        _sessions.All().ShouldBeEmpty();
        (_trail.Records[^1].Reason, _trail.Records[^1].Verdict, _trail.Records[^1].Detail).ShouldBe(("act-for-begun", "failed", $"the session was ended meanwhile; session {own.Session.Id}"));
    }

    [Fact]
    public async Task End_WhoActs_IsHimselfAgainUntilHisOwnEnd()
    {
        var own = await OpenAsync();
        var begun = (await BeginAsync(own, "anna")).ShouldBeOfType<SignInResult.Proven>().Opened;

        var back = (await _flow.EndAsync(begun.Session, begun.Token, Context, default)).ShouldNotBeNull();

        (back.Session.ActsFor, back.Session.Record.EndsAt, back.Session.Id).ShouldBe((null, own.Session.Record.EndsAt, own.Session.Id));
        begun.Session.Ended.IsCancellationRequested.ShouldBeTrue();
        (Find(begun), Find(back)).ShouldBe((null, back.Session));
        (_trail.Records[^1].Reason, _trail.Records[^1].Identity, _trail.Records[^1].ActedBy!.Login).ShouldBe(("act-for-ended", "ad:id-anna", "carol"));
        (await _flow.EndAsync(back.Session, back.Token, Context, default)).ShouldBeNull("he acts for nobody");
    }

    [Fact]
    public async Task End_NotWrittenDown_GoesOnAndIsSaid()
    {
        var begun = (await BeginAsync(await OpenAsync(), "anna")).ShouldBeOfType<SignInResult.Proven>().Opened;
        _store.IsDown = true;

        await Should.ThrowAsync<StoreUnavailableException>(async () => await _flow.EndAsync(begun.Session, begun.Token, Context, default));

        Find(begun)!.ActsFor!.Login.ShouldBe("anna");
        (_trail.Records[^1].Reason, _trail.Records[^1].Verdict, _trail.Records[^1].Identity).ShouldBe(("act-for-ended", "failed", "ad:id-anna"));
    }

    [Theory]
    [InlineData("target")]
    [InlineData("actor")]
    public async Task EndAll_OfEither_EndsTheSession(string whose)
    {
        var begun = (await BeginAsync(await OpenAsync(), "anna")).ShouldBeOfType<SignInResult.Proven>().Opened;

        await _sessions.EndAllOfAsync(whose == "target" ? _anna.Identity.Key : _carol.Key, null, default);

        begun.Session.Ended.IsCancellationRequested.ShouldBeTrue();
        (await _store.ListAsync(default)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Restart_SessionThatActs_GoesOnActing()
    {
        var begun = (await BeginAsync(await OpenAsync(), "anna")).ShouldBeOfType<SignInResult.Proven>().Opened;
        var second = new LiveSessions(_store, _clock, NullLogger<LiveSessions>.Instance);
        await second.RefreshAsync(default);

        (second.Find(begun.Token, Host, Options)!.User.Login, second.Find(begun.Token, Host, Options)!.ActsFor!.Login).ShouldBe(("carol", "anna"));
        second.OfUser(_anna.Identity.Key, Options).ShouldBeEmpty("it is carol's session");
    }

    [Fact]
    public async Task Cookies_OfTheOne_AreNotTheOthers()
    {
        var own = await OpenAsync();
        (own.Session.MeetsFirst("webmail"), own.Session.MeetsFirst("webmail")).ShouldBe((true, false));
        own.Session.KeepCookie("sid");
        var begun = (await BeginAsync(own, "anna")).ShouldBeOfType<SignInResult.Proven>().Opened;

        (begun.Session.OwnsCookie("sid"), begun.Session.MeetsFirst("webmail")).ShouldBe((false, true));
        begun.Session.KeepCookie("sid");
        var back = (await _flow.EndAsync(begun.Session, begun.Token, Context, default)).ShouldNotBeNull();
        (back.Session.OwnsCookie("sid"), back.Session.MeetsFirst("webmail")).ShouldBe((false, true));
    }

    /// <summary>Unknown or out of reach: the answer takes as long, whatever the directory took.</summary>
    [Theory]
    [InlineData("nobody")]
    [InlineData("grace")]
    public async Task Resolve_Refused_WaitsForTheFloor(string target)
    {
        UserName.TryParse(target, out var name).ShouldBeTrue();
        var answer = _resolving.ResolveAsync(
            new ActForRequest(Rights, new BackendChain([new ChainLink(_people)]), 1, new LoginOptions(), _carol, name!, "webmail", IPAddress.Loopback), default).AsTask();

        _clock.Advance(TimeSpan.FromMilliseconds(249));
        answer.IsCompleted.ShouldBeFalse();
        _clock.Advance(TimeSpan.FromMilliseconds(87));
        (await answer).ShouldBeOfType<LoginResult.Refused>().Reason.ShouldBe(VerdictReason.ActForDenied);
    }

    private static SessionOptions Options { get; } = new() { Idle = TimeSpan.FromDays(1) };

    private static ActForTable Rights { get; } = new(
        [
            new ActForGrant(
                FrozenSet<string>.Empty, new[] { "postmasters" }.ToFrozenSet(StringComparer.OrdinalIgnoreCase), new[] { "example.com" }.ToFrozenSet(StringComparer.OrdinalIgnoreCase), IsForAll: false,
                new[] { "webmail" }.ToFrozenSet(StringComparer.Ordinal), NetworkSet.Any),
        ],
        [],
        TimeSpan.FromMinutes(60));

    private static SignInContext Context { get; } = new(
        "r1", Host, IPAddress.Parse("192.0.2.1"), "Browser", Options, LockoutPolicy.From(new LockoutOptions()), new AuthGateway.Core.Factors.FactorPolicy { Issuer = "Example" });

    private async Task<OpenedSession> OpenAsync(UserIdentity? user = null, bool pending = false) =>
        await _sessions.BeginAsync(new SessionStart(Host, user ?? _carol, FactorSet.Password, pending, null, "192.0.2.1", null), Options, default);

    private async Task<SignInResult> BeginAsync(OpenedSession own, string target, string reason = "ticket 17", string service = "webmail", ChainLink? link = null)
    {
        UserName.TryParse(target, out var name).ShouldBeTrue();
        return await _flow.BeginAsync(
            new ActingStart(own.Session, own.Token, Rights, new BackendChain([link ?? new ChainLink(_people)]), 1, new LoginOptions { FailureFloor = TimeSpan.Zero }, [service], name!, reason),
            Context,
            default);
    }

    private Session? Find(OpenedSession opened) => _sessions.Find(opened.Token, Host, Options);
}
